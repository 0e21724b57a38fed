//! A server on loopback that answers bytes as they are told, so that it can also answer what no HTTP server would.

use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs::default_provider,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection is closed in an orderly way.
    Closed,
    /// The connection breaks off, without the TLS alert that says it is over.
    Cut,
    /// Nothing more comes.
    Never,
}

/// A running server. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    answer: Arc<Mutex<Vec<u8>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// What it was asked, as text.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Gives another answer from now on.
    pub(crate) fn answer(&self, answer: impl Into<Vec<u8>>) {
        *self.answer.lock().unwrap() = answer.into();
    }
}

/// Makes a root certificate, and a server certificate for `name` that it signed: the PEM of the one, TLS with the other.
pub(crate) fn certificates(name: &str) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new([name.to_owned()]).unwrap();
    let server = server.signed_by(&key, &root).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap();
    (root.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// Gives `answer` to every request, over TLS if it has a certificate.
pub(crate) async fn serve(
    tls: Option<TlsAcceptor>,
    answer: impl Into<Vec<u8>>,
    end: End,
) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server {
        port: listener.local_addr().unwrap().port(),
        answer: Arc::new(Mutex::new(answer.into())),
        asked: Arc::default(),
    };
    let accepting = server.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (tls, server) = (tls.clone(), accepting.clone());
            tokio::spawn(async move {
                let Some(tls) = tls else {
                    return server.converse(stream, end).await;
                };
                // A client that does not trust the certificate leaves here.
                if let Ok(stream) = tls.accept(stream).await {
                    server.converse(stream, end).await;
                }
            });
        }
    });
    server
}

impl Server {
    async fn converse(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, end: End) {
        let mut request = Vec::new();
        while !is_whole(&request) {
            if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let request = String::from_utf8(request).unwrap();
        self.asked.lock().unwrap().push(request);
        let answer = self.answer.lock().unwrap().clone();
        // The client may have heard enough before the end.
        let _ = stream.write_all(&answer).await;
        let _ = stream.flush().await;
        match end {
            End::Closed => drop(stream.shutdown().await),
            End::Cut => {}
            End::Never => std::future::pending().await,
        }
    }
}

/// Whether head and announced body are there.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse::<usize>().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}
