//! Results of a block of SNPs, column by column.

use super::status::{SnpFlags, SnpStatus};
use crate::genotype::{Excluded, Exclusion, GenotypeBlock, SnpSummary};
use crate::io::bim::{Snp, SnpTable};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// The meaning of the effect of a SNP.
pub(crate) const BETA: &str = "effect of one copy of allele1";
/// The unit of effects.
pub(crate) const PER_COPY: &str = "unit of the phenotype per copy";
/// The meaning of -log10 of a p-value.
pub(crate) const NEG_LOG10: &str = "-log10 of the p-value, accurate even if this underflows to 0";

/// A statistic that a method computes for every SNP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name in tables; that of a level of an environment is known only in the run.
    pub name: Cow<'static, str>,
    /// Number format in text tables.
    pub format: ColumnFormat,
    /// What it is, for the reference of columns.
    pub meaning: &'static str,
    /// Its unit; empty for a pure number.
    pub unit: &'static str,
}

impl Column {
    /// A column with numbers in GEMMA's format.
    #[must_use]
    pub const fn new(name: Cow<'static, str>, meaning: &'static str, unit: &'static str) -> Self {
        Self {
            name,
            format: ColumnFormat::Scientific,
            meaning,
            unit,
        }
    }

    /// The same column with another meaning.
    #[must_use]
    pub(crate) fn meaning(self, meaning: &'static str) -> Self {
        Self { meaning, ..self }
    }

    /// Whether it contains p-values: by convention, their names begin with `p_`.
    #[must_use]
    pub fn is_p_value(&self) -> bool {
        self.name.starts_with("p_")
    }

    /// The same column, hidden if `is_hidden`.
    #[must_use]
    pub(crate) fn hidden_if(self, is_hidden: bool) -> Self {
        let format = if is_hidden {
            ColumnFormat::Hidden
        } else {
            self.format
        };
        Self { format, ..self }
    }

    /// Whether it is in GEMMA's tables and in Python.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.format != ColumnFormat::Hidden
    }
}

/// How a number is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnFormat {
    /// Six digits after the point and an exponent, C's `%e`.
    Scientific,
    /// Three digits after the point, C's `%.3f`.
    Fixed3,
    /// Not at all: it is only for tables with the columns of other programs, not for GEMMA's and not for Python.
    Hidden,
}

/// The results of several SNPs for one trait.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TraitColumns {
    /// Flags of each SNP.
    pub flags: Vec<SnpFlags>,
    /// One vector for each [`Column`] of the method, with one value per SNP; NaN if it is undefined.
    #[serde(with = "crate::io::packed::columns")]
    pub values: Vec<Vec<f64>>,
}

/// The rows of a results table for consecutive SNPs, in order: records, summaries, and the columns of every trait.
#[derive(Debug, Clone)]
pub struct AssocBlock {
    /// SNP records, including those of these rows.
    pub records: Arc<SnpTable>,
    /// For each row, the index of its record in `records`.
    pub record: Vec<usize>,
    /// For each row, the index of its SNP in the source.
    pub snp_index: Vec<usize>,
    /// Missing genotypes among the analysed individuals.
    pub n_miss: Vec<u32>,
    /// Analysed individuals with a genotype.
    pub n_obs: Vec<u32>,
    /// Copies of the SNP in them, of both alleles: two in each, or one where an individual is haploid.
    pub n_copies: Vec<u32>,
    /// Analysed individuals with no, one and two copies of allele1; for dosages, in their classes.
    pub genotypes: Vec<[u32; 3]>,
    /// Frequency of allele1.
    pub af: Vec<f64>,
    /// Imputation quality; empty unless it was asked for.
    pub info: Vec<f64>,
    /// Why a SNP was not tested; `None` if it was.
    pub exclusion: Vec<Option<Exclusion>>,
    /// Results for each trait of the group.
    pub traits: Vec<TraitColumns>,
}

impl AssocBlock {
    /// The rows of the `tested` SNPs of `block`, whose results for each trait are `traits`, merged with those of the
    /// `excluded` SNPs, which have NaN for every statistic.
    ///
    /// * `tested`, `excluded`: each in the order of the source
    ///
    /// # Panics
    /// If a column of `traits` does not have one value per tested SNP.
    #[must_use]
    pub fn of(
        block: &GenotypeBlock,
        tested: &[SnpSummary],
        traits: Vec<TraitColumns>,
        excluded: &[Excluded],
    ) -> Self {
        let has_all = |c: &TraitColumns| {
            c.flags.len() == tested.len() && c.values.iter().all(|v| v.len() == tested.len())
        };
        assert!(
            traits.iter().all(has_all),
            "every column has a value for each SNP"
        );
        let mut rows = Self::empty(block);
        // For each row, its index among the tested SNPs.
        let mut place = Vec::with_capacity(tested.len() + excluded.len());
        let mut excluded = excluded.iter().peekable();
        for (k, snp) in tested.iter().enumerate() {
            while let Some(other) =
                excluded.next_if(|other| other.summary.snp_index < snp.snp_index)
            {
                rows.push(block, &other.summary, Some(other.reason));
                place.push(None);
            }
            rows.push(block, snp, None);
            place.push(Some(k));
        }
        for other in excluded {
            rows.push(block, &other.summary, Some(other.reason));
            place.push(None);
        }
        rows.traits = if place.len() == tested.len() {
            traits
        } else {
            let absent = SnpFlags::default();
            traits.iter().map(|c| c.spread(&place, absent)).collect()
        };
        rows
    }

    fn empty(block: &GenotypeBlock) -> Self {
        Self {
            records: Arc::clone(block.records().0),
            record: Vec::new(),
            snp_index: Vec::new(),
            n_miss: Vec::new(),
            n_obs: Vec::new(),
            n_copies: Vec::new(),
            genotypes: Vec::new(),
            af: Vec::new(),
            info: Vec::new(),
            exclusion: Vec::new(),
            traits: Vec::new(),
        }
    }

    fn push(&mut self, block: &GenotypeBlock, snp: &SnpSummary, exclusion: Option<Exclusion>) {
        let (first_snp, first_record) = (block.snp_indices().start, block.records().1);
        self.record.push(first_record + snp.snp_index - first_snp);
        self.snp_index.push(snp.snp_index);
        self.n_miss.push(snp.counts.missing as u32);
        self.n_obs.push(snp.counts.observed() as u32);
        self.n_copies.push(snp.n_copies() as u32);
        let of = &snp.counts;
        let genotypes = [of.zero, of.one, of.two];
        self.genotypes.push(genotypes.map(|count| count as u32));
        self.af.push(snp.af());
        self.info.extend(snp.info);
        self.exclusion.push(exclusion);
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.snp_index.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.snp_index.is_empty()
    }

    /// The record of the SNP in a row.
    #[must_use]
    pub fn snp(&self, row: usize) -> Snp<'_> {
        self.records.get(self.record[row])
    }

    /// The status of a row for trait number `of_trait`.
    #[must_use]
    pub fn status(&self, of_trait: usize, row: usize) -> SnpStatus {
        self.exclusion[row].map_or_else(
            || self.traits[of_trait].flags[row].status(),
            SnpStatus::Excluded,
        )
    }
}

impl TraitColumns {
    /// The columns of no SNP, for a method with `n_columns` statistics.
    #[must_use]
    pub fn empty(n_columns: usize) -> Self {
        Self {
            flags: Vec::new(),
            values: vec![Vec::new(); n_columns],
        }
    }

    /// Appends the rows of `more`, which has the same columns.
    pub(super) fn append(&mut self, more: Self) {
        self.flags.extend(more.flags);
        for (values, more) in self.values.iter_mut().zip(more.values) {
            values.extend(more);
        }
    }

    /// The columns with one row for each entry of `place`: the values of that SNP, or NaN and the flags `absent` if there is
    /// none.
    pub(super) fn spread(&self, place: &[Option<usize>], absent: SnpFlags) -> Self {
        let spread = |values: &Vec<f64>| {
            let value = |k: &Option<usize>| k.map_or(f64::NAN, |k| values[k]);
            place.iter().map(value).collect()
        };
        let flag = |k: &Option<usize>| k.map_or(absent, |k| self.flags[k]);
        Self {
            flags: place.iter().map(flag).collect(),
            values: self.values.iter().map(spread).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;
    use crate::kernels::GenotypeCounts;

    fn summary(snp_index: usize) -> SnpSummary {
        let counts = GenotypeCounts {
            two: 1,
            one: 2,
            zero: 1,
            missing: snp_index,
        };
        SnpSummary::of_calls(snp_index, counts)
    }

    #[test]
    fn excluded_snps_have_rows_without_numbers_in_the_order_of_the_source() {
        let names: Vec<String> = (10..16).map(|s| format!("rs{s}")).collect();
        let records = Arc::new(SnpTable::of(names.iter().map(|rs| Snp {
            chr: "1",
            rs,
            ps: 5,
            allele1: "A",
            allele0: "C",
        })));
        let tested = [11, 12, 14].map(summary);
        let of_trait = |sign: f64| TraitColumns {
            flags: vec![
                SnpFlags::default(),
                SnpFlags {
                    is_perfect_fit: true,
                    ..SnpFlags::default()
                },
                SnpFlags::default(),
            ],
            values: vec![vec![sign * 1.0, sign * 2.0, sign * 4.0]],
        };
        let excluded = [
            (10, Exclusion::Missingness),
            (13, Exclusion::Monomorphic),
            (15, Exclusion::NotListed),
        ];
        let excluded = excluded.map(|(snp, reason)| Excluded {
            reason,
            summary: summary(snp),
        });
        let block =
            GenotypeBlock::new(10, 4, Genotypes::Packed(vec![0; 6])).with_records(records, 0);
        let traits = vec![of_trait(1.0), of_trait(-1.0)];
        let with = AssocBlock::of(&block, &tested, traits.clone(), &excluded);
        assert_eq!(with.snp_index, [10, 11, 12, 13, 14, 15]);
        assert_eq!(with.record, [0, 1, 2, 3, 4, 5]);
        assert_eq!(with.n_miss, [10, 11, 12, 13, 14, 15]);
        assert_eq!(with.n_obs, [4; 6]);
        assert_eq!(with.n_copies, [8; 6]);
        assert_eq!(with.snp(3).rs, "rs13");
        let labels =
            |t: usize| -> Vec<_> { (0..6).map(|row| with.status(t, row).label()).collect() };
        let expected = [
            "excluded_missingness",
            "ok",
            "perfect_fit",
            "excluded_monomorphic",
            "ok",
            "excluded_not_listed",
        ];
        assert_eq!([labels(0), labels(1)], [expected, expected]);
        for (columns, sign) in with.traits.iter().zip([1.0, -1.0]) {
            for (row, value) in columns.values[0].iter().enumerate() {
                let expected = [f64::NAN, 1.0, 2.0, f64::NAN, 4.0, f64::NAN][row] * sign;
                assert!(*value == expected || value.is_nan() && expected.is_nan());
            }
        }
        let without = AssocBlock::of(&block, &tested, traits.clone(), &[]);
        assert_eq!(without.traits, traits);
        assert_eq!(without.record, [1, 2, 4]);
    }
}
