//! Expressions into values.

mod scope;
mod select;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use fancy_regex::Regex;

use crate::ast::{Expr, Operator};
use crate::convert;
use crate::error::EvalError;
use crate::external::External;
use crate::functions::Call;
use crate::message::Message;
use crate::number;
use crate::operators;
use crate::statement::Variables;
use crate::value::{Members, Value};
use crate::version::SqlVersion;

pub(crate) use scope::Scope;
pub(crate) use select::{Selection, default_key};

/// Steps that one evaluation may take: one per expression and per character or element that is walked over.
const MAX_STEPS: u64 = 20_000_000;

/// Everything that an evaluation can see, and what it has used up.
pub(crate) struct Evaluator<'a> {
    pub(crate) message: &'a Message<'a>,
    pub(crate) external: &'a dyn External,
    pub(crate) version: SqlVersion,
    /// The topic without the prefix of Basic Ingest.
    pub(crate) topic: &'a str,
    /// The payload as JSON; `None` when it is not JSON.
    pub(crate) payload: Option<Value>,
    pub(crate) variables: Variables,
    steps: Cell<u64>,
    random: Cell<u64>,
    calls: RefCell<HashMap<&'static str, u32>>,
    /// Compiled regular expressions; `None` for invalid ones.
    pub(crate) regexes: RefCell<HashMap<String, Option<Regex>>>,
}

impl<'a> Evaluator<'a> {
    /// `salt` keeps the random values of the texts of one rule apart.
    pub(crate) fn new(
        message: &'a Message<'a>,
        external: &'a dyn External,
        version: SqlVersion,
        salt: u64,
    ) -> Result<Self, EvalError> {
        let (topic, payload) = crate::statement::open(message, version)?;
        Ok(Self {
            message,
            external,
            version,
            topic,
            payload,
            variables: Variables::default(),
            steps: Cell::new(0),
            random: Cell::new(message.seed ^ salt),
            calls: RefCell::default(),
            regexes: RefCell::default(),
        })
    }

    /// Counts steps.
    pub(crate) fn charge(&self, steps: usize) -> Result<(), EvalError> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let total = self.steps.get().saturating_add(steps);
        self.steps.set(total);
        if total > MAX_STEPS {
            return Err(EvalError::TooManySteps);
        }
        Ok(())
    }

    /// Counts the steps that walking over a value takes.
    pub(crate) fn charge_for(&self, value: &Value) -> Result<(), EvalError> {
        match value {
            Value::String(text) => self.charge(1 + text.len() / 16),
            Value::Array(items) => {
                self.charge(1)?;
                items.iter().try_for_each(|item| self.charge_for(item))
            }
            Value::Object(members) => {
                self.charge(1)?;
                members.values().try_for_each(|item| self.charge_for(item))
            }
            _ => self.charge(1),
        }
    }

    /// Counts a call of a function that AWS allows `limit` times per statement.
    pub(crate) fn count_call(&self, function: &'static str, limit: u32) -> Result<(), EvalError> {
        let mut calls = self.calls.borrow_mut();
        let count = calls.entry(function).or_default();
        *count += 1;
        if *count > limit {
            return Err(EvalError::TooManyCalls(function));
        }
        Ok(())
    }

    /// The next pseudo-random number (SplitMix64).
    pub(crate) fn random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.random.set(state);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn eval(&self, expr: &Expr, scope: &Scope<'_>) -> Result<Value, EvalError> {
        self.charge(1)?;
        Ok(match expr {
            Expr::Null => Value::Null,
            Expr::Boolean(b) => Value::Boolean(*b),
            Expr::Number(text) => {
                number::parse(text).map_or(Value::Undefined, |n| Value::number(n, self.version))
            }
            Expr::Text(text) => Value::from(text.as_str()),
            Expr::Name(name) => scope.resolve(name, self.payload.as_ref()),
            Expr::Variable(name) => match self.variables.get(name) {
                Some(value) => value.clone(),
                None => return Err(EvalError::UnknownVariable(name.clone())),
            },
            Expr::Star => self.payload.clone().unwrap_or_default(),
            Expr::Path(base, names) => {
                let base = self.eval(base, scope)?;
                names.iter().fold(base, |value, name| value.member(name))
            }
            Expr::Object(members) => self.object(members, scope)?,
            Expr::Array(items) => Value::array(self.all(items, scope)?),
            Expr::Negate(operand) => operators::negate(&self.eval(operand, scope)?),
            Expr::Not(operand) => operators::not(&self.eval(operand, scope)?),
            Expr::Chain(first, rest) => self.chain(first, rest, scope)?,
            Expr::Case {
                subject,
                branches,
                otherwise,
            } => self.case(subject, branches, otherwise.as_deref(), scope)?,
            Expr::Cast(value, target) => {
                let value = self.eval(value, scope)?;
                self.charge_for(&value)?;
                convert::cast(&value, *target, self.version)?
            }
            Expr::Call(function, arguments) => match function.call {
                Call::Lazy(call) => call(self, arguments, scope)?,
                Call::Eager(call) => {
                    let arguments = self.all(arguments, scope)?;
                    arguments.iter().try_for_each(|a| self.charge_for(a))?;
                    call(self, &arguments)?
                }
            },
            Expr::SubQuery(query) => self.sub_query(query, scope)?,
            Expr::Exists(query) => match self.sub_query(query, scope)? {
                Value::Array(items) => Value::Boolean(!items.is_empty()),
                value => Value::Boolean(value.is_defined()),
            },
        })
    }

    /// The values of several expressions.
    pub(crate) fn all(&self, exprs: &[Expr], scope: &Scope<'_>) -> Result<Vec<Value>, EvalError> {
        exprs.iter().map(|e| self.eval(e, scope)).collect()
    }

    fn object(&self, members: &[(String, Expr)], scope: &Scope<'_>) -> Result<Value, EvalError> {
        let mut object = Members::new();
        for (key, expr) in members {
            let value = self.eval(expr, scope)?;
            if value.is_defined() {
                object.insert(key.clone(), value);
            }
        }
        Ok(Value::object(object))
    }

    fn chain(
        &self,
        first: &Expr,
        rest: &[(Operator, Expr)],
        scope: &Scope<'_>,
    ) -> Result<Value, EvalError> {
        let mut left = self.eval(first, scope)?;
        for (operator, right) in rest {
            let right = self.eval(right, scope)?;
            self.charge_for(&left)?;
            self.charge_for(&right)?;
            left = operators::apply(*operator, &left, &right)?;
        }
        Ok(left)
    }

    /// An Undefined subject makes the whole CASE Undefined, even with ELSE (documented).
    fn case(
        &self,
        subject: &Expr,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        scope: &Scope<'_>,
    ) -> Result<Value, EvalError> {
        let subject = self.eval(subject, scope)?;
        if !subject.is_defined() {
            return Ok(Value::Undefined);
        }
        for (test, result) in branches {
            let test = self.eval(test, scope)?;
            self.charge_for(&test)?;
            if operators::equal(&subject, &test) {
                return self.eval(result, scope);
            }
        }
        otherwise.map_or(Ok(Value::Undefined), |e| self.eval(e, scope))
    }
}
