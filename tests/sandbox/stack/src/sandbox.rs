//! A running sandbox.

use std::{collections::BTreeMap, fmt, net::SocketAddr, sync::Arc};

use futures_util::future::BoxFuture;
use iot_gateway::{Gateway, GatewayConfig};
use lambda_host::{DestinationError, Destinations, HostConfig, LambdaHost};
use sam_template::{Environment, Parameters, Schedule, Stack, Template};
use sandbox_services::{Config, Services};
use tokio::task::JoinHandle;

use crate::{
    clock::{SandboxClock, system_now},
    front::{self, Backends},
    functions::PermittedFunctions,
    options::{ACCOUNT, Options, REGION},
    provision,
    rule_engine::{RuleEngine, RuleRun, Surroundings},
    schedules,
};

/// Why a sandbox could not start.
#[derive(Debug)]
pub enum StartFailed {
    /// The template cannot be read or resolved, or holds what the sandbox does not have.
    Template(Box<dyn std::error::Error + Send + Sync>),
    /// A port is taken, or another resource of the machine is missing.
    Machine(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for StartFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(source) => {
                write!(f, "the template does not run in the sandbox: {source}")
            }
            Self::Machine(source) => write!(f, "the sandbox cannot start here: {source}"),
        }
    }
}

impl std::error::Error for StartFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Template(source) | Self::Machine(source) => Some(source.as_ref()),
        }
    }
}

pub(crate) fn template<E: Into<Box<dyn std::error::Error + Send + Sync>>>(error: E) -> StartFailed {
    StartFailed::Template(error.into())
}

pub(crate) fn machine<E: Into<Box<dyn std::error::Error + Send + Sync>>>(error: E) -> StartFailed {
    StartFailed::Machine(error.into())
}

/// AWS IoT Core, Lambda, DynamoDB, SNS, SQS and Timestream as a template declares them. Dropping it ends it.
pub struct Sandbox {
    /// The time.
    pub clock: SandboxClock,
    /// The resolved template.
    pub stack: Stack,
    /// DynamoDB, SQS, SNS, Timestream: faults, calls, published messages.
    pub services: Services,
    /// Registry and broker: connection events.
    pub gateway: Arc<Gateway>,
    /// The functions: history, faults.
    pub lambda: Arc<LambdaHost>,
    rules: RuleEngine,
    surroundings: provision::Surroundings,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Sandbox {
    /// Resolves the template, makes its resources, starts its functions' host and listens.
    ///
    /// # Errors
    /// [`StartFailed`].
    pub async fn start(options: Options) -> Result<Self, StartFailed> {
        let (listener, address) = front::bind(options.aws_port).await.map_err(machine)?;
        let endpoint = format!("http://{address}");
        let stack = resolve(&options, &endpoint)?;
        let services = Services::start(Config {
            clock: options.clock.as_fn(),
            account_id: ACCOUNT.into(),
            region: REGION.into(),
            endpoint_base: endpoint.clone(),
        })
        .map_err(machine)?;
        // Event age and invocation records are real time: a story's clock may jump.
        let mut host = HostConfig::new(Arc::new(system_now));
        host.retry_delays = options.retry_delays;
        host.log_sink = Arc::clone(&options.log_sink);
        let lambda = Arc::new(LambdaHost::start(host, Arc::new(Queues(services.clone()))));
        let surroundings = Surroundings {
            services: services.clone(),
            lambda: Arc::clone(&lambda),
            permissions: stack.permissions().to_vec(),
        };
        let (rules, worker) =
            RuleEngine::start(stack.topic_rules(), surroundings).map_err(template)?;
        let mqtt = SocketAddr::from(([127, 0, 0, 1], options.mqtt_port));
        let functions = PermittedFunctions {
            lambda: Arc::clone(&lambda),
            permissions: stack.permissions().to_vec(),
        };
        let config = GatewayConfig {
            listen: mqtt,
            https_listen: SocketAddr::from(([127, 0, 0, 1], options.https_port)),
            functions: Some(Arc::new(functions)),
            ..GatewayConfig::new(options.clock.as_fn())
        };
        let gateway = Arc::new(
            Gateway::start(config, rules.clone())
                .await
                .map_err(machine)?,
        );
        rules.connect(&gateway);
        provision::resources(&stack, &services, &gateway).await?;
        let surroundings = provision::Surroundings::new(endpoint, &options.function_roots)?;
        provision::functions(&stack, &lambda, &options.binaries, &surroundings)?;
        let backends = Backends {
            services: services.clone(),
            gateway: Arc::clone(&gateway),
            lambda: Arc::clone(&lambda),
            functions: stack
                .functions()
                .iter()
                .map(|f| (f.binary.clone(), f.name.clone()))
                .collect(),
        };
        let front = front::serve(listener, Arc::new(backends));
        Ok(Self {
            clock: options.clock,
            stack,
            services,
            gateway,
            lambda,
            rules,
            surroundings,
            address,
            tasks: vec![worker, front],
        })
    }

    /// Where every AWS API is: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port of MQTT over mutual TLS.
    #[must_use]
    pub fn mqtt_port(&self) -> u16 {
        self.gateway.mqtt_addr().port()
    }

    /// The port of TLS in the role of AWS's 443: devices with tokens, WebSocket and HTTPS.
    #[must_use]
    pub fn https_port(&self) -> u16 {
        self.gateway.https_addr().port()
    }

    /// A stack output by name; empty if there is none.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.stack.outputs.get(name).map_or("", String::as_str)
    }

    /// The environment that the function with this binary has here.
    #[must_use]
    pub fn environment(&self, binary: &str) -> BTreeMap<String, String> {
        let mut functions = self.stack.functions().iter();
        let function = functions.find(|function| function.binary == binary);
        let mut environment = function
            .map(|function| self.surroundings.environment(function))
            .unwrap_or_default();
        for (name, value) in [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "sandbox"),
            ("AWS_SECRET_ACCESS_KEY", "sandbox"),
        ] {
            environment.insert(name.to_owned(), value.to_owned());
        }
        environment
    }

    /// What the rules did with every message, in order.
    #[must_use]
    pub fn rule_runs(&self) -> Vec<RuleRun> {
        self.rules.runs()
    }

    /// Waits until every connection that is due has been asked for again or ended, every message that was published has
    /// been through the rules, and every invocation has ended.
    pub async fn quiesce(&self) {
        self.gateway.settle().await;
        self.rules.quiesce().await;
        self.lambda.quiesce().await;
    }

    /// Ticks every enabled schedule once, at the sandbox's time, and waits for the effects.
    pub async fn tick(&self) {
        let now = self.clock.now();
        for schedule in self.enabled_schedules() {
            schedules::tick(&self.lambda, schedule, now);
        }
        self.quiesce().await;
    }

    /// Ticks every enabled schedule at its rate, in real time, until the sandbox ends.
    pub fn run_schedules(&mut self) {
        let schedules: Vec<Schedule> = self.enabled_schedules().cloned().collect();
        for schedule in schedules {
            let (lambda, clock) = (Arc::clone(&self.lambda), self.clock.clone());
            self.tasks
                .push(tokio::spawn(schedules::run(lambda, clock, schedule)));
        }
    }

    fn enabled_schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.stack
            .schedules()
            .iter()
            .filter(|schedule| schedule.enabled)
    }

    /// Ends the functions; dropping the rest closes the devices' connections.
    pub async fn shutdown(self) {
        self.lambda.shutdown().await;
    }
}

/// The names of the binaries that a template's functions run, whatever its parameters are.
///
/// # Errors
/// [`StartFailed::Template`].
pub fn function_binaries(text: &str) -> Result<Vec<String>, StartFailed> {
    let options = Options::new(text.to_owned(), BTreeMap::new());
    let stack = resolve(&options, "http://127.0.0.1:1")?;
    let functions = stack.functions().iter();
    Ok(functions.map(|function| function.binary.clone()).collect())
}

fn resolve(options: &Options, endpoint: &str) -> Result<Stack, StartFailed> {
    let parameters = options.parameters.iter();
    let parameters: Parameters = parameters.fold(Parameters::new(), |all, (name, value)| {
        all.with(name, value)
    });
    let environment = Environment::new(ACCOUNT, REGION, "sci-sandbox").with_sqs_endpoint(endpoint);
    let parsed = Template::parse(&options.template).map_err(template)?;
    parsed.resolve(&parameters, &environment).map_err(template)
}

/// On-failure destinations: queues.
struct Queues(Services);

impl Destinations for Queues {
    fn send(&self, arn: &str, body: String) -> BoxFuture<'_, Result<(), DestinationError>> {
        let arn = arn.to_owned();
        Box::pin(async move {
            if !arn.starts_with("arn:aws:sqs:") {
                return Err(DestinationError::Unsupported(arn));
            }
            let sent = self.0.send_to_queue(&arn, &body, &[]).await;
            sent.map_err(|error| DestinationError::Refused(error.into()))
        })
    }
}
