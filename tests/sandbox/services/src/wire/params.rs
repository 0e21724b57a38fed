//! Parameters of the query protocol, consumed one by one so that what is left over can be refused by name.

use std::collections::BTreeMap;

use crate::api_error::ApiError;

/// Flat parameters, or those below one list entry.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads a form; `Action` and `Version` are not parameters of the operation.
    pub(crate) fn parse(form: &[u8]) -> Self {
        let pairs =
            form_urlencoded::parse(form).filter(|(key, _)| key != "Action" && key != "Version");
        Self(
            pairs
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// Removes a parameter.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Removes a parameter that must be there.
    ///
    /// # Errors
    /// `InvalidParameter` that names it.
    pub(crate) fn require(&mut self, name: &str) -> Result<String, ApiError> {
        self.take(name).ok_or_else(|| {
            ApiError::new(
                400,
                "InvalidParameter",
                format!("Invalid parameter: {name} Reason: no value for required parameter"),
            )
        })
    }

    /// Removes the list `prefix.1…`, `prefix.2…` in the order of its numbers.
    pub(crate) fn take_list(&mut self, prefix: &str) -> Vec<Params> {
        let start = format!("{prefix}.");
        let keys: Vec<String> = self
            .0
            .range(start.clone()..)
            .map(|(key, _)| key.clone())
            .collect();
        let mut entries: BTreeMap<u32, Params> = BTreeMap::new();
        for key in keys {
            let Some(rest) = key.strip_prefix(&start) else {
                break;
            };
            let (number, field) = rest.split_once('.').unwrap_or((rest, ""));
            let Ok(number) = number.parse::<u32>() else {
                continue;
            };
            if let Some(value) = self.0.remove(&key) {
                entries
                    .entry(number)
                    .or_default()
                    .0
                    .insert(field.to_owned(), value);
            }
        }
        entries.into_values().collect()
    }

    /// Removes a map of `prefix.entry.N.key` and `prefix.entry.N.value`.
    pub(crate) fn take_map(&mut self, prefix: &str) -> Result<BTreeMap<String, String>, ApiError> {
        let mut map = BTreeMap::new();
        for mut entry in self.take_list(&format!("{prefix}.entry")) {
            map.insert(
                entry.require("key")?,
                entry.take("value").unwrap_or_default(),
            );
            entry.finish(prefix)?;
        }
        Ok(map)
    }

    /// Refuses what nobody asked for.
    ///
    /// # Errors
    /// Names the first parameter left over.
    pub(crate) fn finish(self, operation: &str) -> Result<(), ApiError> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(ApiError::unsupported(
                "InvalidParameter",
                format!("parameter {name} of {operation}"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_order_and_leftovers_are_named() {
        let mut params =
            Params::parse(b"Action=X&L.entry.10.Name=j&L.entry.2.Name=b&L.entry.2.V.T=t&Other=1");
        let list = params.take_list("L.entry");
        let names: Vec<_> = list
            .iter()
            .cloned()
            .map(|mut entry| entry.take("Name"))
            .collect();
        assert_eq!(names, [Some("b".to_owned()), Some("j".to_owned())]);
        let error = params.finish("X").unwrap_err();
        assert!(
            error.message.contains("parameter Other of X") && error.unsupported,
            "{error:?}"
        );
    }
}
