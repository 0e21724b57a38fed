//! An issuer of device tokens, as a company's identity provider is one: its own keys, published as a JWK Set over HTTPS,
//! and a page that gives a token to anybody, because this one is on loopback and its keys die with it.

use std::{
    error::Error,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};
use uuid::Uuid;

use crate::clock::system_now;

/// The claim `aud` of the tokens for this suite.
pub const AUDIENCE: &str = "sci-iot";
/// The claim `iss` of tokens that devices sign themselves.
pub const DEVICE_ISSUER: &str = "urn:sci:devices";

type AnyError = Box<dyn Error + Send + Sync>;

/// A key that signs tokens. It is made anew each time and never leaves the process.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    jwk: Value,
    private: EncodingKey,
}

impl SigningKey {
    /// Makes a key for ES256.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn generate(kid: &str) -> Result<Self, AnyError> {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        // An uncompressed point: 4, then both coordinates. Source: SEC 1, section 2.3.3.
        let (x, y) = pair
            .der_bytes()
            .split_first_chunk::<1>()
            .and_then(|(_, point)| point.split_at_checked(32))
            .ok_or("a public key of another shape")?;
        let jwk = json!({
            "kid": kid, "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig",
            "x": BASE64URL.encode(x), "y": BASE64URL.encode(y),
        });
        Ok(Self {
            kid: kid.to_owned(),
            jwk,
            private: EncodingKey::from_ec_der(&pair.serialize_der()),
        })
    }

    /// The public key as a JWK (RFC 7517).
    #[must_use]
    pub const fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// Signs claims.
    ///
    /// # Errors
    /// When they cannot be written as JSON.
    pub fn sign(&self, claims: &Value) -> Result<String, AnyError> {
        let header = Header {
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::ES256)
        };
        Ok(jsonwebtoken::encode(&header, claims, &self.private)?)
    }
}

/// A running identity provider. Dropping it ends it.
pub struct IdentityProvider {
    shared: Arc<Shared>,
    root_ca_pem: String,
    task: JoinHandle<()>,
}

struct Shared {
    issuer: String,
    clock: fn() -> u64,
    keys: Mutex<Vec<SigningKey>>,
    made: AtomicUsize,
    fetches: AtomicUsize,
    down: AtomicBool,
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl IdentityProvider {
    /// Makes a key and a server certificate, and publishes on a free loopback port.
    ///
    /// # Errors
    /// When keys cannot be made or no port is free.
    pub async fn start() -> Result<Self, AnyError> {
        let server_key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?;
        let certificate = certificate.self_signed(&server_key)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
        let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            issuer: format!("https://localhost:{}", address.port()),
            clock: system_now,
            keys: Mutex::new(vec![SigningKey::generate("key-1")?]),
            made: AtomicUsize::new(1),
            fetches: AtomicUsize::new(0),
            down: AtomicBool::new(false),
        });
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let task = tokio::spawn(serve(listener, acceptor, Arc::clone(&shared)));
        Ok(Self {
            shared,
            root_ca_pem: certificate.pem(),
            task,
        })
    }

    /// The claim `iss` of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// Where its keys are.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.issuer())
    }

    /// Where anybody gets a token, by `sub`, `property_id` and `scope` in the query.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/token", self.issuer())
    }

    /// What a client must trust to fetch them, PEM.
    #[must_use]
    pub fn root_ca_pem(&self) -> &str {
        &self.root_ca_pem
    }

    /// The template's parameter `JwtIssuers` that trusts it, and devices that sign their own tokens.
    #[must_use]
    pub fn issuers_parameter(&self) -> String {
        json!([
            { "issuer": self.issuer(), "audience": AUDIENCE, "keys": { "url": self.jwks_url() } },
            { "issuer": DEVICE_ISSUER, "audience": AUDIENCE, "keys": "devices" },
        ])
        .to_string()
    }

    /// Its keys as a JWK Set (RFC 7517, section 5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.shared.jwks()
    }

    /// Signs claims with the newest key.
    ///
    /// # Errors
    /// When they cannot be written as JSON.
    pub fn sign(&self, claims: &Value) -> Result<String, AnyError> {
        self.shared.sign(claims)
    }

    /// The claims of a token for `thing`, valid from now on for `seconds`; negative for one that has expired.
    #[must_use]
    pub fn claims(&self, thing: &str, property: &str, scope: &str, seconds: i64) -> Value {
        self.shared.claims(thing, property, scope, seconds)
    }

    /// Publishes a new key in place of all earlier ones.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn rotate(&self) -> Result<(), AnyError> {
        let number = self.shared.made.fetch_add(1, Ordering::SeqCst) + 1;
        let fresh = SigningKey::generate(&format!("key-{number}"))?;
        *self.shared.keys() = vec![fresh];
        Ok(())
    }

    /// How often the keys were fetched.
    #[must_use]
    pub fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }

    /// Answers 503 from now on, or its keys again.
    pub fn set_down(&self, down: bool) {
        self.shared.down.store(down, Ordering::SeqCst);
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let answer = service_fn(move |request: Request<Incoming>| {
                let response = shared.answer(request.uri()).map(Full::new);
                async { Ok::<_, std::convert::Infallible>(response) }
            });
            // A connection that breaks is the client's affair.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

impl Shared {
    fn keys(&self) -> MutexGuard<'_, Vec<SigningKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn jwks(&self) -> Value {
        let keys: Vec<_> = self.keys().iter().map(|key| key.jwk.clone()).collect();
        json!({ "keys": keys })
    }

    fn sign(&self, claims: &Value) -> Result<String, AnyError> {
        let newest = self.keys().last().cloned();
        newest.ok_or("there is no key")?.sign(claims)
    }

    fn claims(&self, thing: &str, property: &str, scope: &str, seconds: i64) -> Value {
        let now = i64::try_from((self.clock)() / 1000).unwrap_or_default();
        // An expired one was issued two of its lifetimes ago.
        let issued_at = now.saturating_add(seconds.min(0).saturating_mul(2));
        json!({
            "iss": self.issuer, "aud": AUDIENCE, "sub": thing, "property_id": property, "scope": scope,
            "iat": issued_at, "exp": issued_at.saturating_add(seconds.abs()), "jti": Uuid::new_v4().to_string(),
        })
    }

    fn answer(&self, uri: &Uri) -> Response<Bytes> {
        let page = match uri.path() {
            "/.well-known/jwks.json" => {
                self.fetches.fetch_add(1, Ordering::SeqCst);
                Ok(self.jwks().to_string())
            }
            "/token" => self.token(uri.query().unwrap_or_default()),
            _ => Err(StatusCode::NOT_FOUND),
        };
        let page = match page {
            Ok(_) if self.down.load(Ordering::SeqCst) => Err(StatusCode::SERVICE_UNAVAILABLE),
            page => page,
        };
        let mut response = Response::new(Bytes::new());
        match page {
            Ok(text) => *response.body_mut() = text.into(),
            Err(status) => *response.status_mut() = status,
        }
        response
    }

    /// `sub`, `property_id` and `scope` of the query as a token for an hour.
    fn token(&self, query: &str) -> Result<String, StatusCode> {
        let of = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let found = pairs.find(|(its, _)| its == name);
            found.map(|(_, value)| value.into_owned())
        };
        let thing = of("sub").ok_or(StatusCode::BAD_REQUEST)?;
        let property = of("property_id").ok_or(StatusCode::BAD_REQUEST)?;
        let scope = of("scope").ok_or(StatusCode::BAD_REQUEST)?;
        let claims = self.claims(&thing, &property, &scope, 3600);
        self.sign(&claims)
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
    }
}
