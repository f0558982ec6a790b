//! The descriptions of the commands that run an analysis, from the table of options.

use super::{Description, Kind, OptionText, split_default};
use crate::cli::args::Command;
use crate::cli::options::{Entry, TABLE};
use crate::cli::spelling::aliases_of;
use crate::cli::values::Takes;
use crate::genotype::ChromosomeSet;
use crate::output::table_format::TableFormat;

/// The options that the short help explains; it only names the others.
const COMMON: &[&str] = &[
    "bfile",
    "p",
    "n",
    "c",
    "pheno",
    "pheno-name",
    "covar",
    "covar-name",
    "k",
    "gk",
    "eigen",
    "lmm",
    "lm",
    "loco",
    "miss",
    "maf",
    "hwe",
    "o",
    "outdir",
    "output-format",
    "threads",
    "memory",
];

/// What a command does.
const fn about(command: Command) -> &'static str {
    match command {
        Command::Gk => {
            "Compute the kinship matrix of all individuals: PREFIX.cXX.txt or PREFIX.sXX.txt"
        }
        Command::Eigen => {
            "Decompose the kinship of the analysed individuals: PREFIX.eigenD.txt, PREFIX.eigenU.txt"
        }
        Command::Lmm => {
            "Test every SNP for association: PREFIX.assoc.txt. The kinship is computed in the same run unless it is given with -k, or -d and -u"
        }
        Command::Lm => {
            "Test every SNP for association in the linear model, without a kinship: PREFIX.assoc.txt"
        }
        Command::Demo => {
            "Analyse a small simulated study that is part of the program, and print the top hits"
        }
    }
}

/// Examples of a command; of GEMMA's spelling if it is `None`.
const fn examples(command: Option<Command>) -> &'static [(&'static str, &'static str)] {
    match command {
        None => &[
            (
                "jamma demo",
                "analyse the study that is part of the program",
            ),
            (
                "jamma lmm -bfile mouse -lmm 4 -o mouse",
                "kinship and all tests in one run",
            ),
            ("jamma gk -bfile mouse -o mouse", "only the kinship"),
            (
                "jamma lmm -bfile mouse -k output/mouse.cXX.txt -n 6 -c covariates.txt -o weight",
                "phenotype column 6, with covariates",
            ),
        ],
        Some(Command::Gk) => &[
            (
                "jamma gk -bfile mouse -o mouse",
                "centred kinship: output/mouse.cXX.txt",
            ),
            (
                "jamma gk -bfile mouse -loco -o mouse",
                "a kinship without each chromosome",
            ),
        ],
        Some(Command::Eigen) => &[(
            "jamma eigen -bfile mouse -k output/mouse.cXX.txt -o mouse",
            "eigenvalues and eigenvectors of a kinship",
        )],
        Some(Command::Lmm) => &[
            (
                "jamma lmm -bfile mouse -lmm 4 -o mouse",
                "kinship and all tests in one run",
            ),
            (
                "jamma lmm -bfile mouse -loco -o mouse",
                "leave one chromosome out",
            ),
            (
                "jamma lmm -bfile mouse --pheno study.tsv --pheno-name weight --covar study.tsv --covar-name age,sex -o weight",
                "phenotype and covariates by name",
            ),
        ],
        Some(Command::Lm) => &[("jamma lm -bfile mouse -lm 4 -o mouse", "all tests")],
        Some(Command::Demo) => &[(
            "jamma demo",
            "analyse the study that is part of the program",
        )],
    }
}

/// The description of a command; of GEMMA's spelling if it is `None`.
pub(crate) fn of_command(command: Option<Command>) -> Description {
    let options = TABLE.iter().filter(|entry| entry.is_of(command));
    let mut options: Vec<OptionText> = options.map(option).collect();
    let mut headings: Vec<&str> = Vec::new();
    for option in &options {
        if !headings.contains(&option.heading) {
            headings.push(option.heading);
        }
    }
    let place = |heading: &str| headings.iter().position(|known| *known == heading);
    options.sort_by_key(|option| place(option.heading));
    Description {
        name: command.map_or("jamma", Command::name),
        about: command.map_or(
            "Exact genome-wide association with linear mixed models, from PLINK files to GEMMA's tables",
            about,
        ),
        usage: match command {
            None => vec![
                "jamma COMMAND [OPTIONS]".to_owned(),
                "jamma -bfile PREFIX -lmm 4 [OPTIONS]  (GEMMA's command lines)".to_owned(),
            ],
            Some(Command::Demo) => vec!["jamma demo [OPTIONS]".to_owned()],
            Some(command) => vec![format!("jamma {} -bfile PREFIX [OPTIONS]", command.name())],
        },
        words: Vec::new(),
        options,
        notes: match command {
            Some(Command::Demo) => Vec::new(),
            _ => vec!["Every option may be written with one dash or two; only -gxe FILE and --gxe NAME differ."],
        },
        examples: examples(command).to_vec(),
        is_hidden: false,
    }
}

/// The description of an option of the table.
fn option(entry: &Entry) -> OptionText {
    let (help, default) = split_default(entry.help());
    let dashed = |name: &str| {
        if name.chars().count() == 1 {
            format!("-{name}")
        } else {
            format!("--{name}")
        }
    };
    OptionText {
        typed: entry.typed(),
        others: aliases_of(entry.name()).map(dashed).collect(),
        value: entry.value_name(),
        is_value_optional: matches!(entry.takes(), Takes::Mode(_) | Takes::WordOrNone(_)),
        // `--merge` takes all files up to the next option.
        is_repeated: entry.name() == "merge",
        heading: entry.heading(),
        help,
        default,
        kind: kind(entry),
        is_common: COMMON.contains(&entry.name()),
    }
}

fn kind(entry: &Entry) -> Kind {
    let choices = |choices: &[(&'static str, _)]| choices.iter().map(|(word, _)| *word).collect();
    match entry.takes() {
        Takes::Flag(_) => Kind::Flag,
        Takes::Number(range, _) => Kind::Number(*range.start(), *range.end()),
        Takes::Whole(range, _) => {
            let end = Some(*range.end()).filter(|end| *end != usize::MAX);
            Kind::Whole(*range.start(), end)
        }
        Takes::Columns(_) => Kind::Whole(1, None),
        Takes::Path(_) if entry.value_name() == "DIR" => Kind::Directory,
        Takes::Path(_) | Takes::PathOrUrl(_) => Kind::Path,
        Takes::Text(_) if entry.value_name().contains("FILE") => Kind::Path,
        Takes::Text(_) | Takes::Word(_) | Takes::WordOrNone(_) => Kind::Text(match entry.name() {
            "chr-set" => ChromosomeSet::species_names().collect(),
            "par" => vec!["hg18", "hg19", "hg38"],
            _ => Vec::new(),
        }),
        Takes::List(_) => Kind::Text(vec!["all"]),
        Takes::Names(_) if entry.name() == "merge" => Kind::Path,
        Takes::Names(_) => Kind::List(match entry.name() {
            "output-format" => TableFormat::ALL
                .iter()
                .map(|format| format.name())
                .collect(),
            _ => Vec::new(),
        }),
        Takes::Choice(of) | Takes::Mode(of) => Kind::Choice(choices(of)),
        Takes::Ignored => Kind::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options::is_known;

    #[test]
    fn the_common_options_are_in_the_table() {
        assert!(COMMON.iter().all(|name| is_known(name)));
    }

    #[test]
    fn a_default_is_no_part_of_the_help() {
        for entry in TABLE {
            let option = option(entry);
            assert!(!option.help.contains("[default"), "{}", option.typed);
        }
        let maf = TABLE.iter().find(|entry| entry.name() == "maf").unwrap();
        let maf = option(maf);
        assert_eq!(maf.help, "Minimum minor allele frequency");
        assert_eq!(maf.default, Some("0.01"));
        assert_eq!(maf.kind, Kind::Number(0.0, 0.5));
        assert_eq!(maf.usage(), "-maf FREQUENCY");
    }
}
