//! GEMMA's options with one dash, in texts that clap's generators write with two.
//!
//! clap has only options of one letter with one dash. Both spellings work in jamma; users of GEMMA type and read one dash.

use crate::cli::description::{Description, OptionText};

/// The names of the options that are typed with one dash and have several letters.
pub(super) fn names(commands: &[Description]) -> Vec<&'static str> {
    let options = commands.iter().flat_map(|command| &command.options);
    let of_gemma = options
        .filter(|option| !option.typed.starts_with("--") && option.name().chars().count() > 1);
    let mut names: Vec<&str> = of_gemma.map(OptionText::name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// `text` with `dash` instead of `dashes` before each of `names` that is a whole word.
pub(super) fn replaced(text: &str, [dashes, dash]: [&str; 2], names: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(dashes) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let after = &found[dashes.len()..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '\\';
        let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
        let end = after.find("\\f").unwrap_or(end).min(end);
        // The hyphen of a name is escaped in manual pages.
        let name = after[..end].replace("\\-", "-");
        // A font of a manual page, such as `\fB`, is no part of a word.
        let is_font = ["\\fB", "\\fI", "\\fR"]
            .iter()
            .any(|font| out.ends_with(font));
        let is_inside = !is_font && out.ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let is_one = !is_inside && names.contains(&name.trim_end_matches('\\'));
        out.push_str(if is_one { dash } else { dashes });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_replaced() {
        let text = "--maf) --maf2 'x--maf' --no-check=1 --maf-x --maf";
        let found = replaced(text, ["--", "-"], &["maf", "no-check"]);
        assert_eq!(found, "-maf) --maf2 'x--maf' -no-check=1 --maf-x -maf");
        let text = r"\fB\-\-no\-check\fR \-\-gz";
        let found = replaced(text, [r"\-\-", r"\-"], &["no-check"]);
        assert_eq!(found, r"\fB\-no\-check\fR \-\-gz");
        assert_eq!(
            replaced("-l maf -l mafs", ["-l ", "-o "], &["maf"]),
            "-o maf -l mafs"
        );
    }
}
