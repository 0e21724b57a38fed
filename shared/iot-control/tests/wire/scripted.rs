//! An HTTP server that answers what it is told, in order, and keeps what it was asked.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_iot::config::{Credentials, SharedCredentialsProvider};
use sci_adapters::aws_clients::AwsClients;

/// An answer: a status, and a body below 300, or else the code of an error.
pub(crate) type Answer = (u16, &'static str);

#[derive(Clone)]
pub(crate) struct Scripted {
    url: String,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Starts a server that gives `answers` and then 500.
    pub(crate) fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scripted = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            asked: Arc::default(),
        };
        let server = scripted.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (server, stream) = (server.clone(), stream.unwrap());
                thread::spawn(move || server.serve(&stream));
            }
        });
        scripted
    }

    /// Clients of this server, which try each call once.
    pub(crate) fn clients(&self) -> AwsClients {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&self.url)
            .build();
        AwsClients::new(config, true)
    }

    /// What was asked: method, path, query, the principal if there was one, and the body if there was one.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(asked) = read_request(&mut reader) {
            self.asked.lock().unwrap().push(asked);
            let next = self.answers.lock().unwrap().pop_front();
            let (status, text) = next.unwrap_or((500, "InternalFailureException"));
            let (code, body) = match status {
                ..300 => ("", text),
                _ => (text, r#"{"message":"a secret word"}"#),
            };
            let answer = format!(
                "HTTP/1.1 {status} x\r\nx-amzn-errortype: {code}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut stream = stream;
            stream.write_all(answer.as_bytes()).unwrap();
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<String> {
    let mut lines = reader.by_ref().lines();
    let mut asked = lines.next()?.ok()?;
    asked.truncate(asked.trim_end_matches(" HTTP/1.1").len());
    let mut length = 0;
    for line in lines.map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        if let Some(principal) = line.strip_prefix("x-amzn-principal: ") {
            asked = format!("{asked} {principal}");
        }
        if let Some(text) = line.strip_prefix("content-length: ") {
            length = text.parse().unwrap();
        }
    }
    if length > 0 {
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        asked = format!("{asked} {}", String::from_utf8(body).unwrap());
    }
    Some(asked)
}
