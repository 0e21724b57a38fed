//! JSON objects as text: what no library would write must be written too.

/// The members of an object, in order. Values are JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Json(Vec<(String, String)>);

impl Json {
    pub(crate) fn new<const N: usize>(members: [(&str, &str); N]) -> Self {
        Self(
            members
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
        )
    }

    /// With `name` set to `value` where it stood, or at the end.
    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value.into(),
            None => return self.and(name, value),
        }
        self
    }

    /// With one more member at the end, whether or not there is one of this name.
    pub(crate) fn and(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn text(&self) -> String {
        let members = self
            .0
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}
