//! Text in lines of a limited width.

/// The words of `text` in lines of at most `width` characters; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let more = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + more <= width => {
                line.push(' ');
                line.push_str(word);
                length += 1 + more;
            }
            _ => {
                lines.push(word.to_owned());
                length = more;
            }
        }
    }
    lines
}

/// `text` beside `label`, which begins in column `indent`: lines of text begin in column `column`, and end before `width`.
///
/// A label that does not fit has a line of its own.
pub(super) fn beside(label: &str, text: &str, [indent, column, width]: [usize; 3]) -> Vec<String> {
    let label = format!("{:indent$}{label}", "");
    let mut texts = wrapped(text, width.saturating_sub(column)).into_iter();
    let mut lines = Vec::new();
    if label.chars().count() + 2 <= column {
        let first = texts.next().unwrap_or_default();
        lines.push(format!("{label:column$}{first}").trim_end().to_owned());
    } else {
        lines.push(label);
    }
    lines.extend(texts.map(|line| format!("{:column$}{line}", "")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_possible_and_no_longer() {
        assert_eq!(wrapped("a bb ccc dddd", 6), ["a bb", "ccc", "dddd"]);
        assert_eq!(wrapped("a bb ccc dddd", 8), ["a bb ccc", "dddd"]);
        assert_eq!(wrapped("λ λλ λλλλλ", 4), ["λ λλ", "λλλλλ"]);
        assert!(wrapped("  ", 5).is_empty());
        assert_eq!(
            beside("-n N", "a b c", [2, 8, 12]),
            ["  -n N  a b", "        c"]
        );
        assert_eq!(
            beside("-nnn N", "a b", [2, 8, 12]),
            ["  -nnn N", "        a b"]
        );
        assert_eq!(beside("-n", "", [2, 8, 12]), ["  -n"]);
    }
}
