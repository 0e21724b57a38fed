//! SELECT lists and nested queries.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Evaluator, Scope};
use crate::ast::{Expr, Item, Select, SubQuery};
use crate::convert::to_boolean;
use crate::error::EvalError;
use crate::print;
use crate::value::{Members, Value};

/// The key under which `*` beside other items holds a payload that is no JSON object. AWS does not document it.
const BINARY_KEY: &str = "payload";

/// What a SELECT list makes.
pub(crate) enum Selection {
    Value(Value),
    /// `*` alone on a payload that is not JSON.
    RawPayload,
}

impl Evaluator<'_> {
    /// The SELECT list of the statement.
    pub(crate) fn select(&self, select: &Select) -> Result<Selection, EvalError> {
        let scope = Scope::Payload;
        let whole = match select {
            Select::ValueStar => true,
            Select::Items(items) => matches!(items.as_slice(), [Item::Star]),
            Select::Value(_) => false,
        };
        if whole {
            return Ok(self
                .payload
                .clone()
                .map_or(Selection::RawPayload, Selection::Value));
        }
        match select {
            Select::Value(expr) => self.eval(expr, &scope).map(Selection::Value),
            Select::Items(items) => {
                let star = || match &self.payload {
                    Some(Value::Object(members)) => (**members).clone(),
                    _ => {
                        let text = STANDARD.encode(self.message.payload);
                        Members::from_iter([(BINARY_KEY.to_owned(), Value::from(text))])
                    }
                };
                self.items(items, star, &scope).map(Selection::Value)
            }
            Select::ValueStar => Ok(Selection::RawPayload),
        }
    }

    /// A nested query: an Array has one result per element that passes, an Object is one element.
    pub(super) fn sub_query(
        &self,
        query: &SubQuery,
        outer: &Scope<'_>,
    ) -> Result<Value, EvalError> {
        let source = self.eval(&query.from, outer)?;
        match &source {
            Value::Array(items) => {
                let mut results = Vec::new();
                for element in items.iter() {
                    results.extend(self.element(query, element, outer)?);
                }
                Ok(Value::array(results))
            }
            Value::Object(_) => Ok(self.element(query, &source, outer)?.unwrap_or_default()),
            _ => Ok(Value::Undefined),
        }
    }

    /// The result for one element; `None` when the condition does not hold.
    fn element(
        &self,
        query: &SubQuery,
        element: &Value,
        outer: &Scope<'_>,
    ) -> Result<Option<Value>, EvalError> {
        let scope = Scope::Element {
            element,
            alias: query.alias.as_deref(),
            outer,
        };
        self.charge(1)?;
        if let Some(condition) = &query.condition
            && to_boolean(&self.eval(condition, &scope)?) != Some(true)
        {
            return Ok(None);
        }
        Ok(Some(match &query.select {
            Select::ValueStar => element.clone(),
            Select::Value(expr) => self.eval(expr, &scope)?,
            Select::Items(items) => match (items.as_slice(), element) {
                ([Item::Star], _) => element.clone(),
                (_, Value::Object(members)) => {
                    self.charge(members.len())?;
                    self.items(items, || (**members).clone(), &scope)?
                }
                _ => self.items(items, Members::new, &scope)?,
            },
        }))
    }

    fn items(
        &self,
        items: &[Item],
        star: impl Fn() -> Members,
        scope: &Scope<'_>,
    ) -> Result<Value, EvalError> {
        let mut output = Members::new();
        for item in items {
            match item {
                Item::Star => {
                    let members = star();
                    self.charge(members.len())?;
                    output.extend(members);
                }
                Item::Expr { expr, alias } => {
                    let value = self.eval(expr, scope)?;
                    if !value.is_defined() {
                        continue;
                    }
                    match alias.split_last() {
                        None => {
                            output.insert(default_key(expr), value);
                        }
                        Some((last, path)) => insert(&mut output, path, last, value),
                    }
                }
            }
        }
        Ok(Value::object(output))
    }
}

/// Sets `path.last`, making the objects on the way; what is no object there is replaced.
fn insert(output: &mut Members, path: &[String], last: &str, value: Value) {
    let Some((first, rest)) = path.split_first() else {
        output.insert(last.to_owned(), value);
        return;
    };
    let slot = output.entry(first.clone()).or_default();
    let mut inner = match std::mem::take(slot) {
        Value::Object(members) => Arc::unwrap_or_clone(members),
        _ => Members::new(),
    };
    insert(&mut inner, rest, last, value);
    *slot = Value::Object(Arc::new(inner));
}

/// The key of an item without AS: the key itself; for paths the last name, for functions their name, for everything
/// else the text of the expression. AWS documents only the first.
pub(crate) fn default_key(expr: &Expr) -> String {
    match expr {
        Expr::Name(name) | Expr::Variable(name) => name.clone(),
        Expr::Path(_, names) => names.last().cloned().unwrap_or_default(),
        Expr::Call(function, _) => function.name.to_owned(),
        Expr::Cast(..) => "cast".to_owned(),
        other => print::text(other),
    }
}
