//! The account and Region, and the ARNs of what lives in them.

use sha2::{Digest, Sha256};

use super::Refusal;

/// Where everything lives.
#[derive(Debug, Clone)]
pub struct Scope {
    /// 12 digits.
    pub account_id: String,
    /// As in `eu-west-1`.
    pub region: String,
}

impl Scope {
    fn arn(&self, kind: &str, name: &str) -> String {
        format!(
            "arn:aws:iot:{}:{}:{kind}/{name}",
            self.region, self.account_id
        )
    }

    /// ARN of a certificate.
    #[must_use]
    pub fn certificate(&self, id: &str) -> String {
        self.arn("cert", id)
    }

    /// ARN of a CA certificate.
    #[must_use]
    pub fn ca_certificate(&self, id: &str) -> String {
        self.arn("cacert", id)
    }

    /// What the owner of a CA signs to prove that he holds its key. AWS draws it at random, once for each account and
    /// Region; here it is derived from them, so that it stays the same from run to run.
    #[must_use]
    pub fn registration_code(&self) -> String {
        hexadecimal(&Sha256::digest(self.arn("registrationcode", "")))
    }

    /// ARN of a thing.
    #[must_use]
    pub fn thing(&self, name: &str) -> String {
        self.arn("thing", name)
    }

    /// ARN of a thing type.
    #[must_use]
    pub fn thing_type(&self, name: &str) -> String {
        self.arn("thingtype", name)
    }

    /// ARN of a thing group.
    #[must_use]
    pub fn thing_group(&self, name: &str) -> String {
        self.arn("thinggroup", name)
    }

    /// ARN of a policy.
    #[must_use]
    pub fn policy(&self, name: &str) -> String {
        self.arn("policy", name)
    }

    /// ARN of an authorizer.
    #[must_use]
    pub fn authorizer(&self, name: &str) -> String {
        self.arn("authorizer", name)
    }

    /// ARN of a provisioning template.
    #[must_use]
    pub fn provisioning_template(&self, name: &str) -> String {
        self.arn("provisioningtemplate", name)
    }

    /// ARN of a domain configuration.
    #[must_use]
    pub fn domain_configuration(&self, name: &str, suffix: &str) -> String {
        self.arn("domainconfiguration", &format!("{name}/{suffix}"))
    }

    /// What AWS draws at random for a domain configuration, derived from its name here, so that it stays the same from
    /// run to run: the name that clients connect to, and the end of its ARN.
    #[must_use]
    pub fn managed_domain(&self, name: &str) -> (String, String) {
        let digits = hexadecimal(&Sha256::digest(self.domain_configuration(name, "")));
        let (domain, rest) = digits.split_at(20);
        let (suffix, _) = rest.split_at(5);
        (
            format!("d{domain}.{}", managed_domains(&self.region)),
            suffix.to_owned(),
        )
    }

    /// The name in an ARN of this account, Region and kind (`cert`, `thing`, `thinggroup`).
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] when the text is another ARN or none.
    pub fn name_in<'a>(&self, kind: &str, arn: &'a str) -> Result<&'a str, Refusal> {
        let prefix = self.arn(kind, "");
        match arn.strip_prefix(&prefix) {
            Some(name) if !name.is_empty() => Ok(name),
            _ => Err(Refusal::InvalidRequest(format!(
                "`{arn}` is not the ARN of a {kind} in this account and Region: it must begin with `{prefix}`"
            ))),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The domain under which the names of domain configurations are. `localhost` (RFC 6761) cannot lead anywhere else.
#[must_use]
pub fn managed_domains(region: &str) -> String {
    format!("iot.{region}.localhost")
}
