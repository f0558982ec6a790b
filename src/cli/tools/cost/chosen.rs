//! The study, the machines and the rates that the command line chooses.

use super::quantity::{bytes, count, rate};
use crate::assoc::lmm::Tests;
use crate::cli::tool::Given;
use crate::cost::{Machines, Node, Rates, StudySize, calibrate};
use crate::error::{Error, Result};
use crate::genotype::Encoding;
use crate::kinship::KinshipKind;
use crate::sources::{BgenReference, GenotypeFiles};
use std::path::PathBuf;

/// Chromosomes of a study without files: the autosomes of man.
const CHROMOSOMES: u64 = 22;

/// What the command line chooses.
pub(super) struct Chosen {
    pub(super) study: StudySize,
    pub(super) machines: Machines,
    pub(super) has_cluster: bool,
    pub(super) rates: Rates,
    pub(super) is_calibrated: bool,
}

impl Chosen {
    /// What `given` chooses. Measures the rates of this machine if it asks for that.
    ///
    /// Fails if a value is malformed, files cannot be read, or the size of the study is missing.
    pub(super) fn of(given: &Given, is_cancelled: &(dyn Fn() -> bool + Sync)) -> Result<Self> {
        let is_calibrated = given.has("calibrate");
        let machines = machines(given)?;
        // The size is not needed for the table.
        let study = if given.has("table") {
            StudySize::default()
        } else {
            study(given)?
        };
        let rates = if is_calibrated {
            let cores = Node::default().threads;
            calibrate(cores as usize, is_cancelled)?
        } else {
            Rates::default()
        };
        Ok(Self {
            study,
            machines,
            has_cluster: given.has("workers"),
            rates,
            is_calibrated,
        })
    }
}

fn counted(given: &Given, name: &str) -> Result<Option<u64>> {
    let option = format!("--{name}");
    given
        .value(name)
        .map(|text| count(&option, text))
        .transpose()
}

fn machines(given: &Given) -> Result<Machines> {
    let sized = |name: &str| {
        let found = given
            .value(name)
            .map(|text| bytes(&format!("--{name}"), text));
        found.transpose()
    };
    let rated = |name: &str, default| {
        let found = given
            .value(name)
            .map(|text| rate(&format!("--{name}"), text));
        found.unwrap_or(Ok(default))
    };
    let default = Machines::default();
    let memory = sized("memory")?.map(|bytes| bytes as u64);
    let node = Node {
        threads: counted(given, "threads")?.unwrap_or(default.node.threads),
        memory,
        memory_rate: rated("memory-rate", default.node.memory_rate)?,
    };
    Ok(Machines {
        workers: counted(given, "workers")?.unwrap_or(default.workers),
        node,
        eigen_workers: counted(given, "eigen-workers")?.unwrap_or(default.eigen_workers),
        eigen_node: Node {
            threads: counted(given, "eigen-threads")?.unwrap_or(node.threads),
            memory: sized("eigen-memory")?.map_or(memory, |bytes| Some(bytes as u64)),
            ..node
        },
        disk_rate: rated("disk-rate", default.disk_rate)?,
        network_rate: rated("net-rate", default.network_rate)?,
    })
}

fn study(given: &Given) -> Result<StudySize> {
    let mut study = of_files(given)?.unwrap_or(StudySize {
        individuals: 0,
        snps: 0,
        chromosomes: counted(given, "chromosomes")?.unwrap_or(CHROMOSOMES),
        encoding: if given.has("dosages") {
            Encoding::Dosage
        } else {
            Encoding::Packed
        },
        ..StudySize::default()
    });
    for (name, field) in [
        ("individuals", &mut study.individuals),
        ("snps", &mut study.snps),
    ] {
        if let Some(count) = counted(given, name)? {
            // The files have another size.
            if *field != count {
                study.file_bytes = None;
                study.snp_bytes = None;
            }
            *field = count;
        }
        if *field == 0 {
            return Err(Error::option(
                format!("--{name}"),
                "the size of the study is not given",
                "give --individuals and --snps, or files with --bfile, --pfile or --bgen",
            ));
        }
    }
    if !given.has("loco") {
        study.chromosomes = 0;
    }
    study.traits = counted(given, "traits")?.unwrap_or(1);
    study.trait_groups = counted(given, "trait-groups")?.unwrap_or(1);
    if study.trait_groups > study.traits {
        return Err(Error::option(
            "--trait-groups",
            format!("{} groups of {} traits", study.trait_groups, study.traits),
            "give at most as many groups as --traits",
        ));
    }
    let covariates = given.number("covariates", "a number of covariates")?;
    study.covariates = 1 + covariates.unwrap_or(0_u64);
    study.tests = match given.value("lmm") {
        None | Some("1") => Tests::Wald,
        Some("2") => Tests::Lrt,
        Some("3") => Tests::Score,
        Some("4") => Tests::All,
        Some(other) => return Err(one_of("--lmm", "1, 2, 3 or 4", other)),
    };
    study.kinship = match given.value("gk") {
        None | Some("1") => KinshipKind::Centred,
        Some("2") => KinshipKind::Standardised,
        Some(other) => return Err(one_of("--gk", "1 or 2", other)),
    };
    if let Some(missing) = given.number::<f64>("missing", "a fraction from 0 to 1")? {
        if !(0.0..=1.0).contains(&missing) {
            return Err(one_of(
                "--missing",
                "a fraction from 0 to 1",
                &missing.to_string(),
            ));
        }
        study.missing = missing;
    }
    Ok(study)
}

fn one_of(option: &str, expected: &str, found: &str) -> Error {
    let what = format!("expected {expected}, found {found}");
    Error::option(option, what, "see `jamma help cost`")
}

/// The size of the study in files.
fn of_files(given: &Given) -> Result<Option<StudySize>> {
    let path = |name| given.value(name).map(PathBuf::from);
    let pgen = |prefix| GenotypeFiles::Pgen {
        prefix,
        hard_calls: None,
    };
    let bgen = |bgen| GenotypeFiles::Bgen {
        bgen,
        sample: None,
        reference: BgenReference::default(),
        hard_calls: None,
    };
    let all = [
        path("bfile").map(|prefix| GenotypeFiles::plink(&prefix)),
        path("pfile").map(|prefix| Ok(pgen(prefix))),
        path("bgen").map(|file| Ok(bgen(file))),
    ];
    let mut all = all.into_iter().flatten();
    let Some(files) = all.next().transpose()? else {
        return Ok(None);
    };
    if all.next().is_some() {
        return Err(Error::option(
            "jamma cost",
            "genotypes are given twice",
            "give one of --bfile, --pfile and --bgen",
        ));
    }
    for name in ["dosages", "chromosomes"] {
        if given.has(name) {
            return Err(Error::option(
                format!("--{name}"),
                "the files say this",
                "omit the option, or give --individuals and --snps instead of files",
            ));
        }
    }
    let source = files.open()?.source;
    let snps = source.snps();
    let lengths = source.files().into_iter();
    let lengths = lengths.map(|path| std::fs::metadata(path).map(|found| found.len()));
    // Unknown for files at a URL.
    let bytes: Option<u64> = lengths.map(std::io::Result::ok).sum();
    Ok(Some(StudySize {
        individuals: source.individuals().len() as u64,
        snps: snps.map_or(0, |snps| snps.len() as u64),
        chromosomes: snps.map_or(CHROMOSOMES, |snps| snps.chromosomes().len() as u64),
        encoding: source.encoding(),
        snp_bytes: Some(source.bytes_per_snp()),
        file_bytes: bytes.filter(|&bytes| bytes > 0),
        ..StudySize::default()
    }))
}
