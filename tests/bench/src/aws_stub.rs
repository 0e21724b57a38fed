//! AWS, as far as the functions call it: every call succeeds at once with the same answer, finds nothing and is noted.
//! What a call costs AWS is left out on purpose; the README says so.

use std::{
    io::{self, ErrorKind, Read, Write},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    http::{Answer, Connection, Request},
    server::Server,
    tls::Tls,
};

/// The stub, listening on loopback.
#[derive(Debug)]
pub struct AwsStub {
    server: Server,
    tls: Option<Arc<Tls>>,
    seen: Arc<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    calls: Mutex<Vec<String>>,
}

impl Seen {
    fn calls(&self) -> MutexGuard<'_, Vec<String>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AwsStub {
    /// Starts listening, with plain HTTP if there is no `tls`.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(tls: Option<Tls>) -> io::Result<Self> {
        let seen = Arc::<Seen>::default();
        let tls = tls.map(Arc::new);
        let server = Server::start({
            let (seen, tls) = (Arc::clone(&seen), tls.clone());
            move |stream| {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                // The client went away, or sent what it reports as a failed call.
                let _ended = match &tls {
                    None => serve(Connection::new(stream), &seen),
                    Some(tls) => tls
                        .accept(stream)
                        .and_then(|stream| serve(Connection::new(stream), &seen)),
                };
            }
        })?;
        Ok(Self { server, tls, seen })
    }

    /// The value for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.server.address())
    }

    /// The certificates for a client, if it needs other ones than the system's own bundle.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_deref()
    }

    /// How many connections were opened so far, used or not.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// The operations that were called since this was last asked, in order.
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.calls())
    }
}

fn serve(mut client: Connection<impl Read + Write>, seen: &Seen) -> io::Result<()> {
    while let Some(request) = client.read()? {
        let operation = operation(&request);
        // Noted before it is answered: whoever has the answer finds the note.
        seen.calls().push(operation.clone());
        let Some((media_type, body)) = answer(&operation) else {
            let body = r#"{"__type":"UnknownOperationException","message":"the benchmark's stub does not know this operation"}"#;
            client.answer(Answer {
                status: "400 Bad Request",
                media_type: JSON,
                fields: "",
                body: body.as_bytes(),
            })?;
            return Err(ErrorKind::Unsupported.into());
        };
        client.answer(Answer {
            status: "200 OK",
            media_type,
            fields: "x-amzn-RequestId: 00000000-0000-4000-8000-000000000000\r\n",
            body: body.as_bytes(),
        })?;
    }
    Ok(())
}

/// `DynamoDB_20120810.PutItem` is an operation of the JSON protocols, `Action=Publish&…` one of the query protocol.
fn operation(request: &Request) -> String {
    if let Some(target) = &request.target {
        let name = target
            .rsplit_once('.')
            .map_or(target.as_str(), |(_, name)| name);
        return name.to_owned();
    }
    let body = String::from_utf8_lossy(&request.body);
    let action = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="));
    action.map_or_else(
        || format!("{} {}", request.method, request.path),
        str::to_owned,
    )
}

const JSON: &str = "application/x-amz-json-1.0";

fn answer(operation: &str) -> Option<(&'static str, &'static str)> {
    let json = match operation {
        "BatchGetItem" => r#"{"Responses":{},"UnprocessedKeys":{}}"#,
        "GetItem" | "PutItem" | "DeleteItem" | "UpdateItem" | "TransactWriteItems" => "{}",
        "WriteRecords" => r#"{"RecordsIngested":{"Total":1,"MemoryStore":1,"MagneticStore":0}}"#,
        // The digest is that of the empty text: neither SDK compares it.
        "SendMessage" => {
            r#"{"MessageId":"00000000-0000-4000-8000-000000000000","MD5OfMessageBody":"d41d8cd98f00b204e9800998ecf8427e"}"#
        }
        "Publish" => {
            return Some((
                "text/xml",
                r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>00000000-0000-4000-8000-000000000000</MessageId></PublishResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></PublishResponse>"#,
            ));
        }
        _ => return None,
    };
    Some((JSON, json))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    fn call(stub: &AwsStub, request: &str) -> String {
        let mut stream = TcpStream::connect(stub.server.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn calls_of_both_protocols_are_answered_and_noted_in_order() {
        let stub = AwsStub::start(None).unwrap();
        let put = "POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 2\r\n\r\n{}";
        assert!(call(&stub, put).starts_with("HTTP/1.1 200 OK\r\n"));
        let publish =
            "POST / HTTP/1.1\r\nContent-Length: 31\r\n\r\nVersion=2010-03-31&Action=Publish";
        let publish = publish.replace("31\r\n", "33\r\n");
        assert!(call(&stub, &publish).contains("<MessageId>"));
        assert_eq!(stub.take_calls(), ["PutItem", "Publish"]);
        assert_eq!((stub.take_calls().len(), stub.connections()), (0, 2));
    }

    #[test]
    fn an_unknown_operation_is_refused_and_noted() {
        let stub = AwsStub::start(None).unwrap();
        let answer = call(&stub, "GET /latest/meta-data HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 400 "));
        assert_eq!(stub.take_calls(), ["GET /latest/meta-data"]);
    }
}
