//! Reading a study: individuals, phenotype, covariates, SNPs and the source of the genotypes.

use super::data::InMemory;
use super::job::{Analysis, Job, KinshipSource, QcOn, StudyFiles};
use crate::cohort::Cohort;
use crate::error::{Error, Result, escaped};
use crate::genotype::{
    CovariateProjection, Encoding, FilterCounts, GenotypeBlock, SnpFilter, SnpSummary, Subset,
    Uncalled,
};
use crate::io::bim::SnpTable;
use crate::io::codes::{self, Origin};
use crate::io::fam::Individual;
use crate::io::id_columns::named;
use crate::io::snp_list::read_snp_list;
use crate::io::table::{read_covariates, read_phenotypes};
use crate::io::text::count;
use crate::sources::{BedSource, GenotypeBlocks, GenotypeSource};
use faer::MatRef;
use rayon::prelude::*;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything about the input that stays small.
pub(super) struct Study {
    pub(super) cohort: Cohort,
    pub(super) snps: Arc<SnpTable>,
    pub(super) filter: SnpFilter,
    /// The filter of the kinship's SNPs, with the individuals it looks at.
    pub(super) kinship_filter: SnpFilter,
    pub(super) kinship_qc: Subset,
    source: Arc<dyn GenotypeSource>,
    /// SNPs of a block; the memory plan, which needs the study, sets them before genotypes are read.
    pub(super) block_snps: usize,
    /// Individuals without any genotype in the blocks that [`passing`](Self::passing) has seen.
    uncalled: Mutex<Uncalled>,
}

/// The source of the genotypes; PLINK files have phenotypes too.
struct Opened {
    source: Arc<dyn GenotypeSource>,
    bed: Option<Arc<BedSource>>,
}

impl Opened {
    fn everybody(&self) -> &[Individual] {
        self.source.individuals()
    }
}

impl Study {
    /// Reads all but the genotypes, whose source is opened and checked. Notes are pushed to `notes`.
    pub(super) fn read(job: &Job, data: &mut InMemory, notes: &mut Vec<String>) -> Result<Self> {
        let files = &job.study;
        let opened = if let Some(source) = data.source.take() {
            Opened { source, bed: None }
        } else {
            let bed = Arc::new(BedSource::open(&files.bfile)?);
            Opened {
                source: bed.clone(),
                bed: Some(bed),
            }
        };
        let n_total = opened.everybody().len();
        data.check_length(n_total)?;
        let needs_phenotype =
            !(matches!(job.analysis, Analysis::Kinship(_)) && job.kinship_qc == QcOn::All);
        let cohort = if needs_phenotype {
            read_cohort(job, &opened, data, notes)?
        } else {
            Cohort::without_phenotype(opened.everybody().to_vec())?
        };
        if matches!(job.analysis, Analysis::Association(_) | Analysis::Residuals) {
            cohort
                .check_estimable()
                .map_err(|error| of_phenotype(files, data, error))?;
        }
        notes.extend(cohort.design.notes.iter().cloned());
        let source = opened.source;
        let Some(snps) = source.snps().cloned() else {
            return Err(Error::inconsistent(
                "the SNPs of these genotypes are known only once all of them are read",
                "give a source that knows its SNPs from the start",
            ));
        };
        let filter = snp_filter(job, data.snps.take(), &cohort, &snps, notes)?;
        let mut kinship_filter = filter.clone();
        if !matches!(job.analysis, Analysis::Kinship(_)) {
            // What is tested does not decide what relates the individuals; in GEMMA `-gk -snps` is a run of its own.
            kinship_filter.listed = None;
        }
        let (given, file) = (data.kinship_snps.take(), &job.filter.kinship_snps);
        if let Some(listed) = listed_snps(given, file.as_deref(), "-ksnps", &snps, notes)? {
            kinship_filter.listed = Some(listed);
        }
        let tests_none = matches!(job.analysis, Analysis::Eigen | Analysis::Residuals);
        let is_computed = matches!(job.kinship, KinshipSource::Genotypes(_));
        if tests_none && is_computed && filter.listed.is_some() {
            notes.push("-snps lists the SNPs to test, and this run tests none; its kinship is computed from all SNPs that pass the filters, or from those of -ksnps".into());
        }
        let kinship_qc = match job.kinship_qc {
            QcOn::Analysed => cohort.analysed.clone(),
            QcOn::All => {
                kinship_filter.covariates = None;
                Subset::everybody(n_total)
            }
        };
        Ok(Self {
            cohort,
            snps,
            filter,
            kinship_filter,
            kinship_qc,
            source,
            block_snps: 1,
            uncalled: Mutex::default(),
        })
    }

    /// Blocks of all SNPs in order.
    pub(super) fn blocks(&self) -> Result<Box<dyn GenotypeBlocks>> {
        self.source.blocks(0..self.snps.len(), self.block_snps)
    }

    /// How the blocks store genotypes.
    pub(super) fn encoding(&self) -> Encoding {
        self.source.encoding()
    }

    /// A note on those of `individuals` without any genotype, once all blocks were [passing](Self::passing).
    pub(super) fn uncalled_note(&self, individuals: &Subset) -> Option<String> {
        let uncalled = self.uncalled.lock().unwrap_or_else(PoisonError::into_inner);
        let names: Vec<String> = (uncalled.rows().iter())
            .filter(|i| individuals.rows().binary_search(i).is_ok())
            .map(|&i| self.cohort.everybody[i].to_string())
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "{} without any genotype: {}; every SNP counts as its mean there: exclude them (NA as phenotype)",
                count(names.len(), "individual"),
                named(&names)
            )
        })
    }

    /// The SNPs of `block` that pass `filter` over `individuals`, in order.
    pub(super) fn passing(
        &self,
        block: &GenotypeBlock,
        filter: &SnpFilter,
        individuals: &Subset,
        counts: &mut FilterCounts,
    ) -> Vec<SnpSummary> {
        self.uncalled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(block);
        let outcomes: Vec<_> = block
            .snp_indices()
            .into_par_iter()
            .with_min_len(64)
            .map_init(
                || vec![0.0; individuals.len()],
                |x, snp_index| filter.judge(block, snp_index, individuals, x),
            )
            .collect();
        outcomes
            .into_iter()
            .filter_map(|outcome| {
                counts.add(outcome.map(|_| ()).map_err(|excluded| excluded.reason));
                outcome.ok()
            })
            .collect()
    }
}

/// The phenotype of everybody: of the caller, of a `-p` file or of the `.fam`.
fn read_phenotype(
    files: &StudyFiles,
    opened: &Opened,
    data: &mut InMemory,
    notes: &mut Vec<String>,
) -> Result<Vec<Option<f64>>> {
    if let Some(phenotype) = data.phenotype.clone() {
        let (name, people) = (Path::new("phenotype"), opened.everybody());
        notes.extend(codes::of_phenotypes(
            name,
            Origin::Array,
            &phenotype,
            people,
        ));
        return Ok(phenotype);
    }
    Ok(match (&files.phenotypes, &opened.bed) {
        (None, Some(bed)) => {
            let fam = bed.fam();
            let values = fam.phenotype(files.phenotype)?;
            notes.extend(fam.notes(files.phenotype, &values));
            values
        }
        (None, None) => {
            return Err(Error::inconsistent(
                "genotypes in memory come without a phenotype",
                "give a phenotype, one value per individual",
            ));
        }
        (Some(path), _) => {
            let column = read_phenotypes(path, files.phenotype, opened.everybody())?;
            notes.extend(column.notes);
            column.values
        }
    })
}

fn read_cohort(
    job: &Job,
    opened: &Opened,
    data: &mut InMemory,
    notes: &mut Vec<String>,
) -> Result<Cohort> {
    let files = &job.study;
    let phenotypes = read_phenotype(files, opened, data, notes)?;
    let covariates = match (data.covariates.take(), &files.covariates) {
        (Some(table), _) => {
            let (name, people) = (Path::new("covariates"), opened.everybody());
            notes.extend(codes::of_covariates(name, Origin::Array, &table, people));
            Some((table, name))
        }
        (None, None) => None,
        (None, Some(path)) => {
            let (table, said) = read_covariates(path, opened.everybody())?;
            notes.extend(said);
            Some((table, path.as_path()))
        }
    };
    let covariates = covariates.as_ref().map(|(table, path)| (table, *path));
    Cohort::new(opened.everybody().to_vec(), &phenotypes, covariates).map_err(|error| {
        // Dependent covariates have named their file themselves.
        let is_named = covariates.is_some_and(|(_, path)| {
            error
                .to_string()
                .starts_with(&escaped(&path.to_string_lossy()))
        });
        if is_named {
            error
        } else {
            of_phenotype(files, data, error)
        }
    })
}

/// Names the file and the column of the phenotype in an error about its values.
fn of_phenotype(files: &StudyFiles, data: &InMemory, error: Error) -> Error {
    match error {
        Error::Degenerate { what, hint } if data.phenotype.is_some() => {
            Error::degenerate(format!("phenotype: {what}"), hint)
        }
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
    job: &Job,
    given: Option<HashSet<Box<str>>>,
    cohort: &Cohort,
    snps: &SnpTable,
    notes: &mut Vec<String>,
) -> Result<SnpFilter> {
    let options = &job.filter;
    let (n, c) = (cohort.y.len(), cohort.design.c());
    // As in GEMMA, the intercept alone excludes nothing.
    let covariates = (c >= 2).then(|| {
        let basis: Vec<f64> = cohort.design.basis.q.concat();
        CovariateProjection::new(
            MatRef::from_column_major_slice(&basis, n, c),
            options.is_r2_centred,
        )
    });
    let listed = listed_snps(given, options.snps.as_deref(), "-snps", snps, notes)?;
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

/// A list of SNPs, given by the caller or read from `file`; says how many of them the study does not have.
fn listed_snps(
    given: Option<HashSet<Box<str>>>,
    file: Option<&Path>,
    option: &str,
    snps: &SnpTable,
    notes: &mut Vec<String>,
) -> Result<Option<HashSet<Box<str>>>> {
    let path = file.unwrap_or(Path::new(option.trim_start_matches('-')));
    let listed = match (given, file) {
        (Some(given), _) => given,
        (None, Some(file)) => read_snp_list(file)?,
        (None, None) => return Ok(None),
    };
    let known: HashSet<&str> = snps
        .iter()
        .map(|snp| snp.rs)
        .filter(|rs| listed.contains(*rs))
        .collect();
    if known.is_empty() {
        return Err(Error::inconsistent(
            format!(
                "{}: none of the {} listed SNPs is in the .bim{}",
                path.display(),
                listed.len(),
                if listed.iter().all(|id| id.starts_with('"')) {
                    ": the ids are in quotes"
                } else {
                    ""
                }
            ),
            format!("{option} takes ids as in column 2 of the .bim, one a line"),
        ));
    }
    if known.len() < listed.len() {
        let n_unknown = listed.len() - known.len();
        notes.push(format!(
            "{}: {n_unknown} of {} listed SNPs {} not in the .bim: ids count as in its column 2",
            path.display(),
            listed.len(),
            if n_unknown == 1 { "is" } else { "are" }
        ));
    }
    Ok(Some(listed))
}
