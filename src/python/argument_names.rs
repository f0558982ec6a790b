//! Messages with the names of Python arguments instead of command-line options.

use crate::error::Error;

/// Whether an argument takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// A value: `-maf 0.1` is `maf=0.1`.
    Value,
    /// No value: `--gz` is `gz=True`.
    Nothing,
}

/// Options and the equivalent arguments.
const NAMES: &[(&str, &str, Takes)] = &[
    ("bfile", "bfile", Takes::Value),
    ("g", "bimbam", Takes::Value),
    ("a", "annotation", Takes::Value),
    ("bgen", "bgen", Takes::Value),
    ("sample", "sample", Takes::Value),
    ("bgen-ref", "bgen_ref", Takes::Value),
    ("pfile", "pfile", Takes::Value),
    ("vcf", "vcf", Takes::Value),
    ("dosage", "dosage", Takes::Value),
    ("zarr", "zarr", Takes::Value),
    ("numeric", "numeric", Takes::Value),
    ("snp-map", "snp_map", Takes::Value),
    ("ploidy", "ploidy", Takes::Value),
    ("no-dosage-range", "no_dosage_range", Takes::Nothing),
    ("hard-call-threshold", "hard_call_threshold", Takes::Value),
    ("pheno", "pheno", Takes::Value),
    ("pheno-name", "pheno_name", Takes::Value),
    ("covar", "covar", Takes::Value),
    ("covar-name", "covar_name", Takes::Value),
    ("cat-covar", "cat_covar", Takes::Value),
    ("missing-code", "missing_code", Takes::Value),
    ("gxe", "gxe", Takes::Value),
    ("gxe-file", "gxe_file", Takes::Value),
    ("interaction", "interaction", Takes::Value),
    ("gxe-effects", "gxe_effects", Takes::Nothing),
    ("model", "model", Takes::Value),
    ("widv", "widv", Takes::Value),
    ("weights", "weights", Takes::Value),
    ("gemma-widv", "gemma_widv", Takes::Nothing),
    ("replicates", "replicates", Takes::Value),
    ("rint", "rint", Takes::Nothing),
    ("standardize", "standardize", Takes::Nothing),
    ("keep", "keep", Takes::Value),
    ("remove", "remove", Takes::Value),
    ("extract", "extract", Takes::Value),
    ("exclude", "exclude", Takes::Value),
    ("chr", "chr", Takes::Value),
    ("from-bp", "from_bp", Takes::Value),
    ("to-bp", "to_bp", Takes::Value),
    ("condition", "condition", Takes::Value),
    ("odds", "odds", Takes::Nothing),
    ("effective-tests", "effective_tests", Takes::Nothing),
    ("info", "info", Takes::Value),
    ("with-info", "with_info", Takes::Nothing),
    ("effect-allele", "effect_allele", Takes::Value),
    ("sex-from", "sex_from", Takes::Value),
    ("condition", "condition", Takes::Value),
    ("stepwise", "stepwise", Takes::Value),
    ("stepwise-max", "stepwise_max", Takes::Value),
    ("chr-set", "chr_set", Takes::Value),
    ("x-model", "x_model", Takes::Value),
    ("par", "par", Takes::Value),
    ("p", "phenotype", Takes::Value),
    ("n", "phenotype", Takes::Value),
    ("traits", "traits", Takes::Value),
    ("c", "covariates", Takes::Value),
    ("k", "kinship", Takes::Value),
    ("k2", "kinship2", Takes::Value),
    ("d", "eigen", Takes::Value),
    ("u", "eigen", Takes::Value),
    ("lmin", "lmin", Takes::Value),
    ("lmax", "lmax", Takes::Value),
    ("region", "region", Takes::Value),
    ("rotation", "rotation", Takes::Value),
    ("kinship-qc", "kinship_qc", Takes::Value),
    ("loco", "loco", Takes::Value),
    ("loco-min-snps", "loco_min_snps", Takes::Value),
    ("permutations", "permutations", Takes::Value),
    ("seed", "seed", Takes::Value),
    ("miss", "miss", Takes::Value),
    ("maf", "maf", Takes::Value),
    ("hwe", "hwe", Takes::Value),
    ("r2", "r2", Takes::Value),
    ("r2-centred", "r2_centred", Takes::Nothing),
    ("snps", "snps", Takes::Value),
    ("ksnps", "kinship_snps", Takes::Value),
    ("o", "out", Takes::Value),
    ("outdir", "out", Takes::Value),
    ("gz", "gz", Takes::Nothing),
    ("save-kinship", "save_kinship", Takes::Nothing),
    ("log10p", "log10p", Takes::Nothing),
    ("all-snps", "all_snps", Takes::Nothing),
    ("long", "long", Takes::Nothing),
    ("output-format", "output_format", Takes::Value),
    ("columns", "columns", Takes::Value),
    ("effects", "effects", Takes::Nothing),
    ("report", "report", Takes::Nothing),
    ("fail-fast", "fail_fast", Takes::Nothing),
    ("backend", "backend", Takes::Value),
    ("threads", "threads", Takes::Value),
    ("block-snps", "block_snps", Takes::Value),
    ("memory", "memory", Takes::Value),
    ("eigen-cache", "eigen_cache", Takes::Value),
];

/// Options, some with a value, that correspond to an argument with a fixed value.
const PHRASES: &[(&str, &str)] = &[
    ("-notsnp", "`maf=None`"),
    ("--format npy", "`npy=True`"),
    ("--kinship-qc all", "`kinship_qc='all'`"),
    ("--backend rust", "`backend='rust'`"),
    ("--dosage DS", "`dosage='DS'`"),
    ("--model dominant", "`model='dominant'`"),
    ("--model recessive", "`model='recessive'`"),
    ("--model overdominant", "`model='overdominant'`"),
    ("--model genotypic", "`model='genotypic'`"),
    ("--dosage GP", "`dosage='GP'`"),
    ("the option", "the argument"),
];

/// `error` with the names of Python arguments; paths are not changed.
pub(super) fn of_python(error: Error) -> Error {
    match error {
        Error::Malformed {
            path,
            line,
            what,
            hint,
        } => Error::Malformed {
            path,
            line,
            what: in_python(&what),
            hint: in_python(&hint),
        },
        Error::Inconsistent { what, hint } => {
            Error::inconsistent(in_python(&what), in_python(&hint))
        }
        Error::Degenerate { what, hint } => Error::degenerate(in_python(&what), in_python(&hint)),
        Error::InvalidOption { option, what, hint } => {
            let option = argument(option.trim_start_matches('-'))
                .filter(|_| option.starts_with('-'))
                .map_or_else(|| in_python(&option), |(name, _)| name.to_owned());
            Error::option(option, in_python(&what), in_python(&hint))
        }
        Error::Remote {
            url,
            kind,
            what,
            hint,
        } => Error::Remote {
            url,
            kind,
            what: in_python(&what),
            hint: in_python(&hint),
        },
        Error::Memory { what, hint } => Error::Memory {
            what: in_python(&what),
            hint: in_python(&hint),
        },
        other => other,
    }
}

fn argument(option: &str) -> Option<(&'static str, Takes)> {
    NAMES
        .iter()
        .find(|(name, ..)| *name == option)
        .map(|&(_, argument, takes)| (argument, takes))
}

/// `text` with arguments instead of options; commands in backticks are not changed.
pub(super) fn in_python(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    // Whether `rest` starts inside backticks, and whether they quote a command.
    let (mut is_quoted, mut is_command) = (false, false);
    while let Some(c) = rest.chars().next() {
        if c == '`' {
            is_quoted = !is_quoted;
            is_command = is_quoted && rest[1..].starts_with(char::is_alphabetic);
        }
        let begins = out
            .chars()
            .next_back()
            .is_none_or(|before| before.is_whitespace() || "(`'\"[".contains(before));
        if begins && !is_command {
            let found = phrase(rest, is_quoted).or_else(|| option(rest, is_quoted));
            if let Some((found, n_bytes)) = found {
                out.push_str(&found);
                rest = &rest[n_bytes..];
                continue;
            }
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    without_repeats(out)
}

fn phrase(text: &str, is_quoted: bool) -> Option<(String, usize)> {
    let ends = |found: &str| !text[found.len()..].starts_with(|c: char| c.is_alphanumeric());
    PHRASES
        .iter()
        .find(|(found, _)| text.starts_with(found) && ends(found))
        .map(|(found, instead)| {
            let bare = instead.trim_matches('`');
            let instead = if is_quoted { bare } else { instead };
            (instead.to_owned(), found.len())
        })
}

/// The argument for the option at the start of `text`, and the number of bytes that it replaces.
fn option(text: &str, is_quoted: bool) -> Option<(String, usize)> {
    let dashes = text.len() - text.trim_start_matches('-').len();
    if !(1..=2).contains(&dashes) {
        return None;
    }
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let length = text[dashes..]
        .find(|c: char| !is_part(c))
        .unwrap_or(text.len() - dashes);
    let end = dashes + length;
    let after = &text[end..];
    if after.starts_with(|c: char| c.is_alphanumeric() || "_=./".contains(c) && after.len() > 1) {
        // A period ends a sentence, unless more of a name follows.
        let is_sentence = after.starts_with(". ");
        if !is_sentence {
            return None;
        }
    }
    let (name, takes) = argument(&text[dashes..end])?;
    let is_subject = after.starts_with(':');
    let value = value(after).filter(|_| takes == Takes::Value);
    let (bare, end) = match value {
        Some(value) => (format!("{name}={value}"), end + 1 + value.len()),
        None if takes == Takes::Nothing && !is_subject => (format!("{name}=True"), end),
        None => (name.to_owned(), end),
    };
    let is_bare = is_quoted || (is_subject && !bare.contains('='));
    Some((if is_bare { bare } else { format!("`{bare}`") }, end))
}

/// The value after an option: a number, or a placeholder in capitals.
fn value(after: &str) -> Option<&str> {
    let text = after.strip_prefix(' ')?;
    let length = text
        .find(|c: char| c.is_whitespace() || ",;:)`".contains(c))
        .unwrap_or(text.len());
    let word = &text[..length];
    let is_number = word.parse::<f64>().is_ok();
    // A single capital letter may be an article, except before a colon.
    let is_capitals = word.chars().all(|c| c.is_ascii_uppercase())
        && (length > 1 || (length == 1 && text[length..].starts_with(':')));
    let is_path = word.contains('/') || word == "f64|f32";
    (is_number || is_capitals || is_path).then_some(word)
}

/// `text` without repetitions of an argument that stands for several options: `-d and -u` becomes `eigen`.
fn without_repeats(mut text: String) -> String {
    for (_, name, _) in NAMES {
        for between in [" and ", " or ", ", "] {
            let twice = format!("`{name}`{between}`{name}`");
            while text.contains(&twice) {
                text = text.replace(&twice, &format!("`{name}`"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_arguments() {
        for (text, expected) in [
            (
                "relax -maf, -miss, -hwe or -r2, or check the -snps list",
                "relax `maf`, `miss`, `hwe` or `r2`, or check the `snps` list",
            ),
            (
                "choose phenotype 1 with -n 1",
                "choose phenotype 1 with `phenotype=1`",
            ),
            (
                "(-n, -p) and covariates (-c)",
                "(`phenotype`) and covariates (`covariates`)",
            ),
            (
                "omit -ksnps, or omit -k, -d and -u",
                "omit `kinship_snps`, or omit `kinship`, `eigen`",
            ),
            ("give `--kinship-qc all`", "give `kinship_qc='all'`"),
            (
                "see `jamma gk -ksnps LIST` and -snps",
                "see `jamma gk -ksnps LIST` and `snps`",
            ),
            (
                "-9 is a value in a -p file; -0.5, a-n, x/-n/y",
                "-9 is a value in a `phenotype` file; -0.5, a-n, x/-n/y",
            ),
            ("-maf FREQUENCY: Smallest", "`maf=FREQUENCY`: Smallest"),
            ("--threads N: Threads", "`threads=N`: Threads"),
            ("omit --save-kinship", "omit `save_kinship=True`"),
            (
                "-notsnp turns off the -hwe filter too",
                "`maf=None` turns off the `hwe` filter too",
            ),
            (
                "write text with --gz or the matrix with --format npy",
                "write text with `gz=True` or the matrix with `npy=True`",
            ),
            (
                "give a larger --memory, or --memory GB",
                "give a larger `memory`, or `memory=GB`",
            ),
            (
                "choose another disk with -outdir",
                "choose another disk with `out`",
            ),
            ("-k: not found; ä -k", "kinship: not found; ä `kinship`"),
            (
                "-km 2 and -lmm 4 have no argument",
                "-km 2 and -lmm 4 have no argument",
            ),
        ] {
            assert_eq!(in_python(text), expected);
        }
    }

    #[test]
    fn errors_keep_their_paths() {
        let error = Error::malformed_line("a -maf b".as_ref(), 3, "wrong with -maf", "see -n");
        let error = of_python(error);
        assert_eq!(error.to_string(), "a -maf b:3: wrong with `maf`");
        assert_eq!(error.hint().as_deref(), Some("see `phenotype`"));
        let error = of_python(Error::option("--block-snps", "x", "y"));
        assert_eq!(error.to_string(), "block_snps: x");
        let error = of_python(Error::option("RAYON_NUM_THREADS", "x", "y"));
        assert_eq!(error.to_string(), "RAYON_NUM_THREADS: x");
    }
}
