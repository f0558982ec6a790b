//! The files that a job reads, and what each is for.

use super::individuals::SexInput;
use super::input::Input;
use super::job::{EigenFiles, GenotypeInput, Job, KinshipFile, KinshipInput};
use super::selection::{TraitFile, ValueInput};
use crate::io::ids::id_path_for;
use crate::io::relationship::id_path_of;
use crate::kinship::KinshipLayout;
use crate::sources::GenotypeFiles;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a file is for. Two files of a run have different purposes, except those of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The file of this option, or the file of genotypes with this extension.
    Option(&'static str),
    /// A kinship, eigenvectors or eigenvalues, of this option.
    Matrix(&'static str),
    /// The file of genotypes with this number, counted from 1, of an open source.
    Genotypes(usize),
    /// One of the files of the store at this path.
    Store(Arc<Path>),
}

impl Purpose {
    /// The name of the files of a store.
    pub(super) const STORE: &str = "--zarr";

    /// The option, or the extension.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Option(name) | Self::Matrix(name) => (*name).to_owned(),
            Self::Genotypes(number) => format!("genotypes {number}"),
            Self::Store(_) => Self::STORE.to_owned(),
        }
    }

    /// Whether it is a matrix.
    pub(super) fn is_matrix(&self) -> bool {
        matches!(self, Self::Matrix(_))
    }
}

/// The files that `job` reads, and the id files of its matrices; genotypes at URLs are among them.
pub(super) fn paths(job: &Job) -> Vec<(Purpose, PathBuf)> {
    let mut paths = match &job.genotypes {
        GenotypeInput::Files(files) => of_genotypes(files),
        GenotypeInput::Source(source) => {
            let numbers = (1..).map(Purpose::Genotypes);
            numbers.zip(source.files()).collect()
        }
    };
    let mut add = |name: &'static str, path: Option<&PathBuf>| {
        paths.extend(path.map(|path| (Purpose::Option(name), path.clone())));
    };
    if let Input::File(columns) = &job.traits.phenotypes
        && let Some(file) = &columns.file
    {
        add(of_table(file, ["-p", "--pheno"]), Some(file.path()));
    }
    add("-snps", job.filter.snps.as_ref().and_then(path_of));
    let computed = job.analysis.computed_kinship();
    let of_kinship = computed.and_then(|kinship| kinship.snps.as_ref());
    add("-ksnps", of_kinship.and_then(path_of));
    add("--condition", job.condition.as_ref().and_then(path_of));
    add("--keep", job.individuals.keep.as_ref());
    add("--remove", job.individuals.remove.as_ref());
    if let Some(SexInput::Table(path)) = &job.sexes {
        add("--sex-from", Some(path));
    }
    add("--effect-allele", job.effect_alleles.as_ref());
    add("--extract", job.filter.choice.extract.as_ref());
    add("--exclude", job.filter.choice.exclude.as_ref());
    if let Some(Input::File(columns)) = &job.covariates {
        let file = &columns.file;
        add(of_table(file, ["-c", "--covar"]), Some(file.path()));
    }
    let environment = job.environment.as_ref();
    add("--gxe-file", environment.and_then(ValueInput::path));
    let weights = job.weights.as_ref();
    add("-widv", weights.and_then(|of| of.values.path()));
    match job.analysis.kinship() {
        Some(KinshipInput::Matrix(Input::File(file))) => {
            paths.extend(of_matrix(file, ["-k", "ids of -k"]));
        }
        Some(KinshipInput::Eigen(Input::File(EigenFiles { values, vectors }))) => {
            paths.extend([
                (Purpose::Option("ids of -u"), id_path_for(vectors)),
                (Purpose::Matrix("-u"), vectors.clone()),
                (Purpose::Matrix("-d"), values.clone()),
            ]);
        }
        _ => {}
    }
    if let Some(Input::File(file)) = &job.second_kinship {
        paths.extend(of_matrix(file, ["-k2", "ids of -k2"]));
    }
    paths
}

/// The files of genotypes.
fn of_genotypes(files: &GenotypeFiles) -> Vec<(Purpose, PathBuf)> {
    let names: &[&'static str] = match files {
        GenotypeFiles::Plink(_) | GenotypeFiles::PlinkUrl(_) => &[".bed", ".bim", ".fam"],
        GenotypeFiles::Bimbam { .. } => &["-g", "-a"],
        GenotypeFiles::Bgen { sample: None, .. } => &["--bgen", ".bgi"],
        GenotypeFiles::Bgen { .. } => &["--bgen", "--sample", ".bgi"],
        GenotypeFiles::Pgen { .. } => &[".pgen", ".pvar", ".pvar.zst", ".pvar.gz", ".psam"],
        GenotypeFiles::Vcf { .. } => &["--vcf"],
        GenotypeFiles::Numeric { .. } => &["--numeric", "--snp-map"],
        GenotypeFiles::Zarr { store, .. } => {
            let store: Arc<Path> = store.as_path().into();
            let of_store = |path| (Purpose::Store(Arc::clone(&store)), path);
            return files.paths().into_iter().map(of_store).collect();
        }
    };
    let paths = files.paths();
    assert!(names.len() >= paths.len(), "every file has a purpose");
    let purposes = names.iter().map(|name| Purpose::Option(name));
    purposes.zip(paths).collect()
}

/// Which of two options a table was given by: without ids, or with ids.
fn of_table(file: &TraitFile, [positional, with_ids]: [&'static str; 2]) -> &'static str {
    match file {
        TraitFile::Positional(_) => positional,
        TraitFile::WithIds(_) => with_ids,
    }
}

/// The file of a kinship, and its ids.
fn of_matrix(file: &KinshipFile, [name, ids]: [&'static str; 2]) -> Vec<(Purpose, PathBuf)> {
    let id_path = (file.layout == KinshipLayout::Square).then(|| id_path_of(&file.path));
    let ids = id_path.map(|path| (Purpose::Option(ids), path));
    let matrix = (Purpose::Matrix(name), file.path.clone());
    ids.into_iter().chain([matrix]).collect()
}

fn path_of<M>(input: &Input<PathBuf, M>) -> Option<&PathBuf> {
    match input {
        Input::File(path) => Some(path),
        Input::Memory(_) => None,
    }
}
