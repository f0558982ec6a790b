//! SNPs as covariates, and as the environment of interactions.

use super::column::Column;
use crate::error::{Error, Result};
use crate::io::text::count;

/// A SNP that is a covariate (`--condition`, `--stepwise`), or the environment of interactions (`--interaction`).
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionSnp {
    /// The option that names it, for messages.
    pub option: &'static str,
    /// Its id.
    pub id: String,
    /// Its chromosome.
    pub chr: String,
    /// Its position.
    pub ps: i64,
    /// Copies of allele1 of all individuals of the source, NaN if missing.
    pub dosages: Vec<f64>,
}

impl ConditionSnp {
    /// The covariate of the individuals at `rows`: missing genotypes are replaced by the mean of the others, as for tested SNPs.
    /// Notes are pushed to `notes`.
    ///
    /// `None`, with a note, if the SNP does not vary. Fails if none of the individuals has a genotype.
    pub(super) fn column(&self, rows: &[usize], notes: &mut Vec<String>) -> Result<Option<Column>> {
        let column = self.imputed(rows, notes)?;
        if column.is_constant() {
            notes.push(format!(
                "{}: SNP {} does not vary among the analysed individuals and is not a covariate",
                self.option, self.id
            ));
            return Ok(None);
        }
        Ok(Some(column))
    }

    /// The genotypes of the individuals at `rows` with missing ones at the mean of the others. A note on them is pushed to
    /// `notes`.
    ///
    /// Fails if none of the individuals has a genotype.
    pub(super) fn imputed(&self, rows: &[usize], notes: &mut Vec<String>) -> Result<Column> {
        let observed = || {
            rows.iter()
                .map(|&row| self.dosages[row])
                .filter(|x| !x.is_nan())
        };
        let n = observed().count();
        let (option, id) = (self.option, &self.id);
        if n == 0 {
            return Err(Error::degenerate(
                format!(
                    "{option}: none of the {} has a genotype of SNP {id}",
                    count(rows.len(), "analysed individual")
                ),
                "omit this SNP",
            ));
        }
        // The mean of equal values need not be equal to them, so that missing genotypes could seem to vary.
        let first = observed().next();
        let varies = observed().any(|x| Some(x) != first);
        let mean = match first {
            Some(x) if !varies => x,
            _ => observed().sum::<f64>() / n as f64,
        };
        let values = rows.iter().map(|&row| match self.dosages[row] {
            x if x.is_nan() => mean,
            x => x,
        });
        let column = Column {
            name: format!("SNP {id}"),
            values: values.collect(),
        };
        if n < rows.len() && !column.is_constant() {
            notes.push(format!(
                "{option}: SNP {id} has {} among the analysed individuals, which are replaced by its mean, {mean:.6}",
                count(rows.len() - n, "missing genotype")
            ));
        }
        Ok(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_genotypes_are_at_the_mean_of_the_analysed_individuals() {
        let nan = f64::NAN;
        let snp = ConditionSnp {
            option: "--condition",
            id: "rs7".into(),
            chr: "1".into(),
            ps: 1,
            dosages: vec![2.0, nan, 0.0, 1.0, 1.0, nan],
        };
        let mut notes = Vec::new();
        let mut values = |rows: &[usize]| {
            let column = snp.column(rows, &mut notes)?;
            Ok::<_, Error>(column.map(|column| column.values))
        };
        assert_eq!(values(&[0, 2, 3]).unwrap().unwrap(), [2.0, 0.0, 1.0]);
        assert_eq!(values(&[0, 1, 3]).unwrap().unwrap(), [2.0, 1.5, 1.0]);
        assert_eq!(values(&[3, 4, 1]).unwrap(), None);
        let error = values(&[1, 5]).unwrap_err().to_string();
        assert!(error.contains("none of the 2 analysed individuals has a genotype of SNP rs7"));
        assert!(
            notes[0].contains("SNP rs7 has 1 missing genotype"),
            "{notes:?}"
        );
        assert!(notes[1].contains("SNP rs7 does not vary"), "{notes:?}");
    }
}
