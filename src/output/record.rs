//! `.run.json`: the report of a run for programs. Members are added, never renamed; `record` is the version of the layout, and
//! `docs/run.schema.json` its schema.

use super::json::Json;
use super::report::{ALPHA, ChromosomeReport, FileReport, RunReport, TraitReport};
use crate::assoc::SnpStatus;
use crate::assoc::stepwise::{Step, StepwisePath};
use crate::genotype::{Exclusion, FilterCounts};
use crate::null::{Component, LambdaBound, NullFit, VarianceComponents};
use crate::permutation::PermutationResult;
use std::path::{Path, PathBuf};

/// The version of the layout.
const VERSION: usize = 1;

/// The files that the last run of a prefix wrote, by its record `PREFIX.run.json`, next to it; `None` without a record.
///
/// A file of an earlier run with the same prefix is not among them.
#[must_use]
pub fn outputs_of(prefix: &Path) -> Option<Vec<PathBuf>> {
    let mut name = prefix.as_os_str().to_owned();
    name.push(".run.json");
    let path = PathBuf::from(name);
    let text = std::fs::read_to_string(&path).ok()?;
    let list = text.split_once("\"outputs\": [")?.1;
    let folder = path.parent().unwrap_or(Path::new(""));
    let files = paths(list).into_iter().filter_map(|file| {
        let name = Path::new(&file).file_name()?.to_owned();
        Some(folder.join(name))
    });
    Some(files.collect())
}

/// The members `path` of the objects of a JSON list without nested lists, up to its end.
fn paths(list: &str) -> Vec<String> {
    let (mut found, mut is_path) = (Vec::new(), false);
    let mut chars = list.chars();
    while let Some(c) = chars.next() {
        match c {
            ']' => break,
            '"' => {
                let text = string(&mut chars);
                if is_path {
                    found.push(text.clone());
                }
                // The next string is the value of this member.
                is_path = text == "path" && !is_path;
            }
            _ => {}
        }
    }
    found
}

/// The rest of a JSON string, after its first quotation mark.
fn string(chars: &mut std::str::Chars<'_>) -> String {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    let code = u32::from_str_radix(&digits, 16).ok();
                    text.extend(code.and_then(char::from_u32));
                }
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(other) => text.push(other),
                None => break,
            },
            c => text.push(c),
        }
    }
    text
}

/// The record of a run.
#[must_use]
pub fn json(report: &RunReport) -> Json {
    let times = report.times.iter();
    let times = times.map(|(stage, time)| (stage.name().to_owned(), time.as_secs_f64().into()));
    let options = report.options.iter();
    let options = options.map(|(name, value)| ((*name).to_owned(), value.clone()));
    Json::object([
        ("record", VERSION.into()),
        ("program", "jamma".into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("command", (&report.command).into()),
        ("finished", (&report.finished).into()),
        ("seconds", report.total_time.as_secs_f64().into()),
        ("seconds_by_stage", Json::Object(times.collect())),
        (
            "machine",
            Json::object([
                ("system", std::env::consts::OS.into()),
                ("architecture", std::env::consts::ARCH.into()),
                ("backend", (&report.backend).into()),
                ("kernels", crate::kernels::instruction_set().into()),
                ("threads", report.threads.into()),
                ("memory", (&report.memory).into()),
            ]),
        ),
        ("options", Json::Object(options.collect())),
        ("in_memory", Json::list(report.in_memory.iter().copied())),
        ("method", report.method.clone()),
        ("inputs", Json::list(report.inputs.iter().map(file))),
        ("n_snps", report.n_snps.into()),
        ("counted_allele", (&report.counted_allele).into()),
        ("chromosomes", report.chromosomes.as_ref().into()),
        ("conditioned_on", Json::list(&report.conditioned_on)),
        ("left_out", report.left_out.as_ref().into()),
        ("traits", Json::list(report.traits.iter().map(of_trait))),
        ("notes", Json::list(&report.notes)),
        ("outputs", Json::list(report.output_files.iter().map(file))),
    ])
}

/// The null models of a trait: of the only kinship, or of those without each chromosome; null if none was fitted.
#[must_use]
pub fn null_models(of: &TraitReport) -> Json {
    if let Some(null) = &of.null {
        return null_model(null);
    }
    if !of.has_null() {
        return Json::Null;
    }
    Json::list(of.chromosomes.iter().map(chromosome))
}

fn file(of: &FileReport) -> Json {
    Json::object([
        ("path", (&of.path).into()),
        ("bytes", of.bytes.into()),
        ("modified", of.modified.as_ref().into()),
        (
            "checksum",
            of.checksum.map(|digest| digest.to_string()).into(),
        ),
        (
            "checksum_of",
            of.checksum
                .map(|_| {
                    if of.is_whole {
                        "all bytes"
                    } else {
                        "the first and the last MiB"
                    }
                })
                .into(),
        ),
    ])
}

fn of_trait(of: &TraitReport) -> Json {
    let ledger = &of.ledger;
    let statuses = of.by_status().into_iter();
    let statuses = statuses.map(|(status, n)| (status.label().to_owned(), n.into()));
    let tests = of.diagnostics.inflation.iter().map(|test| {
        let values = Json::object([
            ("n", test.n_snps.into()),
            ("lambda_gc", test.lambda_gc.into()),
            ("interval", Json::list(test.interval)),
        ]);
        (test.column.to_string(), values)
    });
    let found = &of.diagnostics;
    let effective = found.effective_tests.as_ref();
    Json::object([
        ("name", (&of.name).into()),
        ("failure", of.failure.as_ref().into()),
        (
            "individuals",
            Json::object([
                ("total", ledger.total.into()),
                ("analysed", ledger.analysed.into()),
                ("no_phenotype", ledger.no_phenotype.into()),
                ("no_covariate", ledger.no_covariate.into()),
                ("no_environment", ledger.no_environment.into()),
                ("no_weight", ledger.no_weight.into()),
            ]),
        ),
        ("n_covariates", of.n_covariates.into()),
        (
            "cases_controls",
            found
                .binary
                .map(|binary| Json::list([binary.cases, binary.controls]))
                .into(),
        ),
        ("snps", counts(&of.filter)),
        (
            "kinship_snps",
            of.kinship_filter.as_ref().map(counts).into(),
        ),
        ("status", Json::Object(statuses.collect())),
        ("null_model", of.null.as_ref().map(null_model).into()),
        (
            "chromosomes",
            Json::list(of.chromosomes.iter().map(chromosome)),
        ),
        ("stepwise", of.stepwise.as_ref().map(stepwise).into()),
        ("tests", Json::Object(tests.collect())),
        ("n_tests", found.n_tests().into()),
        ("bonferroni", found.bonferroni().into()),
        ("effective_tests", effective.map(|of| of.count).into()),
        (
            "effective_threshold",
            effective.map(|of| of.threshold(ALPHA)).into(),
        ),
        (
            "permutations",
            of.permutations.as_ref().map(permutations).into(),
        ),
        (
            "n_copies",
            found.copies.as_ref().map(|of| of.n_pairs).into(),
        ),
        ("n_without_odds", found.n_without_odds.into()),
    ])
}

fn counts(of: &FilterCounts) -> Json {
    let excluded = Exclusion::ALL.into_iter().map(|reason| {
        let count = of.excluded[reason as usize];
        let label = SnpStatus::Excluded(reason).label();
        (
            label.trim_start_matches("excluded_").to_owned(),
            count.into(),
        )
    });
    Json::object([
        ("kept", of.kept.into()),
        ("excluded", Json::Object(excluded.collect())),
    ])
}

fn chromosome(of: &ChromosomeReport) -> Json {
    Json::object([
        ("chromosome", (&of.name).into()),
        ("n_kinship_snps", of.n_kinship_snps.into()),
        ("n_tested", of.n_tested.into()),
        ("null_model", of.null.as_ref().map(null_model).into()),
    ])
}

fn null_model(of: &NullFit) -> Json {
    let interval = of.pve_interval.as_ref();
    Json::object([
        ("pve", of.pve.into()),
        ("pve_se", of.pve_se.into()),
        (
            "pve_interval",
            interval.map(|of| Json::list([of.lower, of.upper])).into(),
        ),
        (
            "pve_interval_is_open",
            interval
                .map(|of| Json::list([of.is_open_below, of.is_open_above]))
                .into(),
        ),
        ("vg", of.vg.into()),
        ("ve", of.ve.into()),
        ("lambda_reml", of.reml.lambda.into()),
        ("lambda_ml", of.ml.lambda.into()),
        (
            "lambda_bound",
            of.bound
                .map(|bound| match bound {
                    LambdaBound::Lower => "lower",
                    LambdaBound::Upper => "upper",
                })
                .into(),
        ),
        ("logl_reml", of.reml.value.into()),
        ("logl_ml", of.ml.value.into()),
        ("beta", Json::list(of.beta.iter().copied())),
        ("beta_se", Json::list(of.beta_se.iter().copied())),
        ("components", of.components.as_ref().map(components).into()),
    ])
}

/// The variance components of two kinships.
fn components(of: &VarianceComponents) -> Json {
    let component = |of: &Component| {
        Json::object([
            ("variance", of.variance.into()),
            ("variance_se", of.variance_se.into()),
            ("pve", of.pve.into()),
            ("pve_se", of.pve_se.into()),
        ])
    };
    Json::object([
        ("fraction", of.fraction.into()),
        ("fraction_se", of.fraction_se.into()),
        ("kinships", Json::list(of.kinships.iter().map(component))),
        ("residual", component(&of.residual)),
    ])
}

/// The path of a forward selection.
fn stepwise(of: &StepwisePath) -> Json {
    let step = |of: &Step| {
        Json::object([
            ("rs", (&of.snp.rs).into()),
            ("chr", (&of.snp.chr).into()),
            ("ps", (of.snp.ps as f64).into()),
            ("p", of.snp.p.into()),
            ("joint_beta", of.joint_beta.into()),
            ("joint_se", of.joint_se.into()),
            ("joint_p", of.joint_p.into()),
        ])
    };
    Json::object([
        ("column", of.column.to_string().into()),
        ("steps", Json::list(of.steps.iter().map(step))),
    ])
}

fn permutations(of: &PermutationResult) -> Json {
    let thresholds = of.thresholds.iter();
    let thresholds =
        thresholds.map(|one| Json::object([("alpha", one.alpha.into()), ("p", one.p.into())]));
    Json::object([
        ("count", of.count.into()),
        ("seed", of.seed.into()),
        ("thresholds", Json::list(thresholds)),
        ("observed_min_p", of.observed_min_p.into()),
        ("genome_wide_p", of.genome_wide_p.into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outputs_of_a_run_are_those_of_its_record() {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("x");
        assert_eq!(outputs_of(&prefix), None);
        let files = ["out/x.a \"b\".assoc.txt", "path", "out/x.log.txt"];
        let report = RunReport {
            output_files: files
                .map(|path| FileReport {
                    path: path.into(),
                    bytes: Some(3),
                    ..FileReport::default()
                })
                .into(),
            ..RunReport::default()
        };
        std::fs::write(folder.path().join("x.run.json"), json(&report).to_string()).unwrap();
        let expected =
            ["x.a \"b\".assoc.txt", "path", "x.log.txt"].map(|name| folder.path().join(name));
        assert_eq!(outputs_of(&prefix).unwrap(), expected);
    }
}
