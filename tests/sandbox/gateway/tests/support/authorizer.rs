//! Functions of custom authorizers that follow a script.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Method;
use iot_gateway::{Functions, Invocation};
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};

use super::{World, within};

/// The ARN of every function here.
pub const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer";

/// What a function does with an event.
pub enum Reply {
    Answer(Value),
    Bytes(Vec<u8>),
    Error(String),
    Hang,
    /// An answer after a permit of the semaphore.
    After(Arc<Semaphore>, Value),
}

pub struct Call {
    pub function_arn: String,
    pub source_arn: String,
    pub event: Value,
}

type Decide = Box<dyn Fn(&Value) -> Reply + Send>;

#[derive(Clone)]
pub struct Script(Arc<Inner>);

struct Inner {
    calls: Mutex<Vec<Call>>,
    called: Notify,
    decide: Mutex<Decide>,
}

impl Script {
    /// The same reply to every event.
    pub fn always(answer: Value) -> Self {
        Self::new(move |_| Reply::Answer(answer.clone()))
    }

    pub fn new(decide: impl Fn(&Value) -> Reply + Send + 'static) -> Self {
        Self(Arc::new(Inner {
            calls: Mutex::default(),
            called: Notify::new(),
            decide: Mutex::new(Box::new(decide)),
        }))
    }

    /// From now on.
    pub fn change(&self, decide: impl Fn(&Value) -> Reply + Send + 'static) {
        *self.0.decide.lock().unwrap() = Box::new(decide);
    }

    pub fn answer(&self, answer: Value) {
        self.change(move |_| Reply::Answer(answer.clone()));
    }

    pub fn count(&self) -> usize {
        self.0.calls.lock().unwrap().len()
    }

    pub fn event(&self, index: usize) -> Value {
        self.0.calls.lock().unwrap()[index].event.clone()
    }

    pub fn call<R>(&self, index: usize, read: impl FnOnce(&Call) -> R) -> R {
        read(&self.0.calls.lock().unwrap()[index])
    }

    /// Waits for the n-th invocation.
    pub async fn called(&self, count: usize) {
        within(async {
            loop {
                let called = self.0.called.notified();
                tokio::pin!(called);
                called.as_mut().enable();
                if self.count() >= count {
                    return;
                }
                called.await;
            }
        })
        .await;
    }
}

impl Functions for Script {
    fn invoke(&self, function_arn: &str, source_arn: &str, event: Bytes) -> Invocation<'_> {
        let event: Value = serde_json::from_slice(&event).unwrap();
        let reply = self.0.decide.lock().unwrap()(&event);
        self.0.calls.lock().unwrap().push(Call {
            function_arn: function_arn.into(),
            source_arn: source_arn.into(),
            event,
        });
        self.0.called.notify_waiters();
        Box::pin(async move {
            match reply {
                Reply::Answer(answer) => Ok(answer.to_string().into()),
                Reply::Bytes(bytes) => Ok(bytes.into()),
                Reply::Error(why) => Err(why),
                Reply::After(gate, answer) => {
                    gate.acquire().await.unwrap().forget();
                    Ok(answer.to_string().into())
                }
                Reply::Hang => std::future::pending().await,
            }
        })
    }
}

/// An answer that lets in and allows what the statements say.
pub fn answer(statements: Value) -> Value {
    json!({
        "isAuthenticated": true,
        "principalId": "device42",
        "policyDocuments": [{ "Version": "2012-10-17", "Statement": statements }],
        "disconnectAfterInSeconds": 3600,
        "refreshAfterInSeconds": 300,
    })
}

pub fn allow(action: &str, resource: &str) -> Value {
    let resource = format!("arn:aws:iot:eu-west-1:123456789012:{resource}");
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

/// An answer that allows everything.
pub fn allow_all() -> Value {
    answer(json!([{ "Effect": "Allow", "Action": "iot:*", "Resource": "*" }]))
}

/// The answer with one member changed, or taken away if it is null.
pub fn but(mut answer: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => {
            answer.as_object_mut().unwrap().remove(name);
        }
        value => answer[name] = value,
    }
    answer
}

impl World {
    /// An ACTIVE authorizer without signing whose token is called `token`.
    pub async fn authorizer(&self, name: &str) {
        self.authorizer_with(name, json!({})).await;
    }

    /// The same with other members in the request.
    pub async fn authorizer_with(&self, name: &str, members: Value) {
        let mut body = json!({
            "authorizerFunctionArn": FUNCTION,
            "tokenKeyName": "token",
            "status": "ACTIVE",
            "signingDisabled": true,
        });
        body.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        self.iot(Method::POST, &format!("/authorizer/{name}"), body)
            .await;
    }

    pub async fn default_authorizer(&self, name: &str) {
        let body = json!({ "authorizerName": name });
        self.iot(Method::POST, "/default-authorizer", body).await;
    }

    /// A domain configuration; answers its domain name.
    pub async fn domain(&self, name: &str, body: Value) -> String {
        let path = format!("/domainConfigurations/{name}");
        self.iot(Method::POST, &path, body).await;
        let found = self.iot(Method::GET, &path, json!({})).await;
        found["domainName"].as_str().unwrap().to_owned()
    }
}
