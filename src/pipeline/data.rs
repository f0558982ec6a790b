//! What a caller has in memory: inputs in place of files, and a place for results.

use crate::assoc::AssocBlock;
use crate::eigen::GivenEigen;
use crate::error::{Error, Result};
use crate::genotype::Genotypes;
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use crate::io::square::SquareMatrix;
use crate::io::table::CovariateTable;
use crate::io::text::count;
use crate::kinship::Kinship;
use std::collections::HashSet;
use std::sync::Arc;

/// Inputs in place of files; what is `None` is read where the [`Job`](super::Job) says.
#[derive(Debug, Default)]
pub struct InMemory {
    /// In place of the `.bed`, `.bim` and `.fam`.
    pub study: Option<StudyInMemory>,
    /// A phenotype for each individual, `None` where it is missing.
    pub phenotype: Option<Vec<Option<f64>>>,
    /// A row of covariates for each individual.
    pub covariates: Option<CovariateTable>,
    /// The kinship, with [`KinshipSource::InMemory`](super::KinshipSource).
    pub kinship: Option<SquareMatrix>,
    /// The row of the kinship of each individual, `None` for one who has none; without it rows are those of everybody.
    pub kinship_rows: Option<Vec<Option<usize>>>,
    /// The decomposed kinship, with [`KinshipSource::EigenInMemory`](super::KinshipSource).
    pub eigen: Option<GivenEigen>,
    /// In place of [`FilterOptions::snps`](super::FilterOptions).
    pub snps: Option<HashSet<Box<str>>>,
    /// In place of [`FilterOptions::kinship_snps`](super::FilterOptions).
    pub kinship_snps: Option<HashSet<Box<str>>>,
}

/// Subset, SNPs and genotypes in memory.
#[derive(Debug)]
pub struct StudyInMemory {
    /// Everybody.
    pub individuals: Vec<Individual>,
    /// Every SNP.
    pub snps: SnpTable,
    /// As many SNPs of as many individuals.
    pub genotypes: Arc<Genotypes>,
}

impl InMemory {
    /// Fails with [`Error::Inconsistent`] where something is not given for each of `n` individuals.
    pub(super) fn check_length(&self, n: usize) -> Result<()> {
        let given = [
            ("phenotype", self.phenotype.as_ref().map(Vec::len)),
            (
                "covariates",
                self.covariates.as_ref().map(CovariateTable::n_individuals),
            ),
        ];
        match given
            .into_iter()
            .find(|(_, length)| length.is_some_and(|length| length != n))
        {
            None => Ok(()),
            Some((what, length)) => Err(Error::inconsistent(
                format!(
                    "{what}: {} given, but there are {}",
                    count(length.unwrap_or_default(), "row"),
                    count(n, "individual")
                ),
                "give one row per individual, in their order, NaN where a value is missing",
            )),
        }
    }
}

/// Takes results as they come, beside files or in place of them.
pub trait Sink: Send {
    /// The results of the next SNPs; blocks come in order.
    ///
    /// An error ends the run.
    fn association(&mut self, results: &AssocBlock) -> Result<()> {
        let _ = results;
        Ok(())
    }

    /// The kinship of everybody.
    fn kinship(&mut self, kinship: Kinship) -> Result<()> {
        let _ = kinship;
        Ok(())
    }
}

/// Files are enough.
#[derive(Debug, Clone, Copy, Default)]
pub struct FilesOnly;

impl Sink for FilesOnly {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assoc::lmm::Tests;
    use crate::backend::CpuBackend;
    use crate::pipeline::{Analysis, Job, KinshipSource, Observer, run_with};
    use std::sync::atomic::{AtomicUsize, Ordering};

    const N: usize = 40;
    const P: usize = 90;

    fn dosage(i: usize, s: usize) -> f64 {
        ((i * i * 7 + 13 * i * s + s * s) % 3) as f64
    }

    fn study(genotypes: Genotypes) -> InMemory {
        let individuals = (0..N).map(|i| Individual {
            fid: "f".into(),
            iid: format!("i{i}").into(),
        });
        let names: Vec<String> = (0..P).map(|s| format!("rs{s}")).collect();
        let snps = names.iter().map(|rs| crate::io::bim::Snp {
            chr: "1",
            rs,
            ps: 5,
            allele1: "A",
            allele0: "C",
        });
        InMemory {
            study: Some(StudyInMemory {
                individuals: individuals.collect(),
                snps: SnpTable::of(snps),
                genotypes: Arc::new(genotypes),
            }),
            phenotype: Some((0..N).map(|i| Some(((i * i + 3) as f64).sin())).collect()),
            ..InMemory::default()
        }
    }

    fn packed() -> Genotypes {
        let mut bytes = vec![0; N.div_ceil(4) * P];
        for s in 0..P {
            for i in 0..N {
                let code = [3, 2, 0][dosage(i, s) as usize];
                bytes[s * N.div_ceil(4) + i / 4] |= code << (2 * (i % 4));
            }
        }
        Genotypes::Packed(bytes)
    }

    fn job() -> Job {
        Job {
            places: None,
            block_snps: Some(16),
            ..Job::new("nowhere", Analysis::Association(Tests::All))
        }
    }

    /// Hears of blocks, and stops the run where it is told to.
    #[derive(Default)]
    struct Blocks {
        /// Columns of GEMMA's table.
        columns: Vec<Vec<f64>>,
        stop_after: Option<usize>,
        seen: AtomicUsize,
    }

    impl Sink for Blocks {
        fn association(&mut self, results: &AssocBlock) -> Result<()> {
            let values = &results.traits[0].values;
            self.columns.resize(values.len(), Vec::new());
            for (column, values) in self.columns.iter_mut().zip(values) {
                assert_eq!(values.len(), results.len());
                column.extend(values);
            }
            Ok(())
        }
    }

    impl Observer for Blocks {
        fn stage(&self, _: &str, _: Option<u64>) {}
        fn advance(&self, _: u64) {
            self.seen.fetch_add(1, Ordering::Relaxed);
        }
        fn share(&self, _: f64) {}
        fn done(&self) {}
        fn note(&self, _: &str) {}
        fn is_cancelled(&self) -> bool {
            let seen = self.seen.load(Ordering::Relaxed);
            self.stop_after.is_some_and(|stop| seen >= stop)
        }
    }

    /// beta, se, logl_H1, l_remle, l_mle, p_wald, p_lrt and p_score.
    fn results(data: InMemory, job: &Job) -> Vec<Vec<f64>> {
        let mut sink = Blocks::default();
        let report = run_with(job, data, &CpuBackend, &Blocks::default(), &mut sink).unwrap();
        assert!(report.outputs.is_empty(), "nothing is written");
        assert_eq!(report.log.filter.kept, sink.columns[0].len());
        sink.columns
    }

    #[test]
    fn dosages_that_are_hard_calls_give_their_statistics() {
        let dosages: Vec<f64> = (0..N * P).map(|at| dosage(at % N, at / N)).collect();
        let hard = results(study(packed()), &job());
        let soft = results(study(Genotypes::Dosages(dosages)), &job());
        assert!(hard[0].len() > P / 2);
        for column in [1, 5] {
            let (hard, soft) = (&hard[column], &soft[column]);
            assert_eq!(hard.len(), soft.len());
            for (a, b) in hard.iter().zip(soft) {
                assert!((a - b).abs() <= 1e-7 * a);
            }
        }
    }

    #[test]
    fn what_is_given_for_another_number_of_individuals_is_refused() {
        let short = InMemory {
            phenotype: Some(vec![Some(1.0); N - 1]),
            ..study(packed())
        };
        let narrow = InMemory {
            kinship: Some(SquareMatrix {
                n: 3,
                values: vec![1.0; 9],
            }),
            ..study(packed())
        };
        let from_memory = Job {
            kinship: KinshipSource::InMemory,
            ..job()
        };
        for (data, job, text) in [
            (short, job(), "phenotype: 39 rows given, but there are 40"),
            (narrow, from_memory, "3 x 3, but there are 40 individuals"),
        ] {
            let sink = &mut FilesOnly;
            let error = run_with(&job, data, &CpuBackend, &Blocks::default(), sink).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn a_run_that_is_told_to_stop_fails_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        for stop_after in [0, 3, 6, 9] {
            let job = Job {
                places: Some(crate::pipeline::Places {
                    directory: folder.path().into(),
                    prefix: "x".into(),
                }),
                ..job()
            };
            let observer = Blocks {
                stop_after: Some(stop_after),
                ..Blocks::default()
            };
            let result = run_with(
                &job,
                study(packed()),
                &CpuBackend,
                &observer,
                &mut FilesOnly,
            );
            assert!(matches!(result, Err(Error::Interrupted)), "{stop_after}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}
