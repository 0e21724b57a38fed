//! Printing a tree and reading it again gives the same tree, for any tree that the parser can make.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::ast::{CastType, Expr, Item, Level, Operator, Query, Select, SubQuery};
use crate::functions::{self, Function};
use crate::parser;
use crate::version::SqlVersion;

fn name() -> impl Strategy<Value = String> {
    select(vec![
        "temp", "value", "_x1", "set", "exists", "cast", "like", "VALUE", "topic",
    ])
    .prop_map(str::to_owned)
}

/// Names behind `.` and `AS` may be keywords.
fn any_name() -> impl Strategy<Value = String> {
    select(vec!["a", "value", "from", "select", "End", "x_1"]).prop_map(str::to_owned)
}

fn function() -> impl Strategy<Value = &'static Function> {
    let usable: Vec<&'static Function> = functions::all()
        .filter(|f| f.name != "decode" && f.literal_arguments(3).is_empty())
        .collect();
    select(usable)
}

const OPERATORS: [Operator; 14] = [
    Operator::Or,
    Operator::And,
    Operator::Equal,
    Operator::NotEqual,
    Operator::Less,
    Operator::LessOrEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
    Operator::In,
    Operator::Add,
    Operator::Subtract,
    Operator::Multiply,
    Operator::Divide,
    Operator::Modulo,
];

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        Just(Expr::Null),
        any::<bool>().prop_map(Expr::Boolean),
        "[0-9]{1,5}(\\.[0-9]{1,3})?([eE][-+]?[0-9]{1,2})?".prop_map(Expr::Number),
        any::<String>().prop_map(Expr::Text),
        name().prop_map(Expr::Name),
        Just(Expr::Variable("v0".to_owned())),
    ]
}

fn boxed(expr: Expr) -> Box<Expr> {
    Box::new(expr)
}

fn path(base: Expr, names: Vec<String>) -> Expr {
    match base {
        Expr::Path(inner, mut all) => {
            all.extend(names);
            Expr::Path(inner, all)
        }
        other => Expr::Path(boxed(other), names),
    }
}

/// Keeps the operators of the first one's level; comparisons do not chain.
fn chain(first: Expr, mut rest: Vec<(Operator, Expr)>) -> Expr {
    let level = rest[0].0.level();
    rest.retain(|(operator, _)| operator.level() == level);
    if level == Level::Comparison {
        rest.truncate(1);
    }
    Expr::Chain(boxed(first), rest)
}

fn call(function: &'static Function, mut arguments: Vec<Expr>, star: bool) -> Expr {
    let count = function.arity.last().copied().unwrap_or(2);
    arguments.resize(count, Expr::Null);
    if star && function.takes_star && count > 0 {
        arguments[0] = Expr::Star;
    }
    Expr::Call(function, arguments)
}

fn select_list(
    expr: impl Strategy<Value = Expr> + Clone + 'static,
) -> impl Strategy<Value = Select> {
    let item = prop_oneof![
        Just(Item::Star),
        (expr.clone(), vec(any_name(), 0..3)).prop_map(|(expr, alias)| Item::Expr { expr, alias }),
    ];
    prop_oneof![
        Just(Select::ValueStar),
        expr.prop_map(|e| Select::Value(boxed(e))),
        vec(item, 1..4).prop_map(Select::Items),
    ]
}

fn sub_query(
    expr: impl Strategy<Value = Expr> + Clone + 'static,
) -> impl Strategy<Value = Box<SubQuery>> {
    (
        select_list(expr.clone()),
        expr.clone(),
        option::of(any_name()),
        option::of(expr),
    )
        .prop_map(|(select, from, alias, condition)| {
            Box::new(SubQuery {
                select,
                from,
                alias,
                condition,
            })
        })
}

fn expr() -> impl Strategy<Value = Expr> + Clone {
    leaf().prop_recursive(5, 60, 4, |inner| {
        let types = vec![
            CastType::String,
            CastType::Int,
            CastType::Double,
            CastType::Decimal,
            CastType::Boolean,
        ];
        prop_oneof![
            (inner.clone(), vec(any_name(), 1..3)).prop_map(|(base, names)| path(base, names)),
            vec((any::<String>(), inner.clone()), 0..3).prop_map(Expr::Object),
            vec(inner.clone(), 0..3).prop_map(Expr::Array),
            inner.clone().prop_map(|e| Expr::Negate(boxed(e))),
            inner.clone().prop_map(|e| Expr::Not(boxed(e))),
            (
                inner.clone(),
                vec((select(OPERATORS.to_vec()), inner.clone()), 1..4)
            )
                .prop_map(|(first, rest)| chain(first, rest)),
            (
                inner.clone(),
                vec((inner.clone(), inner.clone()), 1..3),
                option::of(inner.clone())
            )
                .prop_map(|(subject, branches, otherwise)| Expr::Case {
                    subject: boxed(subject),
                    branches,
                    otherwise: otherwise.map(boxed),
                }),
            (inner.clone(), select(types)).prop_map(|(e, target)| Expr::Cast(boxed(e), target)),
            (function(), vec(inner.clone(), 0..3), any::<bool>())
                .prop_map(|(f, a, star)| call(f, a, star)),
            sub_query(inner.clone()).prop_map(Expr::SubQuery),
            sub_query(inner).prop_map(Expr::Exists),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn expressions(expr in expr()) {
        let printed = format!("${{{expr}}}");
        let (read, end) = parser::placeholder(&printed, 2, SqlVersion::V20160323)
            .map_err(|e| TestCaseError::fail(format!("{printed}: {e}")))?;
        prop_assert_eq!(end, printed.len(), "{}", printed);
        prop_assert_eq!(&read, &expr, "{}", printed);
        prop_assert_eq!(format!("${{{read}}}"), printed);
    }

    #[test]
    fn statements(
        select in select_list(expr()),
        filter in option::of("[a-z]{1,3}(/[a-z+]){0,3}(/#)?"),
        condition in option::of(expr()),
    ) {
        let from = filter.map(|f| mqtt_topic::TopicFilter::parse(f).unwrap());
        let variables = vec![("v0".to_owned(), Expr::Number("1".to_owned()))];
        let query = Query { variables, select, from, condition };
        let printed = query.to_string();
        let read = parser::statement(&printed, SqlVersion::V20160323)
            .map_err(|e| TestCaseError::fail(format!("{printed}: {e}")))?;
        prop_assert_eq!(&read, &query, "{}", printed);
    }
}
