//! For unit tests of connections: everything they need, over policies that allow everything and a clock that stands.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use crate::authenticator::Peer;
use crate::authorizer::{Authorizer, ConnectFeatures, Denied, Identity, Requester};
use crate::broker::Broker;
use crate::config::GatewayConfig;
use crate::custom_auth::{CustomAuth, Leases};
use crate::fleet::FleetProvisioning;
use crate::functions::{Functions, Invocation, Invoker};

use crate::registry::{AuthorizerSettings, AuthorizerStatus, Registry, Scope};
use crate::shared::Shared;

struct Everything;

impl Authorizer for Everything {
    fn connect(&self, _: &Identity, _: &ConnectFeatures) -> Result<(), Denied> {
        Ok(())
    }
    fn publish(&self, _: Requester<'_>, _: &str) -> Result<(), Denied> {
        Ok(())
    }
    fn retain(&self, _: Requester<'_>, _: &str) -> Result<(), Denied> {
        Ok(())
    }
    fn subscribe(&self, _: &Identity, _: &str) -> Result<(), Denied> {
        Ok(())
    }
    fn receive(&self, _: &Identity, _: &str) -> Result<(), Denied> {
        Ok(())
    }
}

/// Lets everybody in, or never answers.
struct Script {
    hang: bool,
}

impl Functions for Script {
    fn invoke(&self, _: &str, _: &str, _: Bytes) -> Invocation<'_> {
        const ANSWER: &str = r#"{"isAuthenticated":true,"principalId":"p","policyDocuments":[],"refreshAfterInSeconds":300}"#;
        match self.hang {
            true => Box::pin(std::future::pending()),
            false => Box::pin(async { Ok(ANSWER.into()) }),
        }
    }
}

/// With a default authorizer whose function lets everybody in, or hangs.
pub(crate) fn shared(stopping: watch::Receiver<bool>, hang: bool) -> Arc<Shared> {
    let clock: crate::Clock = Arc::new(|| 0);
    let scope = Scope {
        account_id: "123456789012".into(),
        region: "eu-west-1".into(),
    };
    let registry = Arc::new(Registry::new(scope).unwrap());
    let settings = AuthorizerSettings {
        function_arn: Some("arn:aws:lambda:eu-west-1:123456789012:function:f".into()),
        status: Some(AuthorizerStatus::Active),
        ..AuthorizerSettings::default()
    };
    registry.with(|state| {
        let authorizers = &mut state.authorizers;
        authorizers
            .create("a", settings, true, 0, String::new())
            .unwrap();
        authorizers.set_default("a", String::new()).unwrap();
    });
    let invoker = Invoker {
        functions: Some(Arc::new(Script { hang })),
        time_limit: GatewayConfig::new(Arc::clone(&clock)).function_time_limit,
    };
    let custom_auth = Arc::new(CustomAuth {
        registry: Arc::clone(&registry),
        invoker: invoker.clone(),
    });
    let broker = Broker::new(Arc::clone(&clock), Box::new(Everything), Box::new(()));
    Arc::new(Shared {
        fleet: FleetProvisioning::new(registry, Arc::clone(&broker), invoker, stopping.clone()),
        broker,
        leases: Leases::new(Arc::clone(&custom_auth), clock, stopping),
        custom_auth,
        exclusive_thing: Arc::new(|_| None),
    })
}

pub(crate) fn peer() -> Peer {
    Peer {
        address: ([127, 0, 0, 1], 1).into(),
        server_name: None,
        alpn: None,
        certificate: None,
    }
}
