"""jwt-authorizer in Python, as it is usually written: PyJWT with keys that are parsed at the start, one handler function.

It checks, answers and logs what the Rust function does, and reads the same deny list with boto3; without the variable
REVOCATIONS_TABLE there is none, and boto3 is not loaded. It does less otherwise: no other places of a token than MQTT's
password, no published keys, no keys of devices, and JSON as lenient as json.loads. The loop at the end replaces
awslambdaric, which is not needed to measure.
"""

import base64
import hashlib
import http.client
import json
import logging
import os
import re
import sys
import time
import traceback
from datetime import datetime, timezone

import jwt

FUNCTION = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
ARN = os.environ["IOT_ARN_PREFIX"]
TABLE = os.environ.get("REVOCATIONS_TABLE")
REFRESH = int(os.environ.get("SESSION_REFRESH_SECONDS", "300"))
LEEWAY, LONGEST = 30, 86400
NAME = re.compile(r"[a-zA-Z0-9:_-]{1,128}")
PLACED = re.compile(r"sci-(.+)-[a-zA-Z0-9_]{1,32}-[^-]+")
REQUIRED = ["iss", "aud", "exp", "iat", "sub", "property_id", "scope"]
ALGORITHMS = {"RS256", "PS256", "ES256", "ES384", "EdDSA"}

# What a thing says and hears with each scope. {} is the thing's name.
TOPICS = {
    "telemetry:publish": (["sensors/{}/data", "sci/properties/{}/environmental"], []),
    "security:publish": (["sci/properties/{}/security"], []),
    "commands:subscribe": ([], ["sci/properties/{}/commands/*"]),
    "shadow:read": (["$aws/things/{}/shadow/get", "$aws/things/{}/shadow/name/*/get"], ["$aws/things/{}/shadow/*"]),
    "shadow:write": (
        ["$aws/things/{}/shadow/update", "$aws/things/{}/shadow/name/*/update"],
        ["$aws/things/{}/shadow/update/*", "$aws/things/{}/shadow/name/*/update/*"],
    ),
    "jobs:execute": (
        ["$aws/things/{}/jobs/get", "$aws/things/{}/jobs/start-next", "$aws/things/{}/jobs/*/get",
         "$aws/things/{}/jobs/*/update"],
        ["$aws/things/{}/jobs/*"],
    ),
    "certificate:rotate": (
        ["sci/properties/{}/certificate/csr", "sci/properties/{}/certificate/commit"],
        ["sci/properties/{}/certificate/*"],
    ),
}
ESCAPES = str.maketrans({"Z": "ZZ", "-": "Zh", "_": "Zu", ":": "Zc"})
DENIED = {"isAuthenticated": False, "principalId": "denied", "disconnectAfterInSeconds": 300,
          "refreshAfterInSeconds": 300, "policyDocuments": []}

ISSUERS = {
    issuer["issuer"]: (issuer["audience"], {key["kid"]: jwt.PyJWK(key) for key in issuer["keys"]["inline"]["keys"]})
    for issuer in json.loads(os.environ["JWT_ISSUERS"])
}

if TABLE:
    import boto3
    from botocore.config import Config

    dynamodb = boto3.client("dynamodb", config=Config(connect_timeout=0.7, read_timeout=1.2,
                                                      retries={"mode": "standard", "max_attempts": 2}))

logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.WARNING)
log = logging.getLogger(FUNCTION)
log.setLevel(logging.INFO)


class Denial(Exception):
    pass


def verified(token):
    if len(token) > 8192:
        raise Denial("too-long")
    try:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
        header, issuer = unverified["header"], unverified["payload"].get("iss")
        if issuer not in ISSUERS:
            raise Denial("unknown-issuer")
        audience, keys = ISSUERS[issuer]
        key = keys.get(header.get("kid"))
        if key is None or key.algorithm_name not in ALGORITHMS:
            raise Denial("unknown-key")
        claims = jwt.decode(token, key, algorithms=[key.algorithm_name], audience=audience, issuer=issuer, leeway=LEEWAY,
                            options={"require": REQUIRED})
    except jwt.InvalidTokenError as error:
        raise Denial(type(error).__name__) from None
    return header, claims


def checked(claims, client_id):
    thing, prop = claims["sub"], claims["property_id"]
    if not NAME.fullmatch(thing) or not isinstance(prop, str) or not NAME.fullmatch(prop):
        raise Denial("sub-not-thing-name")
    placed = PLACED.fullmatch(thing)
    if placed and placed.group(1) != prop:
        raise Denial("property-mismatch")
    if client_id is not None and client_id != thing:
        raise Denial("client-id-mismatch")
    if not claims["iat"] < claims["exp"] <= claims["iat"] + LONGEST:
        raise Denial("lifetime-too-long")
    words = claims["scope"].split(" ")
    scopes = [scope for scope in TOPICS if scope in words]
    if not scopes:
        raise Denial("no-scope")
    return thing, scopes


def counts(entry, issued_at, now):
    try:
        return (("expires_at" not in entry or now < int(entry["expires_at"]["N"]))
                and ("issued_before" not in entry or issued_at < int(entry["issued_before"]["N"])))
    except (KeyError, ValueError):
        return True


def refuse_revoked(header, claims, now):
    issuer = claims["iss"]
    subjects = [f"issuer#{issuer}", f"kid#{issuer}#{header['kid']}", f"thing#{claims['sub']}"]
    if "jti" in claims:
        subjects.append(f"jti#{issuer}#{claims['jti']}")
    keys = [{"subject": {"S": subject}} for subject in subjects]
    answer = dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
    if answer["UnprocessedKeys"]:
        raise Denial("store-failed")
    if any(counts(entry, claims["iat"], now) for entry in answer["Responses"].get(TABLE, [])):
        raise Denial("revoked")


def document(allowed):
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": [f"{ARN}:{kind}/{name}" for name in names]}
        for action, kind, names in allowed if names
    ]}


def policies(thing, scopes):
    documents = [document([("iot:Connect", "client", [thing])])]
    for scope in scopes:
        says, hears = ([topic.replace("{}", thing) for topic in topics] for topics in TOPICS[scope])
        documents.append(document([("iot:Publish", "topic", says), ("iot:Subscribe", "topicfilter", hears),
                                   ("iot:Receive", "topic", hears)]))
    if any(len(json.dumps(document, separators=(",", ":"))) > 2048 for document in documents):
        raise Denial("policy-too-large")
    return documents


def principal(thing):
    escaped = thing.translate(ESCAPES)
    return escaped if len(escaped) <= 128 else "Zs" + hashlib.sha256(thing.encode()).hexdigest()


def decide(event):
    mqtt = event.get("protocolData", {}).get("mqtt", {})
    try:
        token = base64.b64decode(mqtt.get("password") or "", validate=True).decode()
    except ValueError:
        raise Denial("password-unreadable") from None
    if not token:
        raise Denial("no-token")
    now = time.time()
    header, claims = verified(token)
    thing, scopes = checked(claims, mqtt.get("clientId"))
    if TABLE:
        refuse_revoked(header, claims, now)
    left = min(max(int(claims["exp"] - now), 300), 86400)
    answer = {"isAuthenticated": True, "principalId": principal(thing), "disconnectAfterInSeconds": left,
              "refreshAfterInSeconds": min(REFRESH, left), "policyDocuments": policies(thing, scopes)}
    return answer, {"thing": thing, "token.issuer": claims["iss"], "token.kid": header["kid"],
                    "token.id_sha256": hashlib.sha256(claims.get("jti", "").encode()).hexdigest()[:16],
                    "token.expires_at": claims["exp"], "scopes": " ".join(scopes), "session.seconds": left}


def count(now, name, dimension, value):
    log.info(json.dumps({"function": FUNCTION, name: 1, dimension: value, "_aws": {"Timestamp": now, "CloudWatchMetrics": [{
        "Namespace": "SCI/PropertyIoT", "Dimensions": [["function", dimension]],
        "Metrics": [{"Name": name, "Unit": "Count"}]}]}}))


def handler(text):
    event = json.loads(text)
    try:
        answer, said = decide(event)
        outcome, level, reason = "allow", "INFO", None
    except Denial as denial:
        answer, said, outcome, level, reason = DENIED, {"denial.reason": str(denial)}, "deny", "WARN", str(denial)
    now = datetime.now(timezone.utc)
    connection = event.get("connectionMetadata", {}).get("id")
    log.info(json.dumps({"timestamp": now.isoformat(), "level": level, "message": outcome,
                         "connection.id": connection, **said}))
    millis = int(now.timestamp() * 1000)
    count(millis, "Decisions", "outcome", outcome)
    if reason:
        count(millis, "Denials", "reason", reason)
    return answer


def main():
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    base = "/2018-06-01/runtime/invocation/"
    while True:
        runtime.request("GET", base + "next")
        response = runtime.getresponse()
        text = response.read().decode()
        request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            path, body = "/response", json.dumps(handler(text))
        except Exception as error:
            path, body = "/error", json.dumps(
                {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": traceback.format_exc()}
            )
        runtime.request("POST", base + request_id + path, body, {"Content-Type": "application/json"})
        runtime.getresponse().read()


if __name__ == "__main__":
    main()
