//! From an HTTP request to a WebSocket with MQTT.
//!
//! Source: RFC 6455 section 4.2; AWS IoT developer guide, "Connecting to AWS IoT Core by using custom authentication".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha1::{Digest, Sha1};

/// RFC 6455 section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Checks the headers of an upgrade and answers those of the 101.
///
/// # Errors
/// The status, and what to change.
pub(super) fn accept(headers: &HeaderMap) -> Result<HeaderMap, (StatusCode, &'static str)> {
    let bad = |why| Err((StatusCode::BAD_REQUEST, why));
    if !lists(headers, header::UPGRADE, "websocket")
        || !lists(headers, header::CONNECTION, "upgrade")
    {
        return bad("MQTT over WebSocket needs `Upgrade: websocket` and `Connection: Upgrade`");
    }
    if headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .is_none_or(|it| it != "13")
    {
        return Err((
            StatusCode::UPGRADE_REQUIRED,
            "Sec-WebSocket-Version must be 13",
        ));
    }
    if !lists(headers, header::SEC_WEBSOCKET_PROTOCOL, "mqtt") {
        return bad("Sec-WebSocket-Protocol must offer mqtt");
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(HeaderValue::as_bytes);
    let key = key.filter(|key| STANDARD.decode(key).is_ok_and(|nonce| nonce.len() == 16));
    let Some(key) = key else {
        return bad("Sec-WebSocket-Key must be 16 bytes in base64");
    };
    let proof = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let Ok(proof) = HeaderValue::try_from(STANDARD.encode(proof)) else {
        return bad("Sec-WebSocket-Key cannot be answered");
    };
    Ok(HeaderMap::from_iter([
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_ACCEPT, proof),
        (
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static("mqtt"),
        ),
    ]))
}

/// Whether a comma-separated header, given once or more often, holds a word in any case.
fn lists(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    let values = headers.get_all(name);
    let mut words = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    words.any(|there| there.trim().eq_ignore_ascii_case(word))
}
