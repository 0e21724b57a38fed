//! What the host's tasks share: functions, faults, the account, and what is going on.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::watch;
use uuid::Uuid;

use crate::attempt::Call;
use crate::config::HostConfig;
use crate::error::InvokeError;
use crate::event::Destinations;
use crate::faults::Faults;
use crate::function_ref;
use crate::gauge::Gauge;
use crate::host::InvokeOptions;
use crate::ledger::Ledger;
use crate::outcome::Kind;
use crate::pool::Function;
use crate::spec::{FunctionSpec, RegisterError};

pub(crate) struct Inner {
    pub(crate) config: HostConfig,
    pub(crate) destinations: Arc<dyn Destinations>,
    pub(crate) faults: Faults,
    pub(crate) ledger: Ledger,
    /// Invocations running and events queued.
    pub(crate) active: Gauge,
    /// Processes that are not gone yet.
    pub(crate) processes: Gauge,
    functions: RwLock<BTreeMap<String, Arc<Function>>>,
    closed: watch::Sender<bool>,
    runtime: Handle,
}

impl Inner {
    pub(crate) fn new(config: HostConfig, destinations: Arc<dyn Destinations>) -> Self {
        Self {
            config,
            destinations,
            faults: Faults::default(),
            ledger: Ledger::default(),
            active: Gauge::default(),
            processes: Gauge::default(),
            functions: RwLock::default(),
            closed: watch::channel(false).0,
            runtime: Handle::current(),
        }
    }

    pub(crate) fn add(&self, spec: FunctionSpec, arn: String) -> Result<(), RegisterError> {
        let mut functions = self
            .functions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if functions.contains_key(&spec.name) {
            return Err(RegisterError::AlreadyRegistered(spec.name));
        }
        let function = Function::new(spec, arn, self.config.now_ms());
        functions.insert(function.spec.name.clone(), Arc::new(function));
        Ok(())
    }

    /// Abandons all tasks and lets go of all processes, which kills them.
    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
        let _in_runtime = self.runtime.enter();
        for function in self.list() {
            drop(function.close());
        }
    }

    /// All functions by name.
    pub(crate) fn list(&self) -> Vec<Arc<Function>> {
        let functions = self
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        functions.values().cloned().collect()
    }

    /// Finds a function by name or ARN; answers it with the ARN as invoked.
    pub(crate) fn find(
        &self,
        text: &str,
        qualifier: Option<String>,
    ) -> Result<(Arc<Function>, String), InvokeError> {
        let (region, account) = (&self.config.region, &self.config.account_id);
        let named = function_ref::parse(text, region, account)?;
        let mut arn = function_ref::arn(region, account, &named.name);
        let qualifier = match (named.qualifier, qualifier) {
            (Some(a), Some(b)) if a != b => {
                return Err(InvokeError::InvalidParameter(format!(
                    "The derived qualifier from the function name ({a}) does not match the specified qualifier ({b})."
                )));
            }
            (a, b) => a.or(b),
        };
        if let Some(qualifier) = &qualifier {
            arn = format!("{arn}:{qualifier}");
        }
        let functions = self
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        match functions.get(&named.name) {
            Some(function) if qualifier.is_none_or(|q| q == "$LATEST") => {
                Ok((Arc::clone(function), arn))
            }
            _ => Err(InvokeError::FunctionNotFound { arn }),
        }
    }

    /// Checks an invocation and gives it an id.
    pub(crate) fn call(
        &self,
        function: &str,
        payload: Bytes,
        options: InvokeOptions,
        kind: Kind,
        limit: usize,
    ) -> Result<Call, InvokeError> {
        if *self.closed.borrow() {
            return Err(InvokeError::ShuttingDown);
        }
        let (function, invoked_arn) = self.find(function, options.qualifier)?;
        if payload.len() > limit {
            return Err(InvokeError::RequestTooLarge { limit });
        }
        let payload = if payload.is_empty() {
            Bytes::from_static(b"{}")
        } else {
            payload
        };
        serde_json::from_slice::<serde::de::IgnoredAny>(&payload)
            .map_err(InvokeError::InvalidRequestContent)?;
        Ok(Call {
            function,
            invoked_arn,
            request_id: Uuid::new_v4().to_string(),
            payload,
            client_context: options.client_context,
            kind,
        })
    }

    /// Runs a task that counts as active and is abandoned at shutdown.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let guard = self.active.enter();
        let mut closed = self.closed.subscribe();
        self.runtime.spawn(async move {
            let _guard = guard;
            tokio::select! {
                _ = closed.wait_for(|closed| *closed) => {}
                () = task => {}
            }
        });
    }
}
