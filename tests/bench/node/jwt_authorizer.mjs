// jwt-authorizer in JavaScript, as it is usually written: aws-jwt-verify with keys that are given to it at the start.
//
// It checks, answers and logs what the Rust function does, and reads the same deny list with the AWS SDK; without the
// variable REVOCATIONS_TABLE there is none, and the SDK is not loaded. It does less otherwise: no other places of a token
// than MQTT's password, no published keys, no keys of devices, JSON as lenient as JSON.parse, and no PS256, which
// aws-jwt-verify does not have. The loop at the end replaces aws-lambda-ric, which is not needed to measure.

import { createHash } from "node:crypto";
import http from "node:http";

import { JwtVerifier } from "aws-jwt-verify";

const env = process.env;
const FUNCTION = env.AWS_LAMBDA_FUNCTION_NAME;
const ARN = env.IOT_ARN_PREFIX;
const TABLE = env.REVOCATIONS_TABLE;
const REFRESH = Number(env.SESSION_REFRESH_SECONDS ?? 300);
const LEEWAY = 30;
const LONGEST = 86400;
const NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const PLACED = /^sci-(.+)-[a-zA-Z0-9_]{1,32}-[^-]+$/;
const ALGORITHMS = new Set(["RS256", "ES256", "ES384", "EdDSA"]);

// What a thing says and hears with each scope. {} is the thing's name.
const TOPICS = {
  "telemetry:publish": [["sensors/{}/data", "sci/properties/{}/environmental"], []],
  "security:publish": [["sci/properties/{}/security"], []],
  "commands:subscribe": [[], ["sci/properties/{}/commands/*"]],
  "shadow:read": [["$aws/things/{}/shadow/get", "$aws/things/{}/shadow/name/*/get"], ["$aws/things/{}/shadow/*"]],
  "shadow:write": [
    ["$aws/things/{}/shadow/update", "$aws/things/{}/shadow/name/*/update"],
    ["$aws/things/{}/shadow/update/*", "$aws/things/{}/shadow/name/*/update/*"],
  ],
  "jobs:execute": [
    ["$aws/things/{}/jobs/get", "$aws/things/{}/jobs/start-next", "$aws/things/{}/jobs/*/get", "$aws/things/{}/jobs/*/update"],
    ["$aws/things/{}/jobs/*"],
  ],
  "certificate:rotate": [
    ["sci/properties/{}/certificate/csr", "sci/properties/{}/certificate/commit"],
    ["sci/properties/{}/certificate/*"],
  ],
};
const ESCAPES = { Z: "ZZ", "-": "Zh", _: "Zu", ":": "Zc" };
const DENIED = {
  isAuthenticated: false, principalId: "denied", disconnectAfterInSeconds: 300, refreshAfterInSeconds: 300, policyDocuments: [],
};

class Denial extends Error {}

const issuers = JSON.parse(env.JWT_ISSUERS);
// The library answers the claims alone; this is how it shows the header.
let verifiedHeader;
const customJwtCheck = ({ header }) => { verifiedHeader = header; };
// A list even of one: only then may keys be given for each issuer. Nothing is ever fetched.
const verifier = JwtVerifier.create(issuers.map(({ issuer, audience }) => (
  { issuer, audience, graceSeconds: LEEWAY, jwksUri: "https://keys.invalid/jwks.json", customJwtCheck }
)));
for (const { issuer, keys } of issuers) {
  // One key that it does not know would make it refuse the others.
  verifier.cacheJwks({ keys: keys.inline.keys.filter(({ alg }) => ALGORITHMS.has(alg)) }, issuer);
}

let revocations;
if (TABLE) {
  const { BatchGetItemCommand, DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
  const dynamodb = new DynamoDBClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 700, requestTimeout: 1200 } });
  revocations = (Keys) => dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } }));
}

function verified(token) {
  if (token.length > 8192) throw new Denial("too-long");
  try {
    const claims = verifier.verifySync(token);
    return { header: verifiedHeader, claims };
  } catch (error) {
    throw new Denial(error.name);
  }
}

function checked(claims, clientId) {
  const { sub: thing, property_id: property, iat, exp, scope } = claims;
  if (!NAME.test(thing) || typeof property !== "string" || !NAME.test(property)) throw new Denial("sub-not-thing-name");
  const placed = PLACED.exec(thing);
  if (placed && placed[1] !== property) throw new Denial("property-mismatch");
  if (clientId !== undefined && clientId !== thing) throw new Denial("client-id-mismatch");
  if (typeof iat !== "number" || typeof exp !== "number" || exp <= iat || exp - iat > LONGEST) throw new Denial("lifetime-too-long");
  if (iat > Date.now() / 1000 + LEEWAY) throw new Denial("issued-in-future");
  if (typeof scope !== "string") throw new Denial("scope-not-text");
  const words = scope.split(" ");
  const scopes = Object.keys(TOPICS).filter((known) => words.includes(known));
  if (scopes.length === 0) throw new Denial("no-scope");
  return { thing, scopes };
}

function counts(entry, issuedAt, now) {
  const malformed = (attribute) => attribute !== undefined && !/^\d+$/.test(attribute.N);
  if (malformed(entry.expires_at) || malformed(entry.issued_before)) return true;
  return (!entry.expires_at || now < Number(entry.expires_at.N)) && (!entry.issued_before || issuedAt < Number(entry.issued_before.N));
}

async function refuseRevoked(header, claims, now) {
  const { iss, sub, jti, iat } = claims;
  const subjects = [`issuer#${iss}`, `kid#${iss}#${header.kid}`, `thing#${sub}`];
  if (jti !== undefined) subjects.push(`jti#${iss}#${jti}`);
  const answer = await revocations(subjects.map((subject) => ({ subject: { S: subject } })));
  if (Object.keys(answer.UnprocessedKeys ?? {}).length > 0) throw new Denial("store-failed");
  if ((answer.Responses[TABLE] ?? []).some((entry) => counts(entry, iat, now))) throw new Denial("revoked");
}

function document(allowed) {
  const statements = allowed.filter(([, , names]) => names.length > 0).map(([Action, kind, names]) => (
    { Effect: "Allow", Action, Resource: names.map((name) => `${ARN}:${kind}/${name}`) }
  ));
  return { Version: "2012-10-17", Statement: statements };
}

function policies(thing, scopes) {
  const documents = [document([["iot:Connect", "client", [thing]]])];
  for (const scope of scopes) {
    const [says, hears] = TOPICS[scope].map((topics) => topics.map((topic) => topic.replace("{}", thing)));
    documents.push(document([["iot:Publish", "topic", says], ["iot:Subscribe", "topicfilter", hears], ["iot:Receive", "topic", hears]]));
  }
  if (documents.some((document) => JSON.stringify(document).length > 2048)) throw new Denial("policy-too-large");
  return documents;
}

function principal(thing) {
  const escaped = thing.replace(/[Z\-_:]/g, (letter) => ESCAPES[letter]);
  return escaped.length <= 128 ? escaped : "Zs" + createHash("sha256").update(thing).digest("hex");
}

async function decide(event) {
  const mqtt = event.protocolData?.mqtt ?? {};
  const token = Buffer.from(mqtt.password ?? "", "base64").toString();
  if (token === "") throw new Denial("no-token");
  const now = Date.now() / 1000;
  const { header, claims } = verified(token);
  const { thing, scopes } = checked(claims, mqtt.clientId);
  if (revocations) await refuseRevoked(header, claims, now);
  const left = Math.min(Math.max(Math.floor(claims.exp - now), 300), 86400);
  const answer = {
    isAuthenticated: true, principalId: principal(thing), disconnectAfterInSeconds: left,
    refreshAfterInSeconds: Math.min(REFRESH, left), policyDocuments: policies(thing, scopes),
  };
  const said = {
    thing, "token.issuer": claims.iss, "token.kid": header.kid,
    "token.id_sha256": createHash("sha256").update(claims.jti ?? "").digest("hex").slice(0, 16),
    "token.expires_at": claims.exp, scopes: scopes.join(" "), "session.seconds": left,
  };
  return { answer, said };
}

function count(now, name, dimension, value) {
  console.log(JSON.stringify({
    function: FUNCTION, [name]: 1, [dimension]: value,
    _aws: { Timestamp: now, CloudWatchMetrics: [
      { Namespace: "SCI/PropertyIoT", Dimensions: [["function", dimension]], Metrics: [{ Name: name, Unit: "Count" }] },
    ] },
  }));
}

async function handler(text) {
  const event = JSON.parse(text);
  let answer, said, reason;
  try {
    ({ answer, said } = await decide(event));
  } catch (error) {
    if (!(error instanceof Denial)) throw error;
    reason = error.message;
    [answer, said] = [DENIED, { "denial.reason": reason }];
  }
  const outcome = reason ? "deny" : "allow";
  const now = new Date();
  console.log(JSON.stringify({
    timestamp: now.toISOString(), level: reason ? "WARN" : "INFO", message: outcome,
    "connection.id": event.connectionMetadata?.id, ...said,
  }));
  count(now.getTime(), "Decisions", "outcome", outcome);
  if (reason) count(now.getTime(), "Denials", "reason", reason);
  return answer;
}

const [hostname, port] = env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function runtime(method, path, body = "") {
  const headers = method === "POST" ? { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) } : {};
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, hostname, port, method, path: `/2018-06-01/runtime/invocation/${path}`, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

for (;;) {
  const { headers, text } = await runtime("GET", "next");
  const id = headers["lambda-runtime-aws-request-id"];
  try {
    await runtime("POST", `${id}/response`, JSON.stringify(await handler(text)));
  } catch (error) {
    await runtime("POST", `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message, stackTrace: [error.stack] }));
  }
}
