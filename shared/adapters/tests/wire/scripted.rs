//! An HTTP server that answers what it is told, in order, and keeps what it was asked.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use sci_adapters::aws_clients::AwsClients;
use serde_json::Value;

/// Status and body of an answer.
pub type Answer = (u16, String);

#[derive(Clone)]
pub struct Scripted {
    url: String,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Scripted {
    /// Starts a server that gives `answers` and then 500.
    pub fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
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
                thread::spawn(move || server.serve(stream));
            }
        });
        scripted
    }

    /// Clients of this server, which try each call twice.
    pub fn clients(&self) -> AwsClients {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .endpoint_url(&self.url)
            .build();
        AwsClients::new(config, true)
    }

    /// What was asked: operation or path, and body.
    pub fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().unwrap().clone()
    }

    /// The body of the nth request as JSON.
    pub fn json(&self, nth: usize) -> Value {
        serde_json::from_str(&self.asked()[nth].1).unwrap()
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some((operation, body)) = read_request(&mut reader) {
            self.asked.lock().unwrap().push((operation, body));
            let next = self.answers.lock().unwrap().pop_front();
            let (status, body) = next.unwrap_or_else(|| (500, "{}".into()));
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            (&stream).write_all((head + &body).as_bytes()).unwrap();
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let (mut operation, mut length, mut line) = (None, 0, String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        let (name, value) = line.trim().split_once(": ").unwrap_or((line.trim(), ""));
        match name.to_lowercase().as_str() {
            "x-amz-target" => operation = value.rsplit('.').next().map(str::to_owned),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
        line.clear();
    }
    let mut body = vec![0; length];
    (length > 0).then_some(())?;
    reader.read_exact(&mut body).ok()?;
    Some((
        operation.unwrap_or_default(),
        String::from_utf8(body).unwrap(),
    ))
}
