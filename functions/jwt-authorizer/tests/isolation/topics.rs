//! What belongs to a thing.

use iot_policy::Action;
use sci_domain::access::Scope;

/// What belongs to a thing: topics below which, or at which, only it may speak and hear.
pub(crate) fn topics_of(thing: &str) -> Vec<String> {
    let own = [
        "",
        "/environmental",
        "/security",
        "/commands",
        "/commands/reboot",
        "/commands/lock/1",
        "/certificate/csr",
        "/certificate/commit",
        "/certificate/issued",
        "/jobs/get",
    ];
    let reserved = [
        "",
        "/shadow",
        "/shadow/get",
        "/shadow/get/accepted",
        "/shadow/update",
        "/shadow/update/delta",
        "/shadow/delete",
        "/shadow/name/n/get",
        "/shadow/name/n/update",
        "/shadow/name/n/update/documents",
        "/jobs/get",
        "/jobs/start-next",
        "/jobs/notify",
        "/jobs/job-1/get",
        "/jobs/job-1/update",
        "/jobs/job-1/update/accepted",
        "/streams/1/data/json",
    ];
    let own = own
        .iter()
        .map(|leaf| format!("sci/properties/{thing}{leaf}"));
    let reserved = reserved
        .iter()
        .map(|leaf| format!("$aws/things/{thing}{leaf}"));
    let sensors = ["", "/data", "/data/x"]
        .iter()
        .map(|leaf| format!("sensors/{thing}{leaf}"));
    let plain = [
        thing.to_owned(),
        format!("$aws/rules/r/sensors/{thing}/data"),
    ];
    own.chain(reserved).chain(sensors).chain(plain).collect()
}

/// Filters that would let somebody hear what belongs to a thing, or to all of them.
pub(crate) fn filters_over(thing: &str) -> Vec<String> {
    let mut filters = topics_of(thing);
    for topic in topics_of(thing) {
        filters.push(format!("{topic}/#"));
        filters.push(format!("{topic}/+"));
        filters.push(format!("$share/g/{topic}"));
    }
    let over_all = [
        "#",
        "+",
        "+/#",
        "+/+/+",
        "+/+/+/+/+",
        "$aws/#",
        "$aws/things/#",
        "$aws/things/+/shadow/#",
        "$aws/things/+/jobs/notify",
        "sci/#",
        "sci/+/#",
        "sci/properties/#",
        "sci/properties/+",
        "sci/properties/+/commands/#",
        "sci/properties/+/security",
        "sensors/#",
        "sensors/+/data",
        "sci/properties/*",
        "sci/properties/*/commands/x",
        "sensors/?/data",
        "$aws/things/*/shadow/get",
    ];
    filters.extend(over_all.map(str::to_owned));
    filters.extend([
        format!("+/properties/{thing}/#"),
        format!("sci/+/{thing}/#"),
        format!("+/+/{thing}/+"),
    ]);
    filters
}

/// What a scope promises: actions on topics and filters of the thing.
pub(crate) fn promised(scope: Scope, thing: &str) -> Vec<(Action, String)> {
    let own = |leaf: &str| format!("sci/properties/{thing}/{leaf}");
    let reserved = |leaf: &str| format!("$aws/things/{thing}/{leaf}");
    let say = |topic: String| (Action::Publish, topic);
    let hear =
        |filter: String, topic: String| [(Action::Subscribe, filter), (Action::Receive, topic)];
    match scope {
        Scope::TelemetryPublish => vec![
            say(format!("sensors/{thing}/data")),
            say(own("environmental")),
        ],
        Scope::SecurityPublish => vec![say(own("security"))],
        Scope::CommandsSubscribe => hear(own("commands/#"), own("commands/reboot")).to_vec(),
        Scope::ShadowRead => {
            let mut all = vec![
                say(reserved("shadow/get")),
                say(reserved("shadow/name/config/get")),
            ];
            all.extend(hear(
                reserved("shadow/get/+"),
                reserved("shadow/get/accepted"),
            ));
            all.extend(hear(
                reserved("shadow/name/config/update/delta"),
                reserved("shadow/name/config/update/delta"),
            ));
            all
        }
        Scope::ShadowWrite => {
            let mut all = vec![
                say(reserved("shadow/update")),
                say(reserved("shadow/name/config/update")),
            ];
            all.extend(hear(
                reserved("shadow/update/accepted"),
                reserved("shadow/update/rejected"),
            ));
            all.extend(hear(
                reserved("shadow/name/config/update/+"),
                reserved("shadow/name/config/update/accepted"),
            ));
            all
        }
        Scope::JobsExecute => {
            let mut all: Vec<_> = [
                "jobs/get",
                "jobs/start-next",
                "jobs/job-1/get",
                "jobs/job-1/update",
            ]
            .into_iter()
            .map(|leaf| say(reserved(leaf)))
            .collect();
            all.extend(hear(
                reserved("jobs/notify-next"),
                reserved("jobs/notify-next"),
            ));
            all.extend(hear(
                reserved("jobs/job-1/update/accepted"),
                reserved("jobs/start-next/accepted"),
            ));
            all
        }
        Scope::CertificateRotate => {
            let mut all = vec![say(own("certificate/csr")), say(own("certificate/commit"))];
            all.extend(hear(own("certificate/+"), own("certificate/issued")));
            all
        }
    }
}
