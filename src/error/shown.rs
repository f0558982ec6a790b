//! Makes text from files, paths and command lines safe for one-line messages.

use std::fmt::Write;

/// Longest word, in characters, that a message shows in full.
const LONGEST: usize = 60;
/// Longest file name, in bytes, on common systems.
const FILE_NAME: usize = 255;
/// File name extensions. A word with one of them is not shortened.
const EXTENSIONS: [&str; 14] = [
    ".bed", ".bim", ".fam", ".txt", ".tsv", ".csv", ".gz", ".npy", ".id", ".dat", ".list", ".cov",
    ".pheno", ".kin",
];

/// `text` with control characters, invisible characters and those that change the direction of text as escapes: `\r`,
/// `\u{1b}`, `\u{a0}`.
///
/// Escaped text does not change.
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

/// As [`escaped`], with words of more than 60 characters shortened unless they are paths, because an id may have any length.
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

/// Whether `c` is a control character, a blank other than the space, or a character without width.
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
    // Punctuation after an id belongs to the sentence.
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
    fn invisible_characters_are_escaped_and_visible_ones_kept() {
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
            assert_eq!(escaped(expected), expected, "escaping is idempotent");
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
