//! AWS IoT's registry, for certificates that it registers for a CA.

use std::{collections::BTreeMap, sync::Mutex};

use aws_sdk_iot::{
    Client,
    types::{
        AttributePayload, CaCertificateStatus, Certificate, CertificateDescription,
        CertificateStatus, ThingPrincipalType,
    },
};
use sci_adapters::{
    aws_clients::{AwsClients, Lazily},
    sdk_error::{failure, misconfigured},
};
use sci_domain::{
    admission::{
        Admitted, CertificateId, Registered, RegisteredAuthority, RegisteredStatus, Registry,
        SerialNumber,
    },
    ports::PortFailure,
    timestamp::Timestamp,
};

use crate::iot_error::{NOT_FOUND, is};

const DESCRIBE: &str = "describe a certificate";
const AUTHORITY: &str = "describe a CA";
const CREATE_THING: &str = "create a thing";
const JOIN_FLEET: &str = "put a thing into the fleet";
const ATTACH: &str = "attach a certificate to its thing";
const ACTIVATE: &str = "activate a certificate";
const AUTHORITIES: &str = "list CAs";
const PENDING: &str = "list the certificates of a CA";
const DEACTIVATE: &str = "deactivate a pending certificate";
const DISCARD: &str = "delete a pending certificate";

/// The most that AWS IoT lists at once. Source: `pageSize` of its API.
const PAGE: i32 = 250;

/// How many pages one look at a CA reads: 5,000 certificates.
const PAGES: usize = 20;

/// [`Registry`] in AWS IoT.
#[derive(Debug)]
pub struct IotRegistry {
    client: Lazily<Client>,
    arn_prefix: String,
    fleet_group: String,
    /// Where the next look at a CA goes on. Whoever forgets it begins at the beginning.
    markers: Mutex<BTreeMap<CertificateId, String>>,
}

impl IotRegistry {
    /// The registry of the account and Region whose ARNs begin with `arn_prefix`, such as
    /// `arn:aws:iot:eu-west-1:123456789012`, whose devices are members of the thing group `fleet_group`. Nothing is called
    /// and no client is built yet.
    #[must_use]
    pub fn new(clients: &AwsClients, arn_prefix: String, fleet_group: String) -> Self {
        Self {
            client: clients.client(Client::new),
            arn_prefix,
            fleet_group,
            markers: Mutex::default(),
        }
    }

    async fn description(
        &self,
        certificate: CertificateId,
    ) -> Result<Option<CertificateDescription>, PortFailure> {
        let describe = self.client.get().describe_certificate();
        match describe
            .certificate_id(certificate.to_string())
            .send()
            .await
        {
            Ok(answer) => Ok(answer.certificate_description),
            Err(error) if is(&error, NOT_FOUND) => Ok(None),
            Err(error) => Err(failure(DESCRIBE, error)),
        }
    }

    async fn create_thing(
        &self,
        device: &Admitted,
        serial: &SerialNumber,
    ) -> Result<(), PortFailure> {
        let attributes = AttributePayload::builder()
            .attributes("property", &device.property)
            .attributes("serial", serial.as_str());
        let create = self
            .client
            .get()
            .create_thing()
            .thing_name(device.thing.as_str())
            .thing_type_name(device.thing_type)
            .attribute_payload(attributes.build());
        match create.send().await {
            Ok(_) => Ok(()),
            // It is there, as something else: the same again would be fine.
            Err(error) if is(&error, "ResourceAlreadyExistsException") => Ok(()),
            Err(error) => Err(failure(CREATE_THING, error)),
        }
    }

    async fn attach(
        &self,
        device: &Admitted,
        certificate: CertificateId,
    ) -> Result<(), PortFailure> {
        self.client
            .get()
            .attach_thing_principal()
            .thing_name(device.thing.as_str())
            .principal(format!("{}:cert/{certificate}", self.arn_prefix))
            .thing_principal_type(ThingPrincipalType::ExclusiveThing)
            .send()
            .await
            .map_err(|error| failure(ATTACH, error))?;
        Ok(())
    }

    async fn set_status(
        &self,
        operation: &'static str,
        certificate: CertificateId,
        status: CertificateStatus,
    ) -> Result<(), PortFailure> {
        self.client
            .get()
            .update_certificate()
            .certificate_id(certificate.to_string())
            .new_status(status)
            .send()
            .await
            .map_err(|error| failure(operation, error))?;
        Ok(())
    }

    /// Deletes a certificate that no thing holds. Nothing when AWS IoT says that its status forbids it.
    async fn delete(&self, certificate: CertificateId) -> Result<Option<bool>, PortFailure> {
        let delete = self.client.get().delete_certificate();
        match delete.certificate_id(certificate.to_string()).send().await {
            Ok(_) => Ok(Some(true)),
            Err(error) if is(&error, NOT_FOUND) => Ok(Some(false)),
            Err(error) if is(&error, "CertificateStateException") => Ok(None),
            Err(error) => Err(failure(DISCARD, error)),
        }
    }

    fn marker(&self, authority: CertificateId) -> Option<String> {
        self.markers.lock().ok()?.remove(&authority)
    }

    fn keep_marker(&self, authority: CertificateId, marker: Option<String>) {
        if let (Ok(mut markers), Some(marker)) = (self.markers.lock(), marker) {
            markers.insert(authority, marker);
        }
    }
}

impl Registry for IotRegistry {
    /// `iot:DescribeCertificate`.
    async fn describe(
        &self,
        certificate: CertificateId,
    ) -> Result<Option<Registered>, PortFailure> {
        let description = self.description(certificate).await?;
        description.map(registered).transpose()
    }

    /// `iot:DescribeCACertificate`.
    async fn authority(
        &self,
        authority: CertificateId,
    ) -> Result<Option<RegisteredAuthority>, PortFailure> {
        let describe = self.client.get().describe_ca_certificate();
        let description = match describe.certificate_id(authority.to_string()).send().await {
            Ok(answer) => answer.certificate_description,
            Err(error) if is(&error, NOT_FOUND) => return Ok(None),
            Err(error) => return Err(failure(AUTHORITY, error)),
        };
        let read = |it: aws_sdk_iot::types::CaCertificateDescription| {
            Some(RegisteredAuthority {
                active: it.status? == CaCertificateStatus::Active,
                pem: it.certificate_pem?,
            })
        };
        match description {
            None => Ok(None),
            Some(it) => read(it).map(Some).ok_or_else(|| incomplete(AUTHORITY)),
        }
    }

    /// `iot:CreateThing`, `iot:AddThingToThingGroup`, `iot:AttachThingPrincipal`, `iot:UpdateCertificate`.
    async fn enrol(
        &self,
        device: &Admitted,
        serial: &SerialNumber,
        certificate: CertificateId,
    ) -> Result<(), PortFailure> {
        self.create_thing(device, serial).await?;
        self.client
            .get()
            .add_thing_to_thing_group()
            .thing_name(device.thing.as_str())
            .thing_group_name(&self.fleet_group)
            .send()
            .await
            .map_err(|error| failure(JOIN_FLEET, error))?;
        self.attach(device, certificate).await?;
        self.set_status(ACTIVATE, certificate, CertificateStatus::Active)
            .await
    }

    /// `iot:ListCACertificates`.
    async fn authorities(&self, limit: usize) -> Result<Vec<CertificateId>, PortFailure> {
        let list = self.client.get().list_ca_certificates();
        let page = i32::try_from(limit).unwrap_or(PAGE).min(PAGE);
        let answer = list.page_size(page).ascending_order(true).send().await;
        let answer = answer.map_err(|error| failure(AUTHORITIES, error))?;
        let authorities = answer.certificates().iter();
        authorities
            .map(|it| id(it.certificate_id(), AUTHORITIES))
            .collect()
    }

    /// `iot:ListCertificatesByCA`.
    async fn pending(
        &self,
        authority: CertificateId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<CertificateId>, PortFailure> {
        let mut found = Vec::new();
        let mut marker = self.marker(authority);
        for _ in 0..PAGES {
            let list = self.client.get().list_certificates_by_ca();
            let page = list
                .ca_certificate_id(authority.to_string())
                .page_size(PAGE)
                .ascending_order(true)
                .set_marker(marker.clone())
                .send()
                .await
                .map_err(|error| failure(PENDING, error))?;
            for certificate in page.certificates() {
                if is_pending_since(certificate, before) {
                    found.push(id(certificate.certificate_id(), PENDING)?);
                }
            }
            if found.len() >= limit {
                found.truncate(limit);
                break;
            }
            marker = page.next_marker;
            if marker.is_none() {
                break;
            }
        }
        self.keep_marker(authority, marker);
        Ok(found)
    }

    /// `iot:DeleteCertificate`; where that is refused for the certificate's status, `iot:DescribeCertificate` and
    /// `iot:UpdateCertificate` as well.
    async fn discard(&self, certificate: CertificateId) -> Result<bool, PortFailure> {
        if let Some(discarded) = self.delete(certificate).await? {
            return Ok(discarded);
        }
        let description = self.description(certificate).await?;
        let status = description.and_then(|it| it.status);
        if status != Some(CertificateStatus::PendingActivation) {
            return Ok(false);
        }
        self.set_status(DEACTIVATE, certificate, CertificateStatus::Inactive)
            .await?;
        Ok(self.delete(certificate).await? == Some(true))
    }
}

fn registered(description: CertificateDescription) -> Result<Registered, PortFailure> {
    let status = match description.status {
        Some(CertificateStatus::PendingActivation) => RegisteredStatus::Pending,
        Some(CertificateStatus::Active) => RegisteredStatus::Active,
        Some(_) => RegisteredStatus::OutOfUse,
        None => return Err(incomplete(DESCRIBE)),
    };
    let authority = description.ca_certificate_id;
    Ok(Registered {
        pem: description
            .certificate_pem
            .ok_or_else(|| incomplete(DESCRIBE))?,
        status,
        authority: authority
            .map(|authority| id(Some(&authority), DESCRIBE))
            .transpose()?,
    })
}

fn is_pending_since(certificate: &Certificate, before: Timestamp) -> bool {
    let created = certificate.creation_date();
    let created = created.and_then(|at| u64::try_from(at.to_millis().ok()?).ok());
    certificate.status() == Some(&CertificateStatus::PendingActivation)
        && created.is_some_and(|at| at < before.as_millis())
}

fn id(text: Option<&str>, operation: &'static str) -> Result<CertificateId, PortFailure> {
    let id = text.and_then(|text| CertificateId::parse(text).ok());
    id.ok_or_else(|| incomplete(operation))
}

fn incomplete(operation: &'static str) -> PortFailure {
    misconfigured(operation, "the answer lacks what AWS IoT documents")
}
