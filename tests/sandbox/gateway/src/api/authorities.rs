//! Operations on CAs.

use std::sync::Arc;

use provisioning_template::{Kind, Template};
use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::response::timestamp;
use super::{Answer, Api};
use crate::registry::{
    Authority, AuthoritySettings, CertificateMode, Refusal, Registration, RegistrationTemplate,
    State, names,
};
use crate::{issuance, x509};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRegistration {
    template_body: Option<String>,
    template_name: Option<String>,
    role_arn: Option<String>,
}

impl Api {
    /// GET /registrationcode
    pub(super) fn get_registration_code(&self) -> Answer {
        Ok(json!({ "registrationCode": self.registry.scope.registration_code() }))
    }

    /// POST /cacertificate?setAsActive&allowAutoRegistration
    pub(super) fn register_ca_certificate(&self, request: &Request) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            ca_certificate: String,
            verification_certificate: Option<String>,
            registration_config: Option<WireRegistration>,
            certificate_mode: Option<String>,
        }
        let body: Body = request.json()?;
        let invalid = |why: String| Refusal::CertificateValidation(format!("caCertificate: {why}"));
        let der = issuance::from_pem(&body.ca_certificate).map_err(invalid)?;
        let subject = issuance::authority_subject(&der).map_err(invalid)?;
        let facts = x509::read(&der).map_err(invalid)?;
        let proof = body.verification_certificate.as_deref();
        let mode = match (body.certificate_mode.as_deref(), proof) {
            (None | Some("DEFAULT"), Some(proof)) => {
                self.check_proof(proof, &der)?;
                CertificateMode::Default
            }
            (Some("SNI_ONLY"), None) => CertificateMode::SniOnly,
            (None | Some("DEFAULT"), None) => {
                return Err(Refusal::InvalidRequest(
                    "verificationCertificate is missing; sign one with the CA (CN = GetRegistrationCode), or choose certificateMode SNI_ONLY".into(),
                ));
            }
            (Some("SNI_ONLY"), Some(_)) => {
                return Err(Refusal::InvalidRequest(
                    "verificationCertificate must be empty with certificateMode SNI_ONLY".into(),
                ));
            }
            (Some(other), _) => {
                return Err(Refusal::InvalidRequest(format!(
                    "certificateMode `{other}` must be DEFAULT or SNI_ONLY"
                )));
            }
        };
        let settings = AuthoritySettings {
            active: request.flag("setAsActive")?,
            auto_registration: request.flag("allowAutoRegistration")?,
            registration: body.registration_config.map(registration).transpose()?,
        };
        let now = self.now_ms();
        let authority = Authority {
            id: x509::certificate_id(&der),
            pem: body.ca_certificate,
            der: der.into(),
            subject,
            validity_ms: (facts.not_before_ms, facts.not_after_ms),
            mode,
            settings,
            created_ms: now,
            modified_ms: now,
            customer_version: 1,
        };
        authority
            .valid(now)
            .map_err(Refusal::CertificateValidation)?;
        let id = authority.id.clone();
        let arn = self.registry.scope.ca_certificate(&id);
        self.registry.with(|state| {
            template_exists(state, authority.settings.registration.as_ref())?;
            state.authorities.add(authority, arn.clone())
        })?;
        Ok(json!({ "certificateArn": arn, "certificateId": id }))
    }

    /// Whoever registers a CA in mode `DEFAULT` proves that he holds its key: with a certificate that is signed by it and
    /// whose common name is the registration code.
    fn check_proof(&self, pem: &str, authority: &[u8]) -> Result<(), Refusal> {
        let invalid =
            |why: String| Refusal::CertificateValidation(format!("verificationCertificate: {why}"));
        let der = issuance::from_pem(pem).map_err(invalid)?;
        let facts = x509::read(&der).map_err(invalid)?;
        issuance::check_signature(&der, authority).map_err(invalid)?;
        let subject = &facts.for_policies.subject.attributes;
        let common_names = subject.get(&iot_policy::certificate::NameAttribute::CommonName);
        let code = self.registry.scope.registration_code();
        if common_names.is_none_or(|names| *names != [code]) {
            return Err(Refusal::RegistrationCodeValidation(
                "the common name of verificationCertificate is not the code that GetRegistrationCode gives".into(),
            ));
        }
        Ok(())
    }

    /// GET /cacertificate/{certificateId}
    pub(super) fn describe_ca_certificate(&self, id: &str) -> Answer {
        names::certificate_id(id)?;
        self.registry.with(|state| {
            let authority = state.authorities.get(id)?;
            let (from, until) = authority.validity_ms;
            let mut description = self.ca_summary(authority);
            if let Some(map) = description.as_object_mut() {
                map.insert("certificatePem".into(), authority.pem.clone().into());
                let account = &self.registry.scope.account_id;
                map.insert("ownedBy".into(), account.clone().into());
                let automatic = if authority.settings.auto_registration {
                    "ENABLE"
                } else {
                    "DISABLE"
                };
                map.insert("autoRegistrationStatus".into(), automatic.into());
                map.insert("lastModifiedDate".into(), timestamp(authority.modified_ms));
                map.insert("customerVersion".into(), authority.customer_version.into());
                map.insert("generationId".into(), authority.id.clone().into());
                let validity =
                    json!({ "notBefore": timestamp(from), "notAfter": timestamp(until) });
                map.insert("validity".into(), validity);
                map.insert("certificateMode".into(), authority.mode.as_str().into());
            }
            let config = authority.settings.registration.as_ref().map(described);
            Ok(json!({ "certificateDescription": description, "registrationConfig": config }))
        })
    }

    /// GET /cacertificates
    pub(super) fn list_ca_certificates(&self, request: &Request) -> Answer {
        let ascending = request.flag("isAscendingOrder")?;
        let template = request.query("templateName");
        let mut all: Vec<_> = self.registry.with(|state| {
            let all = state.authorities.list().into_iter();
            all.filter(|authority| template.is_none_or(|name| uses_template(authority, name)))
                .map(|authority| self.ca_summary(authority))
                .collect()
        });
        if !ascending {
            all.reverse();
        }
        let (page, next) = request.page(all, "marker", "pageSize", 25)?;
        Ok(json!({ "certificates": page, "nextMarker": next }))
    }

    /// PUT /cacertificate/{certificateId}?newStatus&newAutoRegistrationStatus
    pub(super) fn update_ca_certificate(&self, id: &str, request: &Request) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            registration_config: Option<WireRegistration>,
            remove_auto_registration: Option<bool>,
        }
        names::certificate_id(id)?;
        let body: Body = request.json()?;
        let active = one_of(request, "newStatus", "ACTIVE", "INACTIVE")?;
        let automatic = one_of(request, "newAutoRegistrationStatus", "ENABLE", "DISABLE")?;
        let config = body.registration_config.map(registration).transpose()?;
        let remove = body.remove_auto_registration == Some(true);
        if remove && (config.is_some() || automatic == Some(true)) {
            return Err(Refusal::InvalidRequest(
                "removeAutoRegistration excludes registrationConfig and newAutoRegistrationStatus ENABLE".into(),
            ));
        }
        let now = self.now_ms();
        self.registry.with(|state| {
            template_exists(state, config.as_ref())?;
            state.authorities.update(id, now, |settings| {
                settings.active = active.unwrap_or(settings.active);
                settings.auto_registration = automatic.unwrap_or(settings.auto_registration);
                if let Some(config) = config {
                    settings.registration = Some(config);
                }
                if remove {
                    settings.auto_registration = false;
                    settings.registration = None;
                }
            })
        })?;
        Ok(json!({}))
    }

    /// DELETE /cacertificate/{certificateId}
    pub(super) fn delete_ca_certificate(&self, id: &str) -> Answer {
        names::certificate_id(id)?;
        self.registry.with(|state| state.authorities.remove(id))?;
        Ok(json!({}))
    }

    fn ca_summary(&self, authority: &Authority) -> Value {
        json!({
            "certificateArn": self.registry.scope.ca_certificate(&authority.id),
            "certificateId": authority.id,
            "status": if authority.settings.active { "ACTIVE" } else { "INACTIVE" },
            "creationDate": timestamp(authority.created_ms),
        })
    }
}

fn registration(wire: WireRegistration) -> Result<Registration, Refusal> {
    let invalid = |why: &str| Refusal::InvalidRequest(format!("registrationConfig: {why}"));
    let template = match (wire.template_body, wire.template_name) {
        (Some(body), None) => {
            if wire.role_arn.is_none() {
                return Err(invalid("a templateBody needs a roleArn"));
            }
            let template =
                Template::parse(&body, Kind::Jitp).map_err(|why| invalid(&why.to_string()))?;
            RegistrationTemplate::Body(body, Arc::new(template))
        }
        (None, Some(name)) => RegistrationTemplate::Name(name),
        _ => return Err(invalid("pass either templateBody or templateName")),
    };
    let role_arn = wire.role_arn;
    Ok(Registration { template, role_arn })
}

fn described(registration: &Registration) -> Value {
    let (body, name) = match &registration.template {
        RegistrationTemplate::Body(body, _) => (Some(body), None),
        RegistrationTemplate::Name(name) => (None, Some(name)),
    };
    json!({ "templateBody": body, "templateName": name, "roleArn": registration.role_arn })
}

fn uses_template(authority: &Authority, name: &str) -> bool {
    let registration = authority.settings.registration.as_ref();
    registration
        .is_some_and(|it| matches!(&it.template, RegistrationTemplate::Name(used) if used == name))
}

fn one_of(request: &Request, name: &str, yes: &str, no: &str) -> Result<Option<bool>, Refusal> {
    match request.query(name) {
        None => Ok(None),
        Some(word) if word == yes => Ok(Some(true)),
        Some(word) if word == no => Ok(Some(false)),
        Some(other) => Err(Refusal::InvalidRequest(format!(
            "{name} `{other}` must be {yes} or {no}"
        ))),
    }
}

fn template_exists(state: &State, registration: Option<&Registration>) -> Result<(), Refusal> {
    match registration.map(|it| &it.template) {
        Some(RegistrationTemplate::Name(name)) => state.just_in_time_template(name).map(drop),
        _ => Ok(()),
    }
}
