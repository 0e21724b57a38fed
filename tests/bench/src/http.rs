//! The little of HTTP/1.1 that both servers need: requests with a known length on a connection that is kept open.

use std::io::{self, ErrorKind, Read, Write};

/// How many header fields a request may have.
const MAX_FIELDS: usize = 64;

/// A request with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// `X-Amz-Target`, which names the operation in AWS's JSON protocols.
    pub target: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

struct Head {
    request: Request,
    length: usize,
    body_length: usize,
}

/// A client's connection, plain or in TLS.
#[derive(Debug)]
pub struct Connection<S> {
    stream: S,
    unread: Vec<u8>,
}

impl<S: Read> Connection<S> {
    /// The connection that `stream` is, at its start.
    pub const fn new(stream: S) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// The next request; none when the client closed the connection between two of them.
    ///
    /// # Errors
    /// When the connection breaks, or the request is not what the module's description says.
    pub fn read(&mut self) -> io::Result<Option<Request>> {
        let head = loop {
            if let Some(head) = parse_head(&self.unread)? {
                break head;
            }
            if self.fill()? == 0 {
                return match self.unread.is_empty() {
                    true => Ok(None),
                    false => Err(ErrorKind::UnexpectedEof.into()),
                };
            }
        };
        let whole = head.length.saturating_add(head.body_length);
        while self.unread.len() < whole {
            if self.fill()? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let mut request = head.request;
        request.body = self.unread.drain(..whole).skip(head.length).collect();
        Ok(Some(request))
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 16 * 1024];
        let read = self.stream.read(&mut chunk)?;
        self.unread.extend(chunk.iter().take(read));
        Ok(read)
    }
}

fn parse_head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let invalid = |why: String| io::Error::new(ErrorKind::InvalidData, why);
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    let status = parsed
        .parse(bytes)
        .map_err(|error| invalid(format!("not an HTTP request: {error}")))?;
    let httparse::Status::Complete(length) = status else {
        return Ok(None);
    };
    let field = |name: &str| {
        let mut fields = parsed.headers.iter();
        let found = fields.find(|field| field.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok().map(str::trim)
    };
    if let Some(coding) = field("transfer-encoding") {
        return Err(invalid(format!(
            "transfer-encoding {coding} is not supported"
        )));
    }
    let body_length = field("content-length").map_or(Ok(0), str::parse);
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: parsed.path.unwrap_or_default().to_owned(),
        target: field("x-amz-target").map(str::to_owned),
        body: Vec::new(),
    };
    Ok(Some(Head {
        request,
        length,
        body_length: body_length.map_err(|_| invalid("content-length is no number".to_owned()))?,
    }))
}

/// An answer.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The status code with its reason, as in `200 OK`.
    pub status: &'static str,
    /// The media type of the body.
    pub media_type: &'static str,
    /// More header lines, each ending in CRLF.
    pub fields: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl<S: Write> Connection<S> {
    /// Sends an answer in one write, so that it does not wait for an acknowledgement between its parts.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn answer(&mut self, answer: Answer<'_>) -> io::Result<()> {
        let mut message = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n",
            answer.status,
            answer.media_type,
            answer.body.len(),
            answer.fields
        )
        .into_bytes();
        message.extend_from_slice(answer.body);
        self.stream.write_all(&message)?;
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte per read.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn requests_are_told_apart_however_they_arrive() {
        let bytes = b"POST / HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.PutItem\r\ncontent-length: 2\r\n\r\n{}GET /next HTTP/1.1\r\n\r\n";
        let expected = |requests: &mut dyn FnMut() -> io::Result<Option<Request>>| {
            let first = requests().unwrap().unwrap();
            assert_eq!(first.target.as_deref(), Some("DynamoDB_20120810.PutItem"));
            assert_eq!(first.body, b"{}");
            let second = requests().unwrap().unwrap();
            assert_eq!(
                (second.method.as_str(), second.path.as_str()),
                ("GET", "/next")
            );
            assert!(requests().unwrap().is_none());
        };
        let mut whole = Connection::new(&bytes[..]);
        expected(&mut || whole.read());
        let mut trickle = Connection::new(Trickle(bytes));
        expected(&mut || trickle.read());
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_never_a_shorter_request() {
        for bytes in [
            "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n{}",
            "POST / HTTP/1.1\r\ncontent-le",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: two\r\n\r\n{}",
            "\u{0}\u{1}\r\n\r\n",
        ] {
            assert!(Connection::new(bytes.as_bytes()).read().is_err(), "{bytes}");
        }
    }
}
