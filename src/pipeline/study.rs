//! Reading a study: individuals, phenotype, covariates, SNPs and the open genotype file.

use super::job::{Analysis, FilterOptions, Job, QcOn, StudyFiles};
use crate::cohort::Cohort;
use crate::error::{Error, Result};
use crate::genotype::{
    CovariateProjection, FilterCounts, GenotypeBlock, GenotypeBlocks, Individuals, SnpFilter,
    SnpSummary,
};
use crate::io::bed::BedFile;
use crate::io::bim::{SnpTable, read_bim};
use crate::io::fam::{Fam, read_fam};
use crate::io::snp_list::read_snp_list;
use crate::io::table::{read_covariates, read_phenotypes};
use faer::MatRef;
use rayon::prelude::*;
use std::collections::HashSet;
use std::path::PathBuf;

/// Everything about the input that stays small.
pub(super) struct Study {
    pub(super) cohort: Cohort,
    pub(super) snps: SnpTable,
    pub(super) filter: SnpFilter,
    /// The filter of the kinship's SNPs, with the individuals it looks at.
    pub(super) kinship_filter: SnpFilter,
    pub(super) kinship_qc: Individuals,
    bed_path: PathBuf,
    /// SNPs of a block.
    pub(super) block_snps: Option<usize>,
}

impl Study {
    /// Reads all but the genotypes, whose file is opened and checked. Notes are pushed to `notes`.
    pub(super) fn read(job: &Job, notes: &mut Vec<String>) -> Result<Self> {
        let files = &job.study;
        check_plink_files(files)?;
        let fam = read_fam(&files.plink("fam"))?;
        let everybody = fam.individuals().to_vec();
        let n_total = everybody.len();
        if n_total == 0 {
            return Err(Error::malformed(
                &files.plink("fam"),
                "no individual in the file",
                "give the .fam of a study, one line for each individual",
            ));
        }
        let needs_phenotype =
            !(matches!(job.analysis, Analysis::Kinship(_)) && job.kinship_qc == QcOn::All);
        let cohort = if needs_phenotype {
            read_cohort(job, &fam, notes)?
        } else {
            Cohort::without_phenotype(everybody)?
        };
        if matches!(job.analysis, Analysis::Association(_) | Analysis::Residuals) {
            cohort
                .check_estimable()
                .map_err(|error| of_phenotype(files, error))?;
        }
        notes.extend(cohort.design.notes.iter().cloned());
        let snps = read_bim(&files.plink("bim"))?;
        let bed_path = files.plink("bed");
        BedFile::open(&bed_path, n_total, snps.len())?;
        let filter = snp_filter(&job.filter, &cohort, &snps, notes)?;
        let mut kinship_filter = filter.clone();
        if let Some(path) = &job.filter.kinship_snps {
            let listed = listed_snps(path, "-ksnps", &snps, notes)?;
            kinship_filter.listed = Some(listed);
        }
        let kinship_qc = match job.kinship_qc {
            QcOn::Analysed => cohort.analysed.clone(),
            QcOn::All => {
                kinship_filter.covariates = None;
                Individuals::everybody(n_total)
            }
        };
        let block_snps = job.block_snps;
        Ok(Self {
            cohort,
            snps,
            filter,
            kinship_filter,
            kinship_qc,
            bed_path,
            block_snps,
        })
    }

    /// Blocks of all SNPs in order.
    pub(super) fn blocks(&self) -> Result<GenotypeBlocks> {
        let bed = BedFile::open(&self.bed_path, self.cohort.everybody.len(), self.snps.len())?;
        GenotypeBlocks::start(bed, self.block_snps)
    }

    /// The SNPs of `block` that pass `filter` over `individuals`, in order.
    pub(super) fn passing(
        &self,
        block: &GenotypeBlock,
        filter: &SnpFilter,
        individuals: &Individuals,
        counts: &mut FilterCounts,
    ) -> Vec<SnpSummary> {
        let outcomes: Vec<_> = block
            .positions()
            .into_par_iter()
            .with_min_len(64)
            .map_init(
                || vec![0.0; individuals.len()],
                |x, position| {
                    let rs = self.snps.get(position).rs;
                    filter.judge(position, rs, block.packed(position), individuals, x)
                },
            )
            .collect();
        outcomes
            .into_iter()
            .filter_map(|outcome| {
                counts.add(outcome.map(|_| ()));
                outcome.ok()
            })
            .collect()
    }
}

fn read_cohort(job: &Job, fam: &Fam, notes: &mut Vec<String>) -> Result<Cohort> {
    let (files, n_total) = (&job.study, fam.individuals().len());
    let phenotypes = match &files.phenotypes {
        None => fam.phenotype(files.phenotype)?,
        Some(path) => {
            let column = read_phenotypes(path, files.phenotype, n_total)?;
            if column.n_minus_nine > 0 {
                notes.push(format!(
                    "{}: -9 is a value in a -p file and is analysed as such for {} individuals; write NA for a missing phenotype",
                    path.display(),
                    column.n_minus_nine
                ));
            }
            column.values
        }
    };
    let covariates = match &files.covariates {
        None => None,
        Some(path) => Some((read_covariates(path, n_total)?, path.as_path())),
    };
    let covariates = covariates.as_ref().map(|(table, path)| (table, *path));
    Cohort::new(fam.individuals().to_vec(), &phenotypes, covariates).map_err(|error| {
        // Dependent covariates have named their file themselves.
        let is_named = covariates
            .is_some_and(|(_, path)| error.to_string().starts_with(&*path.to_string_lossy()));
        if is_named {
            error
        } else {
            of_phenotype(files, error)
        }
    })
}

/// Fails where one of the three files cannot be opened.
fn check_plink_files(files: &StudyFiles) -> Result<()> {
    for extension in ["bed", "bim", "fam"] {
        let path = files.plink(extension);
        let Err(error) = std::fs::File::open(&path) else {
            continue;
        };
        let bfile = files.bfile.display();
        let has_extension = files
            .bfile
            .extension()
            .is_some_and(|e| e == "bed" || e == "bim" || e == "fam");
        if has_extension && files.bfile.exists() {
            return Err(Error::option(
                "-bfile",
                format!("{bfile} is a file, the prefix of three files is expected"),
                format!(
                    "leave the extension out: -bfile {}",
                    files.bfile.with_extension("").display()
                ),
            ));
        }
        return Err(Error::io("open", &path)(error));
    }
    Ok(())
}

/// Names the file and the column of the phenotype in an error about its values.
fn of_phenotype(files: &StudyFiles, error: Error) -> Error {
    match error {
        Error::Degenerate { what, hint } => {
            let path = files
                .phenotypes
                .clone()
                .unwrap_or_else(|| files.plink("fam"));
            Error::degenerate(
                format!("{}, phenotype {}: {what}", path.display(), files.phenotype),
                hint,
            )
        }
        other => other,
    }
}

fn snp_filter(
    options: &FilterOptions,
    cohort: &Cohort,
    snps: &SnpTable,
    notes: &mut Vec<String>,
) -> Result<SnpFilter> {
    let (n, c) = (cohort.y.len(), cohort.design.c());
    // As in GEMMA, the intercept alone excludes nothing.
    let covariates = (c >= 2).then(|| {
        let basis: Vec<f64> = cohort.design.basis.q.concat();
        CovariateProjection::new(
            MatRef::from_column_major_slice(&basis, n, c),
            options.is_r2_centred,
        )
    });
    let listed = match &options.snps {
        None => None,
        Some(path) => Some(listed_snps(path, "-snps", snps, notes)?),
    };
    if options.min_maf.is_none() && options.min_hwe != 0.0 {
        notes.push("-notsnp turns off the -hwe filter too, as in GEMMA".into());
    }
    Ok(SnpFilter {
        max_missing: options.max_missing,
        min_maf: options.min_maf,
        min_hwe: options.min_hwe,
        max_r2: options.max_r2,
        covariates,
        listed,
    })
}

/// Reads a list of SNPs; says how many of them the study does not have.
fn listed_snps(
    path: &std::path::Path,
    option: &str,
    snps: &SnpTable,
    notes: &mut Vec<String>,
) -> Result<HashSet<Box<str>>> {
    let listed = read_snp_list(path)?;
    let known: HashSet<&str> = snps
        .iter()
        .map(|snp| snp.rs)
        .filter(|rs| listed.contains(*rs))
        .collect();
    if known.is_empty() {
        return Err(Error::inconsistent(
            format!(
                "{}: none of the {} listed SNPs is in the .bim",
                path.display(),
                listed.len()
            ),
            format!("{option} takes ids as in column 2 of the .bim, one a line"),
        ));
    }
    if known.len() < listed.len() {
        notes.push(format!(
            "{}: {} of {} listed SNPs are not in the .bim",
            path.display(),
            listed.len() - known.len(),
            listed.len()
        ));
    }
    Ok(listed)
}
