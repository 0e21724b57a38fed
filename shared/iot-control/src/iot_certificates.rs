//! The certificates of AWS IoT's registry.

use aws_sdk_iot::{Client, types::CertificateStatus};
use sci_adapters::{
    aws_clients::{AwsClients, Lazily},
    sdk_error::{failure, other},
};
use sci_domain::{
    admission::{CertificateId, Certificates},
    ports::{FailureKind, PortFailure},
    thing::ThingName,
};

use crate::iot_error::{NOT_FOUND, is};

const DEACTIVATE: &str = "deactivate a certificate";
const DETACH: &str = "detach a certificate from its thing";
const DELETE: &str = "delete a certificate";

/// [`Certificates`] in AWS IoT.
#[derive(Debug, Clone)]
pub struct IotCertificates {
    client: Lazily<Client>,
    arn_prefix: String,
}

impl IotCertificates {
    /// The certificates of the account and Region whose ARNs begin with `arn_prefix`, such as
    /// `arn:aws:iot:eu-west-1:123456789012`. Nothing is called and no client is built yet.
    #[must_use]
    pub fn new(clients: &AwsClients, arn_prefix: String) -> Self {
        Self {
            client: clients.client(Client::new),
            arn_prefix,
        }
    }
}

impl Certificates for IotCertificates {
    /// `iot:UpdateCertificate`, `iot:DetachThingPrincipal`, `iot:DeleteCertificate`.
    async fn retire(
        &self,
        thing: &ThingName,
        certificate: CertificateId,
    ) -> Result<(), PortFailure> {
        let iot = self.client.get();
        let id = certificate.to_string();
        let update = iot
            .update_certificate()
            .certificate_id(&id)
            .new_status(CertificateStatus::Inactive);
        match update.send().await {
            Ok(_) => {}
            Err(error) if is(&error, NOT_FOUND) => return Ok(()),
            // Revoked. Whatever else it means, the deletion fails for the same reason.
            Err(error) if is(&error, "CertificateStateException") => {}
            Err(error) => return Err(failure(DEACTIVATE, error)),
        }
        let detach = iot
            .detach_thing_principal()
            .thing_name(thing.as_str())
            .principal(format!("{}:cert/{id}", self.arn_prefix));
        match detach.send().await {
            Ok(_) => {}
            Err(error) if is(&error, NOT_FOUND) => {}
            Err(error) => return Err(failure(DETACH, error)),
        }
        let delete = iot
            .delete_certificate()
            .certificate_id(&id)
            .force_delete(true);
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if is(&error, NOT_FOUND) => Ok(()),
            Err(error) if is(&error, "DeleteConflictException") => {
                let why = "it is inactive and still attached to a thing: detaching takes seconds; \
                           if this does not end, it is attached to another thing than its own";
                Err(other(DELETE, FailureKind::Unavailable, why))
            }
            Err(error) => Err(failure(DELETE, error)),
        }
    }
}
