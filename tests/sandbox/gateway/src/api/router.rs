//! Method and path to operation.
//!
//! Source of the paths: the service model of AWS IoT, as in aws-sdk-iot 1.135.0.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::request::Request;
use super::{Answer, Api, operations, response};

impl Api {
    /// Answers a request to the service `iot`.
    #[must_use]
    pub(crate) fn iot(&self, request: http::Request<Bytes>) -> Response<Bytes> {
        let request = Request::new(request);
        match self.route(&request) {
            Ok(body) => response::json(StatusCode::OK, &body),
            Err(refusal) => response::refusal(&refusal),
        }
    }

    fn route(&self, request: &Request) -> Answer {
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("POST", ["keys-and-certificate"]) => self.create_keys_and_certificate(request),
            ("POST", ["certificates"]) => self.create_certificate_from_csr(request),
            ("POST", ["certificate", "register-no-ca"]) => {
                self.register_certificate_without_ca(request)
            }
            ("GET", ["certificates"]) => self.list_certificates(request),
            ("GET", ["certificates", id]) => self.describe_certificate(id),
            ("PUT", ["certificates", id]) => self.update_certificate(id, request),
            ("DELETE", ["certificates", id]) => self.delete_certificate(id, request),

            ("GET", ["registrationcode"]) => self.get_registration_code(),
            ("POST", ["cacertificate"]) => self.register_ca_certificate(request),
            ("GET", ["cacertificates"]) => self.list_ca_certificates(request),
            ("GET", ["cacertificate", id]) => self.describe_ca_certificate(id),
            ("PUT", ["cacertificate", id]) => self.update_ca_certificate(id, request),
            ("DELETE", ["cacertificate", id]) => self.delete_ca_certificate(id),
            ("GET", ["certificates-by-ca", id]) => self.list_certificates_by_ca(id, request),
            ("POST", ["certificate", "register"]) => self.register_certificate(request),

            ("GET", ["things"]) => self.list_things(request),
            ("POST", ["things", name]) => self.create_thing(name, request),
            ("GET", ["things", name]) => self.describe_thing(name),
            ("PATCH", ["things", name]) => self.update_thing(name, request),
            ("DELETE", ["things", name]) => self.delete_thing(name, request),
            ("PUT", ["things", name, "principals"]) => self.attach_thing_principal(name, request),
            ("DELETE", ["things", name, "principals"]) => {
                self.detach_thing_principal(name, request)
            }
            ("GET", ["things", name, "principals"]) => {
                self.list_thing_principals(name, request, false)
            }
            ("GET", ["things", name, "principals-v2"]) => {
                self.list_thing_principals(name, request, true)
            }
            ("GET", ["things", name, "thing-groups"]) => {
                self.list_thing_groups_for_thing(name, request)
            }
            ("GET", ["principals", "things"]) => self.list_principal_things(request, false),
            ("GET", ["principals", "things-v2"]) => self.list_principal_things(request, true),

            ("GET", ["thing-types"]) => self.list_thing_types(request),
            ("POST", ["thing-types", name]) => self.create_thing_type(name, request),
            ("GET", ["thing-types", name]) => self.describe_thing_type(name),

            ("GET", ["thing-groups"]) => self.list_thing_groups(request),
            ("PUT", ["thing-groups", "addThingToThingGroup"]) => {
                self.add_thing_to_thing_group(request)
            }
            ("PUT", ["thing-groups", "removeThingFromThingGroup"]) => {
                self.remove_thing_from_thing_group(request)
            }
            ("POST", ["thing-groups", name]) => self.create_thing_group(name, request),
            ("GET", ["thing-groups", name]) => self.describe_thing_group(name),
            ("DELETE", ["thing-groups", name]) => self.delete_thing_group(name, request),
            ("GET", ["thing-groups", name, "things"]) => {
                self.list_things_in_thing_group(name, request)
            }

            ("GET", ["policies"]) => self.list_policies(request),
            ("POST", ["policies", name]) => self.create_policy(name, request),
            ("GET", ["policies", name]) => self.get_policy(name),
            ("DELETE", ["policies", name]) => self.delete_policy(name),
            ("POST", ["policies", name, "version"]) => self.create_policy_version(name, request),
            ("GET", ["policies", name, "version"]) => self.list_policy_versions(name),
            ("PATCH", ["policies", name, "version", id]) => {
                self.set_default_policy_version(name, id)
            }
            ("GET", ["policies", name, "version", id]) => self.get_policy_version(name, id),
            ("DELETE", ["policies", name, "version", id]) => self.delete_policy_version(name, id),
            ("PUT", ["target-policies", name]) => self.attach_policy(name, request),
            ("POST", ["target-policies", name]) => self.detach_policy(name, request),
            ("POST", ["attached-policies", target]) => self.list_attached_policies(target, request),
            ("POST", ["policy-targets", name]) => self.list_targets_for_policy(name, request),
            ("POST", ["effective-policies"]) => self.get_effective_policies(request),
            ("POST", ["test-authorization"]) => self.test_authorization(request),

            ("GET", ["authorizers"] | ["authorizers", ""]) => self.list_authorizers(request),
            ("POST", ["authorizer", name]) => self.create_authorizer(name, request),
            ("GET", ["authorizer", name]) => self.describe_authorizer(name),
            ("PUT", ["authorizer", name]) => self.update_authorizer(name, request),
            ("DELETE", ["authorizer", name]) => self.delete_authorizer(name),
            ("POST", ["default-authorizer"]) => self.set_default_authorizer(request),
            ("GET", ["default-authorizer"]) => self.describe_default_authorizer(),
            ("DELETE", ["default-authorizer"]) => self.clear_default_authorizer(),

            ("GET", ["domainConfigurations"]) => self.list_domain_configurations(request),
            ("POST", ["domainConfigurations", name]) => {
                self.create_domain_configuration(name, request)
            }
            ("GET", ["domainConfigurations", name]) => self.describe_domain_configuration(name),
            ("PUT", ["domainConfigurations", name]) => {
                self.update_domain_configuration(name, request)
            }
            ("DELETE", ["domainConfigurations", name]) => self.delete_domain_configuration(name),

            ("GET", ["provisioning-templates"]) => self.list_provisioning_templates(request),
            ("POST", ["provisioning-templates"]) => self.create_provisioning_template(request),
            ("GET", ["provisioning-templates", name]) => self.describe_provisioning_template(name),
            ("PATCH", ["provisioning-templates", name]) => {
                self.update_provisioning_template(name, request)
            }
            ("DELETE", ["provisioning-templates", name]) => self.delete_provisioning_template(name),
            ("POST", ["provisioning-templates", name, "provisioning-claim"]) => {
                self.create_provisioning_claim(name)
            }
            ("GET", ["provisioning-templates", name, "versions"]) => {
                self.list_provisioning_template_versions(name, request)
            }
            ("POST", ["provisioning-templates", name, "versions"]) => {
                self.create_provisioning_template_version(name, request)
            }
            ("GET", ["provisioning-templates", name, "versions", id]) => {
                self.describe_provisioning_template_version(name, id)
            }
            ("DELETE", ["provisioning-templates", name, "versions", id]) => {
                self.delete_provisioning_template_version(name, id)
            }

            ("GET", ["endpoint"]) => self.describe_endpoint(request),
            (method, _) => {
                let unknown = || {
                    format!(
                        "the iot operation behind {method} /{}",
                        request.path.join("/")
                    )
                };
                let known = operations::name(method, &request.path);
                Err(self
                    .count_unsupported(&known.map_or_else(unknown, |name| format!("iot:{name}"))))
            }
        }
    }
}
