//! The little language of `Fn::Sub`.

/// A piece of a `Fn::Sub` text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Text(String),
    /// What stands between `${` and `}`.
    Variable(&'a str),
}

/// Cuts a text. `${!x}` is the text `${x}`: that is how policy variables and rule templates pass through.
pub(crate) fn parts(template: &str) -> Result<Vec<Part<'_>>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}').ok_or("a `}` after `${`")?;
        parts.push(Part::Text(before.to_owned()));
        match name.strip_prefix('!') {
            Some(literal) => parts.push(Part::Text(format!("${{{literal}}}"))),
            None if name.is_empty() || name.contains(char::is_whitespace) => {
                return Err("a name between `${` and `}`");
            }
            None => parts.push(Part::Variable(name)),
        }
        rest = tail;
    }
    parts.push(Part::Text(rest.to_owned()));
    parts.retain(|part| *part != Part::Text(String::new()));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_literals_and_lonely_dollars() {
        assert_eq!(
            parts("a${B}c$d${!e:f}${G.h}").unwrap(),
            [
                Part::Text("a".into()),
                Part::Variable("B"),
                Part::Text("c$d".into()),
                Part::Text("${e:f}".into()),
                Part::Variable("G.h"),
            ]
        );
        assert_eq!(parts("").unwrap(), []);
        assert_eq!(parts("${a").unwrap_err(), "a `}` after `${`");
        assert_eq!(parts("${a b}").unwrap_err(), "a name between `${` and `}`");
    }
}
