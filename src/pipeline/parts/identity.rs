//! What two parts of one run have in common.

use crate::output::json::Json;
use crate::output::report::RunReport;
use crate::output::sink::RunHeader;
use serde::{Deserialize, Serialize};

/// Version of the arithmetic whose partial results can be merged. Raise it whenever a sum or a test changes its bits, or the
/// layout of a part changes.
pub(super) const ARITHMETIC: u32 = 3;

/// Options that do not change the results of a part.
const NOT_OF_RESULTS: [&str; 13] = [
    "threads",
    "block-snps",
    "memory",
    "outdir",
    "o",
    "output-format",
    "columns",
    "long",
    "format",
    "eigen-cache",
    "gz",
    "report",
    "fail-fast",
];

/// Options that name files. It matters whether they are given, and the contents of their files ([`InputFact`]); the same file may
/// have another path on another machine.
const FILES: [&str; 29] = [
    "bfile",
    "g",
    "a",
    "bgen",
    "sample",
    "pfile",
    "vcf",
    "zarr",
    "numeric",
    "snp-map",
    "p",
    "pheno",
    "c",
    "covar",
    "gxe-file",
    "widv",
    "snps",
    "ksnps",
    "k",
    "k2",
    "d",
    "u",
    "extract",
    "exclude",
    "keep",
    "remove",
    "effect-allele",
    "condition",
    "sex-from",
];

/// An input of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFact {
    /// What it is for: its option, or its extension. No other input of the run is for the same.
    pub purpose: String,
    /// What its content is compared by.
    pub content: String,
    /// The name of the file, which is shown and not compared; `None` if there is none.
    pub file: Option<String>,
}

/// The facts that determine the results of a run. Parts with different facts are of different runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    facts: Vec<Fact>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Fact {
    name: String,
    value: String,
    /// The name of a file, which is not compared.
    file: Option<String>,
}

impl Identity {
    /// The identity of a run with this header and these inputs, whose report has its options.
    ///
    /// * `n_snps`: number of SNPs of the source
    #[must_use]
    pub fn of(
        header: &RunHeader,
        report: &RunReport,
        inputs: Vec<InputFact>,
        n_snps: usize,
    ) -> Self {
        let mut facts = vec![
            Fact::new("version of jamma", env!("CARGO_PKG_VERSION")),
            Fact::new("version of the arithmetic", ARITHMETIC.to_string()),
            Fact::new("backend", report.backend.clone()),
        ];
        let of_results = (report.options.iter()).filter(|(name, _)| !NOT_OF_RESULTS.contains(name));
        facts.extend(of_results.map(|(name, value)| {
            let value = match value {
                Json::Text(_) if FILES.contains(name) => "a file".to_owned(),
                value => value.line(),
            };
            Fact::new(format!("option {name}"), value)
        }));
        facts.push(Fact::new("method", report.method.line()));
        // Tables of other formats have columns that GEMMA's do not show.
        let columns = header.products.columns.iter().flatten();
        let columns: Vec<&str> = columns.map(|column| &*column.name).collect();
        facts.push(Fact::new("the columns of the tests", columns.join(" ")));
        facts.extend(inputs.into_iter().map(Fact::of_input));
        facts.push(Fact::new("number of SNPs", n_snps.to_string()));
        let ids = crate::io::seal::digest_of_ids(&header.everybody);
        facts.push(Fact::new("individuals", ids.to_string()));
        for (number, group) in header.groups.iter().enumerate() {
            let names: Vec<&str> = group.traits.iter().map(|one| one.name.as_str()).collect();
            let ids = crate::io::seal::digest_of_ids(&group.analysed);
            facts.push(Fact::new(
                format!("analysed individuals of group {}", number + 1),
                format!("{} ({}: {ids})", group.analysed.len(), names.join(", ")),
            ));
        }
        Self { facts }
    }

    /// The first fact in which two runs differ: its name, and the values, `none` if a run does not have it.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<[String; 3]> {
        let names = self.facts.iter().chain(&other.facts).map(|fact| &fact.name);
        names
            .map(|name| (name, self.values(name), other.values(name)))
            .find(|(_, a, b)| {
                let same = |(a, b): (&&Fact, &&Fact)| a.value == b.value;
                a.len() != b.len() || !a.iter().zip(b).all(same)
            })
            .map(|(name, a, b)| [name.clone(), shown(&a), shown(&b)])
    }

    fn values(&self, name: &str) -> Vec<&Fact> {
        self.facts.iter().filter(|fact| fact.name == name).collect()
    }
}

impl Fact {
    fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            file: None,
        }
    }

    fn of_input(input: InputFact) -> Self {
        Self {
            name: format!("input {}", input.purpose),
            value: input.content,
            file: input.file,
        }
    }
}

/// The facts of one name in a message.
fn shown(facts: &[&Fact]) -> String {
    let shown = facts.iter().map(|fact| match &fact.file {
        Some(file) => format!("{file} ({})", fact.value),
        None => fact.value.clone(),
    });
    match shown.collect::<Vec<_>>() {
        none if none.is_empty() => "none".to_owned(),
        shown => shown.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(inputs: &[(&str, &str, &str)]) -> Identity {
        let facts = inputs.iter().map(|(purpose, content, file)| {
            Fact::of_input(InputFact {
                purpose: (*purpose).to_owned(),
                content: (*content).to_owned(),
                file: Some((*file).to_owned()),
            })
        });
        Identity {
            facts: facts.collect(),
        }
    }

    #[test]
    fn inputs_are_compared_by_purpose_and_content_not_by_name() {
        let known = identity(&[("-p", "1", "t.txt"), ("-c", "2", "t.txt")]);
        let moved = identity(&[("-p", "1", "a.txt"), ("-c", "2", "b.txt")]);
        assert_eq!(known.difference(&moved), None);
        let of = |inputs| known.difference(&identity(inputs));
        let name = |what: &str| [what, "t.txt (2)", "u.txt (3)"].map(str::to_owned);
        assert_eq!(
            of(&[("-p", "1", "t.txt"), ("-c", "3", "u.txt")]),
            Some(name("input -c"))
        );
        for other in [
            &[("-p", "2", "t.txt"), ("-c", "1", "t.txt")][..],
            &[("-p", "1", "t.txt"), ("--covar", "2", "t.txt")],
            &[("-p", "1", "t.txt")],
            &[
                ("-p", "1", "t.txt"),
                ("-c", "2", "t.txt"),
                ("--keep", "4", "k"),
            ],
        ] {
            assert!(of(other).is_some(), "{other:?}");
        }
    }
}
