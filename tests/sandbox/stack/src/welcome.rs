//! What `cargo sandbox` tells its user: how to connect real clients.

use crate::{Sandbox, identity_provider::IdentityProvider, options::REGION};

/// The name of the device in the instructions.
const THING: &str = "sci-property-001-environmental-0042";
/// The one that carries a token.
const CAMERA: &str = "sci-property-001-camera-0011";

/// Commands that a person can paste into a second terminal, from this folder. `ca_file` holds the broker's root.
#[must_use]
pub fn instructions(sandbox: &Sandbox, issuer: &IdentityProvider, ca_file: &str) -> String {
    let (endpoint, mqtt, https) = (
        sandbox.endpoint(),
        sandbox.mqtt_port(),
        sandbox.https_port(),
    );
    let out = |name: &str| sandbox.output(name);
    let group_arn = format!(
        "arn:aws:iot:{REGION}:{}:thinggroup/{}",
        crate::options::ACCOUNT,
        out("FleetGroupName")
    );
    format!(
        r#"The sandbox is up. AWS APIs: {endpoint}   MQTT over TLS: localhost:{mqtt}, with tokens: localhost:{https}   (Ctrl-C ends it)

In a second terminal, in this folder:

  export AWS_ENDPOINT_URL={endpoint} AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION} \
         AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox

# once: the device policy hangs on the fleet's thing group
  aws iot attach-policy --policy-name {policy} --target {group_arn}

# a device with a certificate of its own
  aws iot create-thing --thing-name {THING} --thing-type-name SCI-Environmental-Sensor
  aws iot add-thing-to-thing-group --thing-name {THING} --thing-group-name {group}
  CERT=$(aws iot create-keys-and-certificate --set-as-active --certificate-pem-outfile .sandbox/device.pem \
         --private-key-outfile .sandbox/device.key --query certificateArn --output text)
  aws iot attach-thing-principal --thing-name {THING} --principal "$CERT"

# see notifications: a queue that listens to the alarm topic (version 1 of the AWS CLI needs --endpoint-url for SQS)
  QUEUE=$(aws sqs --endpoint-url {endpoint} create-queue --queue-name my-alarms --query QueueUrl --output text)
  aws sns subscribe --topic-arn {topic} --protocol sqs \
      --notification-endpoint arn:aws:sqs:{REGION}:{account}:my-alarms

# a hot reading
  mosquitto_pub --cafile {ca_file} --cert .sandbox/device.pem --key .sandbox/device.key -h localhost -p {mqtt} \
      -i {THING} -q 1 -t sensors/{THING}/data \
      -m '{{"temp":36.4,"deviceId":"{THING}","humidity":40}}'

# what became of it
  aws dynamodb scan --table-name {high_temps}
  aws dynamodb scan --table-name {alarms} --query 'Items[].[alarm_id.S,state.S,severity.S,value.N]' --output text
  aws timestream-query query --query-string 'SELECT * FROM "{database}"."EnvironmentalData"'
  aws sqs --endpoint-url {endpoint} receive-message --queue-url "$QUEUE" --wait-time-seconds 2 --query 'Messages[].Body' --output text

# a device without a certificate shows a token of the sandbox's own identity provider
  TOKEN=$(curl -s --cacert .sandbox/issuer-ca.pem \
      '{token_url}?sub={CAMERA}&property_id=property-001&scope=security:publish')
  mosquitto_pub --cafile {ca_file} --tls-alpn mqtt -h localhost -p {https} -i {CAMERA} \
      -u '?x-amz-customauthorizer-name={authorizer}' -P "$TOKEN" -q 1 -t sci/properties/{CAMERA}/security \
      -m '{{"alert_level":5,"event_type":"tamper","property_id":"property-001","device_type":"camera","timestamp":'$(date +%s000)'}}'

# revoke it: the entry first, so that it cannot come back, then its connection if it has one
  aws dynamodb put-item --table-name {revocations} --item '{{"subject":{{"S":"thing#{CAMERA}"}},"reason":{{"S":"stolen"}}}}'
  aws iot-data delete-connection --client-id {CAMERA}

# the function itself, without a device
  cargo lambda invoke high-temp-processor -A 127.0.0.1 -P {port} --data-file events/high-temp-processor/raise-hot.json

# or under cargo-lambda's own server, recompiled at each change, still on this sandbox's tables
  cargo lambda watch -A 127.0.0.1 --env-file .sandbox/high-temp-processor.env
  cargo lambda invoke high-temp-processor -A 127.0.0.1 --data-file events/high-temp-processor/raise-hot.json
"#,
        policy = out("DevicePolicyName"),
        group = out("FleetGroupName"),
        topic = out("TemperatureAlarmsTopicArn"),
        account = crate::options::ACCOUNT,
        high_temps = out("HighTempsTableName"),
        alarms = out("AlarmsTableName"),
        database = out("TelemetryDatabaseName"),
        token_url = issuer.token_url(),
        authorizer = out("JwtAuthorizerName"),
        revocations = out("RevocationsTableName"),
        port = endpoint.rsplit(':').next().unwrap_or_default(),
    )
}
