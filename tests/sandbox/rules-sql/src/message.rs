//! The message that a statement is evaluated on, with everything that the functions may ask about it.

/// The account id when the caller gives none.
pub const DEFAULT_ACCOUNT_ID: &str = "123456789012";

/// A published message. Build it with [`Message::new`] and set the fields that matter:
///
/// ```
/// use rules_sql::Message;
/// let message = Message {
///     client_id: Some("sensor-1"),
///     now_ms: 1_700_000_000_000,
///     ..Message::new("sensors/sensor-1/data", br#"{"temp":33.2}"#)
/// };
/// assert_eq!(message.account_id, "123456789012");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// The topic as the client sent it, with the prefix of Basic Ingest.
    pub topic: &'a str,
    /// The payload, at most 128 KiB.
    pub payload: &'a [u8],
    /// For `clientid()`; `None` (not MQTT) answers `n/a`.
    pub client_id: Option<&'a str>,
    /// For `principal()`: the certificate id, or the IAM identity.
    pub principal: Option<&'a str>,
    /// For `sourceip()`.
    pub source_ip: Option<&'a str>,
    /// For `traceid()`.
    pub trace_id: Option<&'a str>,
    /// For `accountid()`.
    pub account_id: &'a str,
    /// For `timestamp()`, in ms since the epoch.
    pub now_ms: u64,
    /// Where `rand()` and `newuuid()` start from. The same seed gives the same results.
    pub seed: u64,
    /// MQTT 5: the content type.
    pub content_type: Option<&'a str>,
    /// MQTT 5: the response topic.
    pub response_topic: Option<&'a str>,
    /// MQTT 5: the correlation data; SQL sees it in base64.
    pub correlation_data: Option<&'a [u8]>,
    /// MQTT 5: whether the payload format indicator says UTF-8.
    pub payload_is_utf8: bool,
    /// MQTT 5: the user properties, in order, with repeated keys.
    pub user_properties: &'a [(String, String)],
}

impl<'a> Message<'a> {
    /// A message about which nothing else is known; the time is 0.
    #[must_use]
    pub const fn new(topic: &'a str, payload: &'a [u8]) -> Self {
        Self {
            topic,
            payload,
            client_id: None,
            principal: None,
            source_ip: None,
            trace_id: None,
            account_id: DEFAULT_ACCOUNT_ID,
            now_ms: 0,
            seed: 0,
            content_type: None,
            response_topic: None,
            correlation_data: None,
            payload_is_utf8: false,
            user_properties: &[],
        }
    }
}
