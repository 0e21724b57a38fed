//! The shapes in which AWS IoT asks an authorizer.
//!
//! Source: AWS IoT developer guide, "Defining your Lambda function" (custom authentication).

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Serialize;

use crate::tokens::DEVICE_CERTIFICATE;

/// The name by which a device chooses the authorizer.
const CHOICE: &str = "?x-amz-customauthorizer-name=sci-jwt-authorizer";
/// The SHA-256 of the certificate, which is its id in AWS IoT.
const CERTIFICATE_ID: &str = "08aed79f4c56cf54f6af318df402c20bf3f216011a56c14e3d9106cb1815029f";

/// An event, its members in AWS's order.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerEvent {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    signature_verified: bool,
    protocols: Vec<&'static str>,
    protocol_data: ProtocolData,
    connection_metadata: ConnectionMetadata,
}

#[derive(Debug, Clone, Serialize)]
struct ProtocolData {
    tls: Tls,
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<Http>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mqtt: Option<Mqtt>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tls {
    server_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x509_certificate_pem: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    headers: BTreeMap<&'static str, String>,
    query_string: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Mqtt {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    client_id: String,
}

#[derive(Debug, Clone, Serialize)]
struct ConnectionMetadata {
    id: &'static str,
}

impl AuthorizerEvent {
    /// A connection over TLS that says nothing yet.
    fn tls(protocols: &[&'static str]) -> Self {
        Self {
            token: None,
            signature_verified: false,
            protocols: protocols.to_vec(),
            protocol_data: ProtocolData {
                tls: Tls {
                    server_name: "iot.property.example",
                    x509_certificate_pem: None,
                    principal_id: None,
                },
                http: None,
                mqtt: None,
            },
            connection_metadata: ConnectionMetadata {
                id: "e56f08c3-c559-490f-aa9f-7e8427d0f57b",
            },
        }
    }

    /// MQTT over TLS, the token as password.
    #[must_use]
    pub fn mqtt(client_id: &str, token: &str) -> Self {
        let event = Self::tls(&["tls", "mqtt"]).connect(client_id);
        event.password(token.as_bytes())
    }

    /// MQTT over TLS, the token in the query of the user name, from where AWS IoT takes it.
    #[must_use]
    pub fn mqtt_token(client_id: &str, token: &str) -> Self {
        Self::tls(&["tls", "mqtt"]).connect(client_id).token(token)
    }

    /// MQTT over WebSocket; the token comes with the request that opens it.
    #[must_use]
    pub fn websocket(client_id: &str, token: &str) -> Self {
        let event = Self::tls(&["tls", "http", "mqtt"]).connect(client_id);
        event.header("Authorization", &format!("Bearer {token}"))
    }

    /// MQTT over WebSocket, the token as MQTT password.
    #[must_use]
    pub fn websocket_password(client_id: &str, token: &str) -> Self {
        let event = Self::tls(&["tls", "http", "mqtt"]).connect(client_id);
        event
            .header("Upgrade", "websocket")
            .password(token.as_bytes())
    }

    /// A message published over HTTPS.
    #[must_use]
    pub fn https(token: &str) -> Self {
        let event = Self::tls(&["tls", "http"]);
        event.header("authorization", &format!("Bearer {token}"))
    }

    /// MQTT over TLS with a client certificate, and the token as password.
    #[must_use]
    pub fn x509(client_id: &str, token: &str) -> Self {
        let mut event = Self::mqtt(client_id, token);
        event.protocol_data.tls.x509_certificate_pem = Some(DEVICE_CERTIFICATE);
        event.protocol_data.tls.principal_id = Some(CERTIFICATE_ID);
        event
    }

    /// With a token in its own place.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        let token = Some(token.to_owned());
        Self { token, ..self }
    }

    /// With a password. AWS IoT passes it on in base64.
    ///
    /// # Panics
    /// Without MQTT.
    #[must_use]
    pub fn password(mut self, password: &[u8]) -> Self {
        let mqtt = self.protocol_data.mqtt.as_mut().unwrap();
        mqtt.password = Some(BASE64.encode(password));
        self
    }

    /// With one more HTTP header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let http = self.protocol_data.http.get_or_insert_with(|| Http {
            headers: BTreeMap::from([("Host", "iot.property.example".to_owned())]),
            query_string: CHOICE,
        });
        http.headers.insert(name, value.to_owned());
        self
    }

    /// As if AWS IoT had verified a token signature.
    #[must_use]
    pub fn verified(self) -> Self {
        Self {
            signature_verified: true,
            ..self
        }
    }

    fn connect(mut self, client_id: &str) -> Self {
        self.protocol_data.mqtt = Some(Mqtt {
            username: Some(CHOICE),
            password: None,
            client_id: client_id.to_owned(),
        });
        self
    }

    /// The event as JSON text for people.
    #[must_use]
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap() + "\n"
    }

    /// The event as a JSON value, to do to it what AWS IoT never does.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap()
    }
}
