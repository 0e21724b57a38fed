//! Devices that enrol by fleet provisioning.

use http::Method;
use iot_gateway::{Event, EventKind};
use mqtt_protocol_core::mqtt::packet::Qos;
use serde_json::{Value, json};

use super::client::{Client, Options};
use super::{Device, World};

pub const TEMPLATE: &str = "devices";
pub const HOOK: &str = "arn:aws:lambda:eu-west-1:123456789012:function:hook";
pub const ROLE: &str = "arn:aws:iam::123456789012:role/provisioning";
pub const CREATE: &str = "$aws/certificates/create/json";
pub const FROM_CSR: &str = "$aws/certificates/create-from-csr/json";
pub const REGISTER: &str = "$aws/provisioning-templates/devices/provision/json";

/// What AWS's guide gives a claim certificate, for one template.
pub const CLAIM_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"iot:Connect","Resource":"*"},
    {"Effect":"Allow","Action":["iot:Publish","iot:Receive"],"Resource":[
        "arn:aws:iot:eu-west-1:123456789012:topic/$aws/certificates/*",
        "arn:aws:iot:eu-west-1:123456789012:topic/$aws/provisioning-templates/devices/provision/*"]},
    {"Effect":"Allow","Action":"iot:Subscribe","Resource":[
        "arn:aws:iot:eu-west-1:123456789012:topicfilter/$aws/certificates/*",
        "arn:aws:iot:eu-west-1:123456789012:topicfilter/$aws/provisioning-templates/devices/provision/*"]}]}"#;

/// Thing, type, group, policies by name and by document, mapping and configuration.
pub fn body() -> Value {
    let allow = |action: &str, resource: &str| json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    json!({
        "Parameters": {
            "SerialNumber": { "Type": "String" },
            "ThingName": { "Type": "String", "Default": "unnamed" },
            "AWS::IoT::Certificate::Id": { "Type": "String" },
        },
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": {
                    "ThingName": { "Ref": "ThingName" },
                    "ThingTypeName": "sensor",
                    "ThingGroups": ["fleet"],
                    "AttributePayload": { "serial": { "Ref": "SerialNumber" } },
                },
                "OverrideSettings": { "AttributePayload": "FAIL", "ThingTypeName": "FAIL", "ThingGroups": "MERGE" },
            },
            "certificate": {
                "Type": "AWS::IoT::Certificate",
                "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" }, "Status": "ACTIVE" },
            },
            "named": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "device" } },
            "written": {
                "Type": "AWS::IoT::Policy",
                "Properties": { "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [allow("iot:Publish", "arn:aws:iot:eu-west-1:123456789012:topic/data")],
                } },
            },
        },
        "DeviceConfiguration": { "endpoint": "data", "serial": { "Ref": "SerialNumber" } },
    })
}

impl World {
    /// The template [`TEMPLATE`] with a hook, and what it names: group, type, policy.
    pub async fn template(&self, hook: bool) {
        self.template_with(&body(), json!({ "enabled": true }), hook)
            .await;
    }

    pub async fn template_with(&self, body: &Value, members: Value, hook: bool) {
        for (path, body) in [
            ("/thing-groups/fleet", json!({})),
            ("/thing-types/sensor", json!({})),
            (
                "/policies/device",
                json!({ "policyDocument": r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"arn:aws:iot:eu-west-1:123456789012:client/${iot:Connection.Thing.ThingName}"}]}"# }),
            ),
        ] {
            self.iot(Method::POST, path, body).await;
        }
        let mut request = json!({
            "templateName": TEMPLATE,
            "templateBody": body.to_string(),
            "provisioningRoleArn": ROLE,
        });
        let request_map = request.as_object_mut().unwrap();
        request_map.extend(members.as_object().unwrap().clone());
        if hook {
            request_map.insert("preProvisioningHook".into(), json!({ "targetArn": HOOK }));
        }
        self.iot(Method::POST, "/provisioning-templates", request)
            .await;
    }

    /// A connection with a claim certificate that has subscribed to every answer.
    pub async fn claimant(&self, client_id: &str) -> Client {
        let claim = self.device(CLAIM_POLICY).await;
        self.claimant_with(&claim, client_id).await
    }

    pub async fn claimant_with(&self, claim: &Device, client_id: &str) -> Client {
        let options = Options::v5(client_id);
        let mut client = Client::connect(self, claim, options).await.unwrap();
        let filters = [
            "$aws/certificates/create/+/+",
            "$aws/certificates/create-from-csr/+/+",
            "$aws/provisioning-templates/devices/provision/+/+",
        ];
        for filter in filters {
            assert_eq!(client.subscribe(filter, Qos::AtLeastOnce).await, 1);
        }
        client
    }

    /// Waits until a request is rejected for a reason with this text.
    pub async fn rejection(&self, text: &str) -> Event {
        self.event(|event| {
            matches!(&event.kind, EventKind::ProvisioningRejected { reason, .. } if reason.contains(text))
        })
        .await
    }

    /// Everything the registry holds.
    pub fn registry_text(&self) -> String {
        self.gateway.registry().with(|state| format!("{state:?}"))
    }
}

/// Sends a request and waits for its answer: whether it was accepted, and its payload.
pub async fn ask_bytes(client: &mut Client, topic: &str, payload: &[u8]) -> (bool, Vec<u8>) {
    client
        .publish(topic, payload, Qos::AtLeastOnce, false)
        .await
        .expect("still connected");
    let answer = client.message().await;
    assert_eq!(answer.qos, Qos::AtMostOnce);
    let accepted = answer.topic == format!("{topic}/accepted");
    assert!(
        accepted || answer.topic == format!("{topic}/rejected"),
        "{}",
        answer.topic
    );
    (accepted, answer.payload)
}

pub async fn ask(client: &mut Client, topic: &str, payload: &Value) -> (bool, Value) {
    let (accepted, answer) = ask_bytes(client, topic, payload.to_string().as_bytes()).await;
    (accepted, serde_json::from_slice(&answer).unwrap())
}

/// A key of the device's own and a CSR for it.
pub fn csr() -> (rcgen::KeyPair, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let csr = rcgen::CertificateParams::default().serialize_request(&key);
    let csr = csr.unwrap().pem().unwrap();
    (key, csr)
}

/// A certificate that waits to be activated, with the token for it.
pub struct Lent {
    pub device: Device,
    pub token: String,
}

/// Gets a certificate for a key of the device's own.
pub async fn certificate(client: &mut Client) -> Lent {
    let (key, csr) = csr();
    let (accepted, mut made) = ask(
        client,
        FROM_CSR,
        &json!({ "certificateSigningRequest": csr }),
    )
    .await;
    assert!(accepted, "{made}");
    made["certificateArn"] = "".into();
    Lent {
        token: made["certificateOwnershipToken"].as_str().unwrap().into(),
        device: Device::from(&made, &key.serialize_pem()),
    }
}

pub fn registration(token: &str, parameters: Value) -> Value {
    json!({ "certificateOwnershipToken": token, "parameters": parameters })
}
