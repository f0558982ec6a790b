//! Suggestions for misspelt options and commands.

use super::args::Command;
use super::{foreign, options};

/// Other names of the commands.
const COMMANDS: &[(&str, &str)] = &[
    ("kinship", "gk"),
    ("grm", "gk"),
    ("relatedness", "gk"),
    ("eig", "eigen"),
    ("eigendecompose", "eigen"),
    ("decompose", "eigen"),
    ("pca", "eigen"),
    ("assoc", "lmm"),
    ("association", "lmm"),
    ("gwas", "lmm"),
    ("test", "lmm"),
    ("run", "lmm"),
    ("mlma", "lmm"),
    ("lm", "lmm"),
    ("example", "demo"),
    ("cache", "cache"),
    ("plot", "plot"),
    ("manhattan", "plot"),
    ("figure", "plot"),
    ("top", "top"),
    ("hits", "top"),
    ("compare", "compare"),
    ("diff", "compare"),
    ("merge", "merge"),
    ("cost", "cost"),
    ("plan", "cost"),
    ("estimate", "cost"),
    ("predict", "cost"),
    ("report", "report"),
    ("html", "report"),
    ("explain", "explain"),
    ("gemma", "explain"),
    ("translate", "explain"),
    ("convert", "explain"),
    ("completions", "completions"),
    ("completion", "completions"),
    ("complete", "completions"),
    ("man", "man"),
    ("manual", "man"),
    ("manpages", "man"),
    ("reference", "reference"),
    ("options", "reference"),
    ("columns", "reference"),
];
/// Most suggestions in a message.
const MOST: usize = 3;

/// The options nearest to `name` (without dashes), as users type them, nearest first.
pub(super) fn options(name: &str) -> Vec<String> {
    let name = normal(name);
    let ours = options::names().map(|name| (name, name));
    let extra = [
        ("quiet", "silence"),
        ("help", "help"),
        ("version", "version"),
    ];
    let all = ours.chain(extra).chain(foreign::synonyms());
    let found = nearest(&name, all);
    found.into_iter().map(options::as_typed).collect()
}

/// The command nearest to `word`.
pub(super) fn command(word: &str) -> Option<&'static str> {
    let commands = Command::ALL.map(|command| (command.name(), command.name()));
    nearest(
        &normal(word),
        commands.into_iter().chain(COMMANDS.iter().copied()),
    )
    .first()
    .copied()
}

fn normal(name: &str) -> String {
    name.trim_matches('-').to_lowercase().replace('_', "-")
}

/// The one of `all` that is nearest to `word`.
pub(super) fn nearest_of(
    word: &str,
    all: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    nearest(&normal(word), all.map(|name| (name, name)))
        .first()
        .copied()
}

/// The options or commands whose names are nearest to `name`: all at the smallest distance, if that is small relative to the
/// length.
fn nearest(
    name: &str,
    all: impl Iterator<Item = (&'static str, &'static str)>,
) -> Vec<&'static str> {
    let length = name.chars().count();
    let mut found: Vec<(usize, &str)> = all
        .map(|(known, meant)| (distance(name, known), known, meant))
        .filter(|&(distance, known, _)| {
            let length = length.max(known.len());
            distance == 0 || (length >= 3 && distance <= (length / 3).min(3))
        })
        .map(|(distance, _, meant)| (distance, meant))
        .collect();
    found.sort_by_key(|&(distance, _)| distance);
    let least = found.first().map_or(0, |&(distance, _)| distance);
    let mut meant = Vec::new();
    for (_, name) in found
        .into_iter()
        .take_while(|&(distance, _)| distance == least)
    {
        if !meant.contains(&name) {
            meant.push(name);
        }
    }
    meant.truncate(MOST);
    meant
}

/// The number of insertions, deletions, replacements and swaps of neighbouring letters that turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // The table below would be large for a long argument, which is near no option.
    if a.len().abs_diff(b.len()) > 3 {
        return usize::MAX;
    }
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swapped = if is_swapped {
                    rows[i - 2][j - 2] + 1
                } else {
                    replaced
                };
                (rows[i - 1][j] + 1)
                    .min(rows[i][j - 1] + 1)
                    .min(replaced)
                    .min(swapped)
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_intended_option_is_found() {
        for (typed, meant) in [
            ("bfil", "-bfile"),
            ("bfiel", "-bfile"),
            ("BFILE", "-bfile"),
            ("mfa", "-maf"),
            ("mafs", "-maf"),
            ("outdirr", "-outdir"),
            ("kinship_qc", "--kinship-qc"),
            ("save-kinsihp", "--save-kinship"),
            ("log10", "--log10p"),
            ("logp", "--log10p"),
            ("thread", "--threads"),
            ("covarr", "--covar"),
            ("phenoo", "--pheno"),
            ("ksnp", "-ksnps"),
            ("slience", "-silence"),
            ("rotaton", "--rotation"),
            ("r2-centerd", "--r2-centred"),
        ] {
            assert_eq!(
                options(typed).first().map(String::as_str),
                Some(meant),
                "{typed}"
            );
        }
        for typed in ["x", "zz", "colour-of-the-plot", "", "calccov"] {
            assert!(options(typed).is_empty(), "{typed}: {:?}", options(typed));
        }
        for (typed, meant) in [
            ("lnm", "lmm"),
            ("LMM", "lmm"),
            ("gwas", "lmm"),
            ("egien", "eigen"),
            ("kinship", "gk"),
            ("demoo", "demo"),
            ("cahce", "cache"),
            ("plots", "plot"),
        ] {
            assert_eq!(command(typed), Some(meant), "{typed}");
        }
        assert_eq!(command("mouse_hs1940"), None);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
