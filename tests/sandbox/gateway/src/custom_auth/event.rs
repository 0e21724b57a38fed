//! The event that an authorizer's function gets.
//!
//! Source: AWS IoT developer guide, "Defining your Lambda function" and "Custom authentication with X.509 client
//! certificates". What does not apply to a connection is absent.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

use super::applicant::{Applicant, HttpRequest, Login};
use crate::authenticator::ClientCertificate;

/// What a function is told about a connection.
pub(crate) struct Context<'a> {
    /// The token, if the authorizer has a name for one and the peer sent it.
    pub(crate) token: Option<&'a str>,
    /// Whether the gateway has checked the token's signature.
    pub(crate) signature_verified: bool,
    /// TLS; outer none: no TLS is spoken of, inner none: the peer named no host.
    pub(crate) tls: Option<Option<&'a str>>,
    /// The client's certificate.
    pub(crate) certificate: Option<&'a ClientCertificate>,
    /// HTTP.
    pub(crate) http: Option<&'a HttpRequest>,
    /// MQTT.
    pub(crate) mqtt: Option<&'a Login>,
    /// A UUID.
    pub(crate) connection_id: &'a str,
}

impl<'a> Context<'a> {
    /// What is known about a peer.
    pub(crate) fn of(
        applicant: &'a Applicant,
        token: Option<&'a str>,
        signature_verified: bool,
    ) -> Self {
        Self {
            token,
            signature_verified,
            tls: Some(applicant.server_name.as_deref()),
            certificate: applicant.certificate.as_ref(),
            http: applicant.http.as_ref(),
            mqtt: applicant.mqtt.as_ref(),
            connection_id: &applicant.connection_id,
        }
    }

    /// The event as JSON.
    pub(crate) fn event(&self) -> Bytes {
        let tls = self.tls.map(|server_name| Tls {
            server_name,
            x509_certificate_pem: self.certificate.map(|it| it.pem.as_str()),
            principal_id: self.certificate.map(|it| it.id.as_str()),
        });
        let http = self.http.map(|request| Http {
            headers: &request.headers,
            query_string: request.query.as_ref().map(|query| format!("?{query}")),
        });
        let mqtt = self.mqtt.map(|login| Mqtt {
            username: login.user_name.as_deref(),
            password: login.password.as_ref().map(|it| STANDARD.encode(it)),
            client_id: login.client_id.as_deref(),
        });
        let present = [
            ("tls", tls.is_some()),
            ("http", http.is_some()),
            ("mqtt", mqtt.is_some()),
        ];
        let event = Event {
            token: self.token,
            signature_verified: self.signature_verified,
            protocols: present
                .into_iter()
                .filter_map(|(name, is)| is.then_some(name))
                .collect(),
            protocol_data: Protocols { tls, http, mqtt },
            connection_metadata: Metadata {
                id: self.connection_id,
            },
        };
        // Texts, Booleans and maps of texts: nothing that JSON cannot say.
        serde_json::to_vec(&event).unwrap_or_default().into()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    signature_verified: bool,
    protocols: Vec<&'static str>,
    protocol_data: Protocols<'a>,
    connection_metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct Protocols<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<Http<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mqtt: Option<Mqtt<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tls<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x509_certificate_pem: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    headers: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mqtt<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    id: &'a str,
}
