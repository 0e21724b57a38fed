//! Settings of the function, read once at its start. What is wrong with them ends it there: a hook that guesses is worse
//! than one that does not start.

use sci_adapters::{
    aws_clients::AwsClients,
    dynamodb_admission_store::{AdmissionTables, DynamoDbAdmissionStore},
};
use sci_certificates::TemplateName;
use sci_domain::settings::InvalidSetting;
use sci_lambda::{Env, system_clock};

use crate::handler::Handler;

/// The settings.
pub struct Config {
    template: TemplateName,
    tables: AdmissionTables,
}

impl Config {
    /// Reads the settings that `functions/provisioning-hook/README.md` lists.
    ///
    /// # Errors
    /// The first one that is missing or breaks its rule.
    pub fn read(env: &Env) -> Result<Self, InvalidSetting> {
        let (name, rule) = ("TEMPLATE_NAME", "the name of a provisioning template");
        let template = TemplateName::parse(env.required(name, rule)?);
        Ok(Self {
            template: template.map_err(|_| InvalidSetting { name, rule })?,
            tables: AdmissionTables::read(env.texts())?,
        })
    }

    /// The function on AWS. Nothing is called and no client is built yet.
    #[must_use]
    pub fn connect(
        self,
        clients: &AwsClients,
    ) -> Handler<DynamoDbAdmissionStore, fn() -> sci_domain::timestamp::Timestamp> {
        Handler {
            template: self.template,
            store: DynamoDbAdmissionStore::new(clients.dynamodb(), self.tables),
            clock: system_clock::now,
        }
    }
}
