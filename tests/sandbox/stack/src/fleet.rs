//! Registers devices through the `iot` API, as an operator's script would.

use std::fmt;

use aws_sdk_iot::{Client, error::DisplayErrorContext};

use crate::device::Identity;

/// What a new device is.
#[derive(Debug, Clone, Copy)]
pub struct NewDevice<'a> {
    /// Its thing name.
    pub thing: &'a str,
    /// Its thing type, if it has one.
    pub thing_type: Option<&'a str>,
    /// The thing group whose policies it gets.
    pub group: &'a str,
}

/// A call that failed.
#[derive(Debug)]
pub struct RegistrationFailed {
    operation: &'static str,
    cause: String,
}

impl fmt::Display for RegistrationFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "iot {} failed: {}", self.operation, self.cause)
    }
}

impl std::error::Error for RegistrationFailed {}

fn failed<E: std::error::Error>(operation: &'static str) -> impl FnOnce(E) -> RegistrationFailed {
    move |error| RegistrationFailed {
        operation,
        cause: DisplayErrorContext(error).to_string(),
    }
}

/// Attaches `policy` to `group`: what CloudFormation cannot do, and an operator does once after the deployment.
///
/// # Errors
/// [`RegistrationFailed`].
pub async fn attach_policy(
    iot: &Client,
    policy: &str,
    group_arn: &str,
) -> Result<(), RegistrationFailed> {
    let call = iot.attach_policy().policy_name(policy).target(group_arn);
    call.send().await.map_err(failed("AttachPolicy"))?;
    Ok(())
}

/// Creates a thing with a certificate of its own and puts it into its group.
///
/// # Errors
/// [`RegistrationFailed`] names the call.
pub async fn register(iot: &Client, device: NewDevice<'_>) -> Result<Identity, RegistrationFailed> {
    let create = iot.create_thing().thing_name(device.thing);
    let create = create.set_thing_type_name(device.thing_type.map(str::to_owned));
    create.send().await.map_err(failed("CreateThing"))?;
    let join = iot
        .add_thing_to_thing_group()
        .thing_name(device.thing)
        .thing_group_name(device.group);
    join.send().await.map_err(failed("AddThingToThingGroup"))?;
    let keys = iot.create_keys_and_certificate().set_as_active(true);
    let keys = keys
        .send()
        .await
        .map_err(failed("CreateKeysAndCertificate"))?;
    let attach = iot.attach_thing_principal().thing_name(device.thing);
    let attach = attach.set_principal(keys.certificate_arn);
    attach
        .send()
        .await
        .map_err(failed("AttachThingPrincipal"))?;
    let private_key = keys.key_pair.and_then(|pair| pair.private_key);
    Ok(Identity {
        thing: device.thing.to_owned(),
        certificate_pem: keys.certificate_pem.unwrap_or_default(),
        private_key_pem: private_key.unwrap_or_default(),
    })
}
