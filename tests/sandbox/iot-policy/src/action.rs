//! The actions an AWS IoT Core policy can name, and the patterns that select them.

use std::fmt;
use std::str::FromStr;

use crate::glob::Glob;

/// The kind of resource an action is checked against: the word after the account in the ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceType {
    /// `client/<client id>`
    Client,
    /// `topic/<topic>`
    Topic,
    /// `topicfilter/<topic filter>`
    TopicFilter,
    /// `thing/<thing>` or `thing/<thing>/<shadow>`
    Thing,
    /// `rolealias/<alias>`
    RoleAlias,
    /// No resource level: the request's resource is `*`.
    Any,
}

impl ResourceType {
    /// The word that stands in the ARN, `*` where there is no resource level.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Topic => "topic",
            Self::TopicFilter => "topicfilter",
            Self::Thing => "thing",
            Self::RoleAlias => "rolealias",
            Self::Any => "*",
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident, $resource:ident, $name:literal $(, $alias:literal)?;)*) => {
        /// An action of AWS IoT Core's data plane.
        ///
        /// Source: AWS IoT developer guide, "AWS IoT Core policy actions".
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($(#[$doc])* $variant,)* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name as AWS writes it today.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Every accepted spelling; the first is [`Action::as_str`].
            #[must_use]
            pub fn names(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$name $(, $alias)?],)* }
            }

            /// What the action is checked against.
            #[must_use]
            pub fn resource_type(self) -> ResourceType {
                match self { $(Self::$variant => ResourceType::$resource,)* }
            }
        }
    };
}

actions! {
    /// Every CONNECT.
    Connect, Client, "iot:Connect";
    /// Every PUBLISH, and the will topic at CONNECT.
    Publish, Topic, "iot:Publish";
    /// A PUBLISH with the RETAIN flag, besides [`Action::Publish`].
    RetainPublish, Topic, "iot:RetainPublish";
    /// Every SUBSCRIBE, against the filter's text.
    Subscribe, TopicFilter, "iot:Subscribe";
    /// Every delivery to the client.
    Receive, Topic, "iot:Receive";
    /// The DeleteConnection API.
    DeleteConnection, Client, "iot:DeleteConnection";
    /// The GetRetainedMessage API.
    GetRetainedMessage, Topic, "iot:GetRetainedMessage";
    /// The ListRetainedMessages API.
    ListRetainedMessages, Any, "iot:ListRetainedMessages";
    /// The GetThingShadow API (HTTP only; over MQTT the shadow topics count).
    GetThingShadow, Thing, "iot:GetThingShadow";
    /// The UpdateThingShadow API (HTTP only).
    UpdateThingShadow, Thing, "iot:UpdateThingShadow";
    /// The DeleteThingShadow API (HTTP only).
    DeleteThingShadow, Thing, "iot:DeleteThingShadow";
    /// The ListNamedShadowsForThing API.
    ListNamedShadowsForThing, Any, "iot:ListNamedShadowsForThing";
    /// The DescribeJobExecution API of the jobs data plane (HTTP only).
    DescribeJobExecution, Thing, "iotjobsdata:DescribeJobExecution", "iot:DescribeJobExecution";
    /// The GetPendingJobExecutions API of the jobs data plane (HTTP only).
    GetPendingJobExecutions, Thing, "iotjobsdata:GetPendingJobExecutions", "iot:GetPendingJobExecutions";
    /// The UpdateJobExecution API of the jobs data plane (HTTP only).
    UpdateJobExecution, Thing, "iotjobsdata:UpdateJobExecution", "iot:UpdateJobExecution";
    /// The StartNextPendingJobExecution API of the jobs data plane (HTTP only).
    StartNextPendingJobExecution, Thing, "iotjobsdata:StartNextPendingJobExecution", "iot:StartNextPendingJobExecution";
    /// The credential provider.
    AssumeRoleWithCertificate, RoleAlias, "iot:AssumeRoleWithCertificate";
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no action of AWS IoT Core's data plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownAction {
    /// The text as given.
    pub text: String,
    /// The action it probably means.
    pub meant: Option<Action>,
}

impl fmt::Display for UnknownAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown action `{}`", self.text)?;
        match self.meant {
            Some(action) => write!(f, "; did you mean `{action}`?"),
            None => f.write_str("; AWS IoT policies hold data-plane actions such as `iot:Publish` (control-plane calls need IAM)"),
        }
    }
}

impl std::error::Error for UnknownAction {}

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        let named = |wanted: &dyn Fn(&str) -> bool| {
            let mut all = Self::ALL.iter().copied();
            all.find(|action| action.names().iter().any(|name| wanted(name)))
        };
        named(&|name| name == text).ok_or_else(|| UnknownAction {
            text: text.to_owned(),
            meant: named(&|name| {
                let bare = name.rsplit(':').next().unwrap_or(name);
                name.eq_ignore_ascii_case(text) || bare.eq_ignore_ascii_case(text)
            }),
        })
    }
}

/// What stands in `Action`: a name, or a pattern with `*` and `?` that selects at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionPattern {
    source: String,
    selected: Vec<Action>,
}

impl ActionPattern {
    /// Reads a name or a pattern.
    ///
    /// # Errors
    /// [`UnknownAction`] when it selects none: a misspelt action must not silently never match.
    pub fn parse(text: &str) -> Result<Self, UnknownAction> {
        let selected = if text.contains(['*', '?']) {
            let glob = Glob::parse(text);
            let selects = |action: &Action| action.names().iter().any(|name| glob.matches(name));
            Action::ALL.iter().copied().filter(selects).collect()
        } else {
            vec![text.parse()?]
        };
        if selected.is_empty() {
            return Err(UnknownAction {
                text: text.to_owned(),
                meant: None,
            });
        }
        Ok(Self {
            source: text.to_owned(),
            selected,
        })
    }

    /// As the policy writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The actions it selects, never empty.
    #[must_use]
    pub fn selected(&self) -> &[Action] {
        &self.selected
    }

    /// Whether it selects `action`.
    #[must_use]
    pub fn selects(&self, action: Action) -> bool {
        self.selected.contains(&action)
    }
}
