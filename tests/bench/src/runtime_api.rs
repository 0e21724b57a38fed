//! The Lambda Runtime API for one process that handles one event at a time. Times are taken next to the socket, so that
//! the hand-over between the benchmark's own threads is not measured.
//!
//! Source: AWS Lambda Developer Guide, "Using the Lambda runtime API".

use std::{
    io,
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    time::Instant,
};

use crate::{
    http::{Answer, Connection, Request},
    machine,
    server::Server,
};

/// What the process did.
#[derive(Debug, Clone)]
pub enum Signal {
    /// It asked for the next event.
    Polled {
        /// When its request was there.
        at: Instant,
    },
    /// It handled an event.
    Answered {
        /// When the event was handed over.
        sent: Instant,
        /// When the answer was there.
        received: Instant,
        /// The answer's body.
        body: String,
    },
    /// It reported an error: at its start, of an event, or by asking for what this API does not have.
    Failed {
        /// The error's path and body.
        what: String,
    },
}

/// The API, and what its process did.
#[derive(Debug)]
pub struct RuntimeApi {
    server: Server,
    events: Sender<String>,
    signals: Receiver<Signal>,
}

struct Shared {
    events: Mutex<Receiver<String>>,
    sent: Mutex<Option<Instant>>,
}

impl RuntimeApi {
    /// Starts listening.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start() -> io::Result<Self> {
        let (events, to_send) = channel();
        let (signal, signals) = channel();
        let shared = Arc::new(Shared {
            events: Mutex::new(to_send),
            sent: Mutex::new(None),
        });
        let server = Server::start(move |stream| {
            // The process ended, which its owner notices by itself.
            let _ended = serve(Connection::new(stream), &shared, &signal);
        })?;
        Ok(Self {
            server,
            events,
            signals,
        })
    }

    /// The value for `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Answers the process's request for the next event, now or when it comes.
    pub fn send(&self, event: String) {
        // The connections hold the receiving end as long as the server lives.
        let _always = self.events.send(event);
    }

    /// What the process did, in order.
    #[must_use]
    pub const fn signals(&self) -> &Receiver<Signal> {
        &self.signals
    }
}

fn serve(
    mut client: Connection<TcpStream>,
    shared: &Shared,
    signal: &Sender<Signal>,
) -> io::Result<()> {
    const PREFIX: &str = "/2018-06-01/runtime/";
    while let Some(request) = client.read()? {
        let now = machine::instant();
        let path = request.path.strip_prefix(PREFIX).unwrap_or_default();
        let told = if request.method == "GET" && path == "invocation/next" {
            if signal.send(Signal::Polled { at: now }).is_err() {
                return Ok(());
            }
            let event = shared
                .events
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            let Ok(event) = event else { return Ok(()) };
            *shared.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(machine::instant());
            hand_over(&mut client, &event)?;
            continue;
        } else if request.method == "POST" && path.ends_with("/response") {
            let sent = *shared.sent.lock().unwrap_or_else(PoisonError::into_inner);
            Signal::Answered {
                sent: sent.unwrap_or(now),
                received: now,
                body: text(&request),
            }
        } else {
            Signal::Failed {
                what: format!("{} {}: {}", request.method, request.path, text(&request)),
            }
        };
        // A listener that is gone has seen enough.
        let _told = signal.send(told);
        client.answer(Answer {
            status: "202 Accepted",
            media_type: "application/json",
            fields: "",
            body: br#"{"status":"OK"}"#,
        })?;
    }
    Ok(())
}

/// The request id may repeat: nothing but this connection ever sees it.
fn hand_over(client: &mut Connection<TcpStream>, event: &str) -> io::Result<()> {
    let deadline = machine::epoch_millis().saturating_add(30_000);
    let fields = format!(
        "Lambda-Runtime-Aws-Request-Id: 00000000-0000-4000-8000-000000000000\r\n\
         Lambda-Runtime-Deadline-Ms: {deadline}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:bench\r\n\
         Lambda-Runtime-Trace-Id: Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0\r\n"
    );
    client.answer(Answer {
        status: "200 OK",
        media_type: "application/json",
        fields: &fields,
        body: event.as_bytes(),
    })
}

fn text(request: &Request) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn one_event_goes_out_and_its_answer_comes_back() {
        let api = RuntimeApi::start().unwrap();
        let mut process = TcpStream::connect(api.address()).unwrap();
        process
            .write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n")
            .unwrap();
        let Signal::Polled { at } = api.signals().recv().unwrap() else {
            panic!("no poll")
        };
        api.send("{\"type\":\"reading\"}".to_owned());
        let mut chunk = [0; 4096];
        let read = process.read(&mut chunk).unwrap();
        let event = String::from_utf8_lossy(&chunk[..read]);
        assert!(event.ends_with("\r\n\r\n{\"type\":\"reading\"}"), "{event}");
        process
            .write_all(b"POST /2018-06-01/runtime/invocation/0/response HTTP/1.1\r\ncontent-length: 4\r\n\r\nnull")
            .unwrap();
        let Signal::Answered {
            sent,
            received,
            body,
        } = api.signals().recv().unwrap()
        else {
            panic!("no answer")
        };
        assert!(at <= sent && sent <= received);
        assert_eq!(body, "null");
    }

    #[test]
    fn errors_are_told() {
        for path in ["init/error", "invocation/0/error", "unknown"] {
            let api = RuntimeApi::start().unwrap();
            let mut process = TcpStream::connect(api.address()).unwrap();
            let request =
                format!("POST /2018-06-01/runtime/{path} HTTP/1.1\r\ncontent-length: 3\r\n\r\nbad");
            process.write_all(request.as_bytes()).unwrap();
            let Signal::Failed { what } = api.signals().recv().unwrap() else {
                panic!("no failure")
            };
            assert!(what.contains(path) && what.ends_with("bad"));
        }
    }
}
