//! JSON (RFC 8259), as far as a record of a run needs it.

use std::fmt::{self, Write};

/// A value.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Json {
    /// `null`, also for a number that is not finite.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with the digits that distinguish it from all others.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, whose members keep their order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// An object.
    pub fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        let members = members.into_iter();
        Self::Object(
            members
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// The value as text, for comparisons.
    #[must_use]
    pub fn line(&self) -> String {
        self.to_string()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// An array.
    pub fn list<T: Into<Self>>(values: impl IntoIterator<Item = T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }

    /// Appends the value; members of objects have lines of their own down to this depth.
    fn push(&self, out: &mut String, indent: usize) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(out, "{value}"),
            Self::Integer(value) => write!(out, "{value}"),
            Self::Number(value) if value.is_finite() => write!(out, "{value:?}"),
            Self::Null | Self::Number(_) => out.write_str("null"),
            Self::Text(text) => out.write_str(&quoted(text)),
            Self::List(values) => {
                let is_flat = !values
                    .iter()
                    .any(|value| matches!(value, Self::List(_) | Self::Object(_)));
                let members = values.iter().map(|value| (None, value));
                push_members(out, ['[', ']'], members, indent, is_flat)
            }
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| (Some(name), value));
                push_members(out, ['{', '}'], members, indent, false)
            }
        }
    }
}

fn push_members<'a>(
    out: &mut String,
    [open, close]: [char; 2],
    members: impl ExactSizeIterator<Item = (Option<&'a String>, &'a Json)>,
    indent: usize,
    is_flat: bool,
) -> fmt::Result {
    let is_flat = is_flat || members.len() == 0;
    out.push(open);
    for (k, (name, value)) in members.enumerate() {
        if k > 0 {
            out.push_str(if is_flat { ", " } else { "," });
        }
        if !is_flat {
            write!(out, "\n{:1$}", "", indent + 2)?;
        }
        if let Some(name) = name {
            write!(out, "{}: ", quoted(name))?;
        }
        value.push(out, indent + 2)?;
    }
    if !is_flat {
        write!(out, "\n{:1$}", "", indent)?;
    }
    out.push(close);
    Ok(())
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.push(&mut out, 0)?;
        f.write_str(&out)
    }
}

/// `text` as a string of JSON, and of YAML.
#[must_use]
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Json {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<usize> for Json {
    fn from(value: usize) -> Self {
        Self::Integer(value as i64)
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::Number(value as f64), Self::Integer)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Json {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_standard_has_them() {
        let value = Json::object([
            ("a\"\n\u{1}é", Json::list([0.1, f64::NAN, 1e-310, -2.0])),
            ("none", Json::from(None::<bool>)),
            ("empty", Json::object([])),
            (
                "nested",
                Json::List(vec![Json::object([("n", 3_usize.into())])]),
            ),
        ]);
        let expected = "{\n  \"a\\\"\\n\\u0001é\": [0.1, null, 1e-310, -2.0],\n  \"none\": null,\n  \"empty\": {},\n  \"nested\": [\n    {\n      \"n\": 3\n    }\n  ]\n}";
        assert_eq!(value.to_string(), expected);
    }
}
