//! Text from files, paths and command lines, made safe for messages of one line.

use std::fmt::Write;

/// Characters of a word that a message shows before it is shortened.
const LONGEST: usize = 60;
/// Bytes of a file name on every common system.
const FILE_NAME: usize = 255;
/// What file names end in; such a word is not shortened.
const EXTENSIONS: [&str; 14] = [
    ".bed", ".bim", ".fam", ".txt", ".tsv", ".csv", ".gz", ".npy", ".id", ".dat", ".list", ".cov",
    ".pheno", ".kin",
];

/// `text` with control characters, and those that cannot be seen or turn the direction of text, as escapes: `\r`,
/// `\u{1b}`, `\u{a0}`.
///
/// Text that is escaped already stays as it is.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            push_escape(&mut shown, c);
        } else {
            shown.push(c);
        }
    }
    shown
}

/// As [`escaped`], with words of more than 60 characters shortened unless they are paths: an id may be of any length.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = escaped(text);
    if text.len() <= LONGEST {
        return text;
    }
    let words: Vec<String> = text.split(' ').map(shortened).collect();
    words.join(" ")
}

fn push_escape(text: &mut String, c: char) {
    match c {
        '\t' => text.push_str("\\t"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        _ => write!(text, "\\u{{{:x}}}", c as u32).expect("writing to a string does not fail"),
    }
}

/// Control characters, blanks other than the ordinary one, and characters without a width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

fn shortened(word: &str) -> String {
    if word.chars().count() <= LONGEST || is_path(word) {
        return word.to_owned();
    }
    // A quote or colon after an id belongs to the sentence.
    let id = word.trim_end_matches([':', ';', ',', '.', '"', '\'', ')', '`', '?']);
    let end = if word.len() - id.len() <= 3 {
        &word[id.len()..]
    } else {
        ""
    };
    let start: String = id.chars().take(LONGEST).collect();
    if start.len() == id.len() {
        return word.to_owned();
    }
    format!("{start}...{end}")
}

/// Whether a word can be the path of a file, perhaps with a line number.
fn is_path(word: &str) -> bool {
    let is_name = |name: &str| name.len() <= FILE_NAME;
    let has_extension = || {
        let word = word.to_ascii_lowercase();
        EXTENSIONS.iter().any(|extension| {
            word.match_indices(extension).any(|(at, _)| {
                let after = word[at + extension.len()..].chars().next();
                !after.is_some_and(char::is_alphanumeric)
            })
        })
    };
    let has_folder = word.contains('/') || (cfg!(windows) && word.contains('\\'));
    (has_folder || has_extension()) && word.split(['/', '\\']).all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_what_can_is_kept() {
        for (text, expected) in [
            ("plain a\\b \"q\" é 李 –", "plain a\\b \"q\" é 李 –"),
            ("a\x1b[31mred\x07", "a\\u{1b}[31mred\\u{7}"),
            ("x\r\ny\tz\0", "x\\r\\ny\\tz\\u{0}"),
            (
                "\u{feff}id\u{a0}\u{200b}\u{202e}",
                "\\u{feff}id\\u{a0}\\u{200b}\\u{202e}",
            ),
            ("\u{9b}31m\u{2028}", "\\u{9b}31m\\u{2028}"),
        ] {
            assert_eq!(escaped(text), expected);
            assert_eq!(escaped(expected), expected, "once is enough");
        }
    }

    #[test]
    fn long_ids_are_shortened_and_paths_are_not() {
        let id = "x".repeat(5000);
        assert_eq!(
            shown(&format!("individual {id}: on line 3")),
            format!("individual {}...: on line 3", "x".repeat(60))
        );
        let folder = format!("/a/{}/{}.fam:3: wrong", "b".repeat(100), "c".repeat(100));
        assert_eq!(shown(&folder), folder);
        let file = format!("{}.cXX.txt and d.fam disagree", "k".repeat(100));
        assert_eq!(shown(&file), file);
        assert!(shown(&format!("{id}/{id}.txt")).len() < 80);
        assert_eq!(shown(&"é".repeat(60)), "é".repeat(60));
        assert_eq!(shown(&"é".repeat(61)), "é".repeat(60) + "...");
    }
}
