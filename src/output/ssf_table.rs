//! GWAS-SSF 1.0: `.ssf.tsv.gz` and its metadata, `.ssf.tsv.gz-meta.yaml`.
//!
//! Rows that the format cannot hold are left out and counted: it has numbers for 25 chromosomes, alleles of the letters ACGT,
//! and no missing effects. Source: EBISPOT, gwas-summary-statistics-standard, version 1.0.

use super::assoc::AssocColumns;
use super::cell::{Row, ssf_chromosome};
use super::column_set::ColumnSet;
use super::file::{OutputFile, OutputPlace};
use super::json::quoted;
use super::report::{RunReport, TraitReport};
use super::sink::Products;
use super::table_writer::TableWriter;
use super::text::{Packing, TextFile};
use crate::assoc::AssocBlock;
use crate::error::Result;
use crate::io::bim::Snp;
use crate::io::tabix::Order;

/// Why a row is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Omission {
    Chromosome,
    Position,
    Alleles,
    Undefined,
    Zero,
}

impl Omission {
    const ALL: [Self; 5] = [
        Self::Chromosome,
        Self::Position,
        Self::Alleles,
        Self::Undefined,
        Self::Zero,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Chromosome => "on another chromosome than 1 to 22, X, Y and MT",
            Self::Position => "without a position",
            Self::Alleles => "with other letters than ACGT in an allele",
            Self::Undefined => "with an undefined effect or p-value",
            Self::Zero => "with p = 0",
        }
    }

    /// What keeps the format from holding a SNP, whatever its statistics are.
    fn of_snp(snp: &Snp<'_>) -> Option<Self> {
        let is_sequence = |allele: &str| {
            !allele.is_empty() && allele.bytes().all(|letter| b"ACGT".contains(&letter))
        };
        if ssf_chromosome(snp.chr).is_none() {
            Some(Self::Chromosome)
        } else if snp.ps < 1 {
            Some(Self::Position)
        } else if !is_sequence(snp.allele1) || !is_sequence(snp.allele0) {
            Some(Self::Alleles)
        } else {
            None
        }
    }
}

/// Whether the format can hold a SNP.
pub(super) fn can_hold(snp: &Snp<'_>) -> bool {
    Omission::of_snp(snp).is_none()
}

/// Writes the table of one trait and its metadata.
#[derive(Debug)]
pub(super) struct SsfTable {
    text: TextFile,
    columns: AssocColumns,
    /// The statistics that every row must have: effect, standard error, p and −log₁₀ p.
    required: [usize; 4],
    omitted: [usize; Omission::ALL.len()],
    order: Order,
    is_sorted: bool,
    place: OutputPlace,
    suffix: String,
}

impl SsfTable {
    /// * `place`, `suffix`: those of `file`
    pub(super) fn new(
        file: OutputFile,
        (place, suffix): (OutputPlace, String),
        products: &Products,
        in_background: bool,
    ) -> Result<Self> {
        let columns = AssocColumns::of(products, ColumnSet::Ssf, "");
        let mut text = TextFile::begun(file, Packing::Gzip, in_background)?.with_md5();
        text.write(vec![columns.header("")])?;
        Ok(Self {
            text,
            columns,
            required: ColumnSet::required(products),
            omitted: [0; Omission::ALL.len()],
            order: Order::default(),
            is_sorted: true,
            place,
            suffix,
        })
    }

    fn omission(&self, at: Row<'_>) -> Option<Omission> {
        let [beta, se, p, neg_log10] = self.required.map(|index| at.statistic(index));
        if let Some(of_snp) = Omission::of_snp(&at.block.snp(at.index)) {
            Some(of_snp)
        } else if [beta, se, p, at.block.af[at.index]]
            .iter()
            .any(|x| !x.is_finite())
        {
            Some(Omission::Undefined)
        } else if p == 0.0 && !neg_log10.is_finite() {
            Some(Omission::Zero)
        } else {
            None
        }
    }
}

/// The metadata of the table called `name`.
fn metadata(
    name: &str,
    md5: &str,
    is_sorted: bool,
    report: &RunReport,
    of: &TraitReport,
) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let title = if of.name.is_empty() { "NR" } else { &of.name };
    let mut lines = vec![
        format!(
            "# Written by jamma {version}. Replace NR (not reported) before the file is submitted to a catalogue."
        ),
        format!("data_file_name: {}", quoted(name)),
        format!("data_file_md5sum: {md5}"),
        "file_type: GWAS-SSF v1.0".into(),
        "genome_assembly: NR".into(),
        "coordinate_system: 1-based".into(),
        format!("trait_description:\n  - {}", quoted(title)),
        format!("samples:\n  - sample_size: {}", of.ledger.analysed),
        "    sample_ancestry_category:\n      - NR".into(),
    ];
    if let Some(binary) = &of.diagnostics.binary {
        lines.push("    case_control_study: true".into());
        lines.push(format!("    case_count: {}", binary.cases));
        lines.push(format!("    control_count: {}", binary.controls));
    }
    let date = report.finished.get(..10).unwrap_or_default();
    lines.extend([
        "genotyping_technology:\n  - NR".into(),
        format!("analysis_software: jamma {version}"),
        "is_harmonised: false".into(),
        format!("is_sorted: {is_sorted}"),
        format!("date_metadata_last_modified: {date}"),
    ]);
    lines.join("\n") + "\n"
}

impl TableWriter for SsfTable {
    fn write(&mut self, block: &AssocBlock, of: usize) -> Result<()> {
        let mut is_kept = Vec::with_capacity(block.len());
        for row in 0..block.len() {
            let omission = self.omission(Row {
                block,
                of_trait: of,
                index: row,
            });
            is_kept.push(omission.is_none());
            match omission {
                Some(reason) => self.omitted[reason as usize] += 1,
                None if self.is_sorted => {
                    let snp = block.snp(row);
                    let number = ssf_chromosome(snp.chr).unwrap_or_default();
                    self.is_sorted = self.order.add(&number.to_string(), snp.ps).is_ok();
                }
                None => {}
            }
        }
        let rows = (self.columns).chosen_rows(block, of, b"", |row| is_kept[row]);
        self.text.write(rows)
    }

    fn complete(self: Box<Self>, report: &RunReport, of: &TraitReport) -> Result<Vec<OutputFile>> {
        let Self {
            text,
            place,
            suffix,
            is_sorted,
            ..
        } = *self;
        let mut about = place.create(&format!("{suffix}-meta.yaml"))?;
        let (file, md5) = text.complete_with_md5()?;
        let name = file.path().file_name().unwrap_or_default();
        let text = metadata(&name.to_string_lossy(), &md5, is_sorted, report, of);
        about.write(text.as_bytes())?;
        Ok(vec![file, about])
    }

    fn notes(&self) -> Vec<String> {
        let omitted = Omission::ALL.into_iter().zip(self.omitted);
        let omitted: Vec<String> = omitted
            .filter(|(_, count)| *count > 0)
            .map(|(reason, count)| format!("{count} {}", reason.label()))
            .collect();
        if omitted.is_empty() {
            return Vec::new();
        }
        vec![format!(
            "{}: SNPs that GWAS-SSF cannot hold are left out: {}",
            self.place.path(&self.suffix).display(),
            omitted.join(", ")
        )]
    }
}
