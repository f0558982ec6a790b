//! The reference of the columns of tables: as a page of the documentation, and for programs.

use super::markdown::{head, row, table};
use crate::assoc::genotypic::Genotypic;
use crate::assoc::gxe::Gxe;
use crate::assoc::lm::{self, GenotypicLm, Lm};
use crate::assoc::lmm::{Lmm, Tests};
use crate::assoc::{Column, ODDS_COLUMNS, SnpColumn};
use crate::output::column_set::ColumnSet;
use crate::output::json::Json;
use crate::output::sink::Products;
use crate::output::sinks::STEPWISE_COLUMNS;
use std::fmt::Write;

/// The modes of the mixed model and of the linear model.
const LMM: [(&str, Tests); 5] = [
    ("1", Tests::Wald),
    ("2", Tests::Lrt),
    ("3", Tests::Score),
    ("4", Tests::All),
    ("9", Tests::LrtWithEffect),
];
const LM: [(&str, lm::Tests); 4] = [
    ("1", lm::Tests::Wald),
    ("2", lm::Tests::Lrt),
    ("3", lm::Tests::Score),
    ("4", lm::Tests::All),
];

/// A column of a table of associations.
struct Row {
    name: String,
    /// When the table has the column, such as `1 3 4 9`, and the option that adds it.
    modes: String,
    meaning: String,
    unit: &'static str,
}

/// The columns of a model.
struct Section {
    title: &'static str,
    /// The option that has the modes.
    option: &'static str,
    rows: Vec<Row>,
}

/// The statistics of a model.
///
/// * `columns`: those of each mode, in each of several settings with the name of the option that makes it
fn section(
    title: &'static str,
    option: &'static str,
    columns: &[(&str, &'static str, Vec<Column>)],
) -> Section {
    let mut rows: Vec<Row> = Vec::new();
    // The settings in which each row was found: pairs of a mode and an option.
    let mut found: Vec<Vec<(&str, &str)>> = Vec::new();
    for (mode, setting, columns) in columns {
        for column in columns.iter().filter(|column| column.is_shown()) {
            let is_this = |row: &Row| row.name == *column.name && row.meaning == column.meaning;
            let at = rows.iter().position(is_this).unwrap_or_else(|| {
                rows.push(Row {
                    name: column.name.to_string(),
                    modes: String::new(),
                    meaning: column.meaning.to_owned(),
                    unit: column.unit,
                });
                found.push(Vec::new());
                rows.len() - 1
            });
            if !found[at].iter().any(|(known, _)| known == mode) {
                found[at].push((*mode, *setting));
            }
        }
    }
    for (row, found) in rows.iter_mut().zip(found) {
        row.modes = modes(&found);
    }
    Section {
        title,
        option,
        rows,
    }
}

/// `1 3 4 9, and 2 with --effects`
fn modes(found: &[(&str, &str)]) -> String {
    let mut settings: Vec<&str> = Vec::new();
    for (_, setting) in found {
        if !settings.contains(setting) {
            settings.push(*setting);
        }
    }
    let parts = settings.iter().map(|setting| {
        let modes = found
            .iter()
            .filter(|(_, of)| of == setting)
            .map(|(mode, _)| *mode);
        let modes: Vec<&str> = modes.collect();
        match *setting {
            "" => modes.join(" "),
            option => format!("{} with `{option}`", modes.join(" ")),
        }
    });
    parts.collect::<Vec<_>>().join(", and ")
}

fn lmm_sections() -> Vec<Section> {
    let each = |of: &dyn Fn(Tests, bool) -> Vec<Column>| {
        let settings = [("", false), ("--log10p", true)].into_iter();
        let columns = settings.flat_map(|(setting, log10p)| {
            LMM.map(|(mode, tests)| (mode, setting, of(tests, log10p)))
        });
        columns.collect::<Vec<_>>()
    };
    let mut lmm = each(&|tests, log10p| {
        let of = Lmm {
            tests,
            log10p,
            ..Lmm::default()
        };
        of.columns()
    });
    let effects = Lmm {
        tests: Tests::Lrt,
        effects: true,
        ..Lmm::default()
    };
    lmm.insert(LMM.len(), ("2", "--effects", effects.columns()));
    let gxe = |levels: Vec<String>| {
        move |tests, log10p| {
            let levels = levels.clone();
            Gxe {
                tests,
                log10p,
                levels,
                ..Gxe::default()
            }
            .columns()
        }
    };
    let mut interaction = each(&gxe(Vec::new()));
    let mut levels = each(&gxe(vec!["NAME=LEVEL".to_owned()]));
    for (mode, tests) in [LMM[0], LMM[3]] {
        for (of, names) in [
            (&mut interaction, vec![]),
            (&mut levels, vec!["NAME=LEVEL".to_owned()]),
        ] {
            for (log10p, options) in [(false, "--gxe-effects"), (true, "--gxe-effects --log10p")] {
                let effects = Gxe {
                    tests,
                    log10p,
                    effects: true,
                    levels: names.clone(),
                    ..Gxe::default()
                };
                of.push((mode, options, effects.columns()));
            }
        }
    }
    let genotypic = each(&|tests, log10p| {
        Genotypic {
            tests,
            log10p,
            ..Genotypic::default()
        }
        .columns()
    });
    vec![
        section("Linear mixed model", "-lmm", &lmm),
        section(
            "Interaction with a numeric environment or a SNP (-gxe, --gxe, --interaction)",
            "-lmm",
            &interaction,
        ),
        section(
            "Interaction with a categorical environment (--gxe)",
            "-lmm",
            &levels,
        ),
        section("Genotypic model (--model genotypic)", "-lmm", &genotypic),
    ]
}

fn lm_sections() -> Vec<Section> {
    let each = |of: &dyn Fn(lm::Tests, bool) -> Vec<Column>| {
        let settings = [("", false), ("--log10p", true)].into_iter();
        let columns = settings.flat_map(|(setting, log10p)| {
            LM.map(|(mode, tests)| (mode, setting, of(tests, log10p)))
        });
        columns.collect::<Vec<_>>()
    };
    let mut columns = each(&|tests, log10p| {
        Lm {
            tests,
            log10p,
            ..Lm::default()
        }
        .columns()
    });
    let effects = Lm {
        tests: lm::Tests::Lrt,
        effects: true,
        ..Lm::default()
    };
    columns.insert(LM.len(), ("2", "--effects", effects.columns()));
    let genotypic = each(&|tests, log10p| GenotypicLm { tests, log10p }.columns());
    vec![
        section("Linear model", "-lm", &columns),
        section(
            "Genotypic linear model (--model genotypic)",
            "-lm",
            &genotypic,
        ),
    ]
}

/// The columns that options add to every table.
fn on_request() -> Section {
    let row = |name: &str, modes: &str, meaning: &str, unit| Row {
        name: name.to_owned(),
        modes: format!("with `{modes}`"),
        meaning: meaning.to_owned(),
        unit,
    };
    let mut rows = vec![row(
        "info",
        "--with-info",
        "imputation quality, MaCH's r²; after af",
        "",
    )];
    rows.extend(
        ODDS_COLUMNS
            .iter()
            .map(|of| row(&of.name, "--odds", of.meaning, of.unit)),
    );
    rows.push(row("status", "--all-snps", "ok, a remark on the statistics, or the filter that excluded the SNP ([values](../files.md#status)); the last column", ""));
    rows.push(row(
        "trait",
        "--long",
        "the phenotype; the first column",
        "",
    ));
    Section {
        title: "Columns on request",
        option: "",
        rows,
    }
}

fn sections() -> Vec<Section> {
    let mut sections = lmm_sections();
    sections.extend(lm_sections());
    sections.push(on_request());
    sections
}

/// The columns that describe the SNP, with the option whose tables have them.
fn snp_columns() -> Vec<(SnpColumn, String)> {
    let mut columns: Vec<SnpColumn> = SnpColumn::OF_LMM.to_vec();
    columns.extend(
        SnpColumn::OF_LM
            .iter()
            .filter(|of| !SnpColumn::OF_LMM.contains(of)),
    );
    let tables = |column: &SnpColumn| {
        let is_in = [("`-lmm`", SnpColumn::OF_LMM), ("`-lm`", SnpColumn::OF_LM)];
        let named = is_in.into_iter().filter(|(_, of)| of.contains(column));
        named
            .map(|(option, _)| option)
            .collect::<Vec<_>>()
            .join(", ")
    };
    columns
        .into_iter()
        .map(|column| (column, tables(&column)))
        .collect()
}

/// A run with all columns that tables of other programs can have.
fn products() -> Products {
    let all = Lmm {
        tests: Tests::Wald,
        exchange: true,
        ..Lmm::default()
    };
    Products {
        columns: Some(all.columns()),
        snp_columns: SnpColumn::OF_LMM,
        info: true,
        all_snps: true,
        ..Products::default()
    }
}

/// The sets of columns of other programs, with the options that select them.
const OTHERS: [(ColumnSet, &str); 5] = [
    (ColumnSet::Regenie, "--columns regenie"),
    (ColumnSet::Plink2, "--columns plink2"),
    (ColumnSet::Metal, "--columns metal"),
    (ColumnSet::Htp, "--columns htp"),
    (ColumnSet::Ssf, "--output-format ssf"),
];

/// The page `docs/reference/columns.md`.
pub(super) fn markdown() -> String {
    let mut page = head("Columns of tables", "columns");
    page.push_str("\nThe table of associations has the columns of the SNP, then the statistics of the model, in the order of these tables. The formats `gemma`,\n`tsv.gz`, `bgz` and `parquet` ([formats](../outputs.md#formats)) have the same columns. In text, `af` and `info` have three digits after the point, other\nnumbers six and an exponent; undefined numbers are `nan`. In Parquet, numbers are doubles, `ps` and counts are 64-bit integers, and undefined\nnumbers are null.\n");
    page.push_str("\n## The SNP\n\n");
    page.push_str(&table(&["column", "in tables of", "meaning"]));
    for (column, tables) in snp_columns() {
        page.push_str(&row(&[
            &format!("`{}`", column.name()),
            &tables,
            column.meaning(),
        ]));
    }
    for section in sections() {
        let _ = write!(page, "\n## {}\n\n", section.title);
        let modes = match section.option {
            "" => "when".to_owned(),
            option => format!("with `{option}`"),
        };
        page.push_str(&table(&["column", &modes, "meaning", "unit"]));
        for of in section.rows {
            page.push_str(&row(&[
                &format!("`{}`", of.name),
                &of.modes,
                &of.meaning,
                of.unit,
            ]));
        }
    }
    page.push_str("\n## Columns of other programs\n\nThe p-value is that of the Wald test if there is one, else of the likelihood ratio test, else of the score test. `p_wald` and `neg_log10_p_wald` stand\nfor that test in these tables. With `--log10p`, -log10 p replaces p in `plink2` and `ssf`. More: [outputs.md](../outputs.md#columns).\n");
    for (set, option) in OTHERS {
        let _ = write!(page, "\n### {option}\n\n");
        page.push_str(&table(&["column", "type", "meaning"]));
        for of in set.meanings(&products()) {
            page.push_str(&row(&[&format!("`{}`", of.name), of.kind, &of.meaning]));
        }
    }
    page.push_str("\n## PREFIX.stepwise.txt\n\nThe SNPs that `--stepwise` added to the covariates, in the order in which they were added.\n\n");
    page.push_str(&table(&["column", "meaning"]));
    for (name, meaning) in STEPWISE_COLUMNS {
        page.push_str(&row(&[&format!("`{name}`"), meaning]));
    }
    page
}

/// The columns for programs.
pub(super) fn json() -> Json {
    let snp = snp_columns().into_iter().map(|(column, _)| {
        Json::object([
            ("name", column.name().into()),
            ("meaning", column.meaning().into()),
        ])
    });
    let sections = sections().into_iter().map(|section| {
        let rows = section.rows.into_iter().map(|of| {
            Json::object([
                ("name", of.name.into()),
                ("modes", of.modes.replace('`', "").into()),
                ("meaning", of.meaning.into()),
                ("unit", of.unit.into()),
            ])
        });
        Json::object([
            ("table", section.title.into()),
            ("option", section.option.into()),
            ("columns", Json::list(rows)),
        ])
    });
    let others = OTHERS.into_iter().map(|(set, option)| {
        let columns = set.meanings(&products()).into_iter().map(|of| {
            Json::object([
                ("name", of.name.into()),
                ("type", of.kind.into()),
                ("meaning", of.meaning.into()),
            ])
        });
        Json::object([("option", option.into()), ("columns", Json::list(columns))])
    });
    let stepwise = STEPWISE_COLUMNS
        .map(|(name, meaning)| Json::object([("name", name.into()), ("meaning", meaning.into())]));
    Json::object([
        ("jamma_version", env!("CARGO_PKG_VERSION").into()),
        ("snp", Json::list(snp)),
        ("statistics", Json::list(sections)),
        ("of_other_programs", Json::list(others)),
        ("stepwise", Json::list(stepwise)),
    ])
}
