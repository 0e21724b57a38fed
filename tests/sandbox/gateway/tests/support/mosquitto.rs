//! The mosquitto clients as foreign witnesses.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{Device, World, foreign};

/// A refused TLS client of mosquitto tries for ever; this ends it.
const LIMIT: Duration = Duration::from_secs(20);

/// Whether the tests with mosquitto can run.
///
/// # Panics
/// When the programs are missing and required.
pub fn available() -> bool {
    let found = std::process::Command::new("mosquitto_pub")
        .arg("--help")
        .output();
    foreign::found(
        found.is_ok(),
        "mosquitto_pub is missing; install the Debian package mosquitto-clients",
    )
}

/// The files that mosquitto wants.
pub struct Files {
    folder: TempDir,
    port: u16,
    certificate: bool,
}

impl Files {
    pub fn new(world: &World, device: &Device) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), world.gateway.root_ca_pem()).unwrap();
        std::fs::write(folder.path().join("cert.pem"), &device.certificate_pem).unwrap();
        std::fs::write(folder.path().join("key.pem"), &device.key_pem).unwrap();
        Self {
            folder,
            port: world.gateway.mqtt_addr().port(),
            certificate: true,
        }
    }

    /// For a custom authorizer: no certificate, the port in the role of 443.
    pub fn custom(world: &World) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), world.gateway.root_ca_pem()).unwrap();
        Self {
            folder,
            port: world.gateway.https_addr().port(),
            certificate: false,
        }
    }

    /// Where one of the files is: `ca.pem`, `cert.pem`, `key.pem`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", "localhost", "-p", &self.port.to_string()]);
        command.arg("--cafile").arg(self.path("ca.pem"));
        match self.certificate {
            true => command
                .arg("--cert")
                .arg(self.path("cert.pem"))
                .arg("--key")
                .arg(self.path("key.pem")),
            false => command.args(["--tls-alpn", "mqtt"]),
        };
        command
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs `mosquitto_pub` or `mosquitto_sub` to its end.
    pub async fn run(&self, program: &str, args: &[&str]) -> Output {
        tokio::time::timeout(LIMIT, self.command(program, args).output())
            .await
            .unwrap_or_else(|_| panic!("{program} {args:?} did not end within {LIMIT:?}"))
            .unwrap()
    }

    /// Starts one and lets it run.
    pub fn spawn(&self, program: &str, args: &[&str]) -> Child {
        self.command(program, args).spawn().unwrap()
    }
}

pub fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
