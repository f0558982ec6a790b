//! What two parts of one run have in common.

use crate::output::report::{FileReport, RunReport};
use crate::output::sink::RunHeader;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the arithmetic whose partial results can be merged. Raise it whenever a sum or a test changes its bits, or the
/// layout of a part changes.
pub(super) const ARITHMETIC: u32 = 1;

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

/// Options that name files. Their contents are compared, because the same file may have another path on another machine.
const FILES: [&str; 27] = [
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
];

/// The facts that determine the results of a run. Parts with different facts are of different runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Names and values.
    facts: Vec<(String, String)>,
}

impl Identity {
    /// The identity of a run with this header, whose report has its options and inputs.
    ///
    /// * `n_snps`: number of SNPs of the source
    #[must_use]
    pub fn of(header: &RunHeader, report: &RunReport, n_snps: usize) -> Self {
        let mut facts = vec![
            (
                "version of jamma".to_owned(),
                env!("CARGO_PKG_VERSION").to_owned(),
            ),
            (
                "version of the arithmetic".to_owned(),
                ARITHMETIC.to_string(),
            ),
            ("backend".to_owned(), report.backend.clone()),
        ];
        let of_results = (report.options.iter())
            .filter(|(name, _)| !NOT_OF_RESULTS.contains(name) && !FILES.contains(name));
        facts.extend(of_results.map(|(name, value)| (format!("option {name}"), value.line())));
        facts.push(("method".into(), report.method.line()));
        // Tables of other formats have columns that GEMMA's do not show.
        let columns = header.products.columns.iter().flatten();
        let columns: Vec<&str> = columns.map(|column| &*column.name).collect();
        facts.push(("the columns of the tests".into(), columns.join(" ")));
        facts.extend(report.inputs.iter().map(content));
        facts.push(("number of SNPs".into(), n_snps.to_string()));
        facts.push((
            "individuals".into(),
            crate::io::seal::digest_of_ids(&header.everybody).to_string(),
        ));
        for (number, group) in header.groups.iter().enumerate() {
            let names: Vec<&str> = group.traits.iter().map(|one| one.name.as_str()).collect();
            let ids = crate::io::seal::digest_of_ids(&group.analysed);
            facts.push((
                format!("analysed individuals of group {}", number + 1),
                format!("{} ({}: {ids})", group.analysed.len(), names.join(", ")),
            ));
        }
        Self { facts }
    }

    /// The first fact in which two runs differ: its name, and the values, `none` if a run does not have it.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<[String; 3]> {
        let value_of = |of: &Self, name: &str| {
            let found = of.facts.iter().find(|(known, _)| known == name);
            found.map_or_else(|| "none".to_owned(), |(_, value)| value.clone())
        };
        let names = self.facts.iter().chain(&other.facts).map(|(name, _)| name);
        names
            .map(|name| [name.clone(), value_of(self, name), value_of(other, name)])
            .find(|[_, a, b]| a != b)
    }
}

/// The content of an input. Its directory may differ between machines.
fn content(input: &FileReport) -> (String, String) {
    let name = Path::new(&input.path).file_name();
    let name = name.map_or_else(|| input.path.clone(), |name| name.to_string_lossy().into());
    let value = match (input.bytes, input.checksum) {
        (Some(bytes), Some(checksum)) => format!("{bytes} bytes, {checksum}"),
        (Some(bytes), None) => format!("{bytes} bytes"),
        _ => input.path.clone(),
    };
    (format!("input {name}"), value)
}
