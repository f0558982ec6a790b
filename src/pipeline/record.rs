//! What the record of a run says about its options and its inputs.

use super::input::Input;
use super::job::{Analysis, ComputedKinship, GenotypeInput, Job, KinshipInput, QcOn};
use super::selection::{Columns, Loco, Replicates};
use crate::io::content::Content;
use crate::kinship::{KinshipKind, KinshipLayout};
use crate::output::json::Json;
use crate::output::matrix::MatrixFormat;
use crate::output::report::InputReport;
use crate::sources::{GenotypeFiles, is_url, without_secrets};
use chrono::{DateTime, Local, SecondsFormat};
use std::fs::{File, Metadata};
use std::io::{Read, Result, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Largest file whose checksum is that of all bytes; XXH3 needs about 20 ms for it.
const LARGEST_WHOLE: u64 = 64 << 20;
/// Bytes at either end of a larger file that its checksum covers.
const END_BYTES: u64 = 1 << 20;
/// Most files whose content is read again; a Zarr store may have millions.
const MOST_FILES: usize = 100;

/// A time as RFC 3339 writes it.
pub(super) fn written(time: DateTime<Local>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// The reports of input files with their metadata, and of inputs that are no regular files.
pub(super) fn inputs(files: &[(PathBuf, Metadata)], others: &[PathBuf]) -> Vec<InputReport> {
    let is_read = files.len() <= MOST_FILES;
    let files = files.iter().map(|(path, metadata)| {
        let bytes = metadata.len();
        let is_whole = bytes <= LARGEST_WHOLE;
        let content = is_read.then(|| checksum(path, bytes, is_whole).ok());
        InputReport {
            path: path.display().to_string(),
            bytes: Some(bytes),
            modified: metadata.modified().ok().map(|time| written(time.into())),
            // A file that was removed has no checksum.
            checksum: content.flatten().map(|content| content.digest()),
            is_whole,
        }
    });
    let others = others.iter().map(|path| InputReport {
        path: without_secrets(&path.to_string_lossy()),
        ..InputReport::default()
    });
    files.chain(others).collect()
}

fn checksum(path: &Path, bytes: u64, is_whole: bool) -> Result<Content> {
    let mut file = File::open(path)?;
    let mut content = Content::default();
    if is_whole {
        std::io::copy(&mut file, &mut content)?;
        return Ok(content);
    }
    std::io::copy(&mut Read::take(&mut file, END_BYTES), &mut content)?;
    file.seek(SeekFrom::Start(bytes - END_BYTES))?;
    std::io::copy(&mut file, &mut content)?;
    Ok(content)
}

/// Whether `path` is an input without metadata: an address, a pipe or a device.
pub(super) fn is_other(path: &Path) -> bool {
    is_url(path) || std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// A path as text.
fn path(path: &Path) -> Json {
    without_secrets(&path.to_string_lossy()).into()
}

/// The options of `job` by their names on the command line; null if an option is off.
pub(super) fn options(job: &Job) -> Vec<(&'static str, Json)> {
    let filter = &job.filter;
    let mut all = vec![
        ("analysis", analysis(&job.analysis).into()),
        ("genotypes", genotypes(&job.genotypes)),
        ("phenotypes", phenotypes(job)),
        ("rint", job.traits.transform.ranks.into()),
        ("standardize", job.traits.transform.standardizes.into()),
        ("kinship", kinship(&job.analysis)),
        (
            "loco",
            match &job.loco {
                None => Json::Null,
                Some(Loco::One(name)) => name.into(),
                Some(Loco::Every { .. }) => true.into(),
            },
        ),
        ("miss", filter.max_missing.into()),
        ("maf", filter.min_maf.into()),
        ("hwe", filter.min_hwe.into()),
        ("info", filter.min_info.into()),
        ("r2", filter.max_r2.into()),
        ("r2-centred", filter.is_r2_centred.into()),
        ("covariates", job.covariates.is_some().into()),
        (
            "gxe",
            (job.environment.as_ref())
                .map(|of| of.column().unwrap_or("given"))
                .into(),
        ),
        ("weights", job.weights.is_some().into()),
        (
            "replicates",
            job.replicates
                .map(|how| match how {
                    Replicates::Mean => "mean",
                    Replicates::Weighted => "weighted",
                })
                .into(),
        ),
        ("condition", condition(job)),
        (
            "stepwise",
            job.stepwise.map(|options| options.threshold).into(),
        ),
        (
            "stepwise-max",
            job.stepwise.map(|options| options.max_steps).into(),
        ),
        (
            "chr-set",
            job.chromosomes.as_ref().map(ToString::to_string).into(),
        ),
        ("k2", second_kinship(job)),
        ("odds", job.odds.into()),
        ("effective-tests", job.effective_tests.into()),
        (
            "permutations",
            job.permutations.map(|options| options.count).into(),
        ),
        ("seed", job.permutations.map(|options| options.seed).into()),
        ("eigen-cache", job.eigen_cache.as_deref().map(path).into()),
        ("threads", job.machine.threads.into()),
        ("block-snps", job.machine.block_snps.into()),
        ("memory", job.machine.memory.into()),
    ];
    if let Analysis::Association(association) = &job.analysis {
        all.push(("all-snps", association.all_snps.into()));
        all.push(("with-info", association.with_info.into()));
        all.push(("method", format!("{:?}", association.method).into()));
    }
    if let Some(files) = &job.files {
        let formats = files.formats.iter().map(|format| format.name());
        all.push(("outdir", path(&files.directory)));
        all.push(("o", (&files.prefix).into()));
        all.push(("output-format", Json::list(formats)));
        all.push(("columns", files.columns.name().into()));
        all.push(("long", files.is_long.into()));
        let matrices = match files.matrices {
            MatrixFormat::Npy => "npy",
            _ => "txt",
        };
        all.push(("format", matrices.into()));
    }
    all
}

fn condition(job: &Job) -> Json {
    match &job.condition {
        None => Json::Null,
        Some(Input::File(file)) => path(file),
        Some(Input::Memory(ids)) => Json::list(ids.iter().map(ToString::to_string)),
    }
}

fn second_kinship(job: &Job) -> Json {
    match &job.second_kinship {
        None => Json::Null,
        Some(Input::File(file)) => path(&file.path),
        Some(Input::Memory(_)) => "in memory".into(),
    }
}

fn analysis(of: &Analysis) -> &'static str {
    match of {
        Analysis::Kinship(_) => "gk",
        Analysis::Eigen(_) => "eigen",
        Analysis::Residuals { .. } => "lmm 5",
        Analysis::Association(association) if association.kinship.is_none() => "lm",
        Analysis::Association(_) => "lmm",
    }
}

fn genotypes(of: &GenotypeInput) -> Json {
    match of {
        GenotypeInput::Source(_) => "in memory".into(),
        GenotypeInput::Files(GenotypeFiles::Plink(prefix)) => path(prefix),
        GenotypeInput::Files(files) => files.paths().first().map(|first| path(first)).into(),
    }
}

fn phenotypes(job: &Job) -> Json {
    let Input::File(columns) = &job.traits.phenotypes else {
        return "in memory".into();
    };
    let chosen = match &columns.columns {
        Columns::Listed(numbers) => Json::list(numbers.iter().copied()),
        Columns::Named(names) => Json::list(names),
        Columns::All => "all".into(),
        Columns::First => "first".into(),
    };
    Json::object([
        (
            "file",
            (columns.file.as_ref()).map(|file| path(file.path())).into(),
        ),
        ("columns", chosen),
    ])
}

fn kinship(of: &Analysis) -> Json {
    let computed = |kinship: &ComputedKinship| {
        Json::object([
            (
                "computed",
                match kinship.kind {
                    KinshipKind::Centred => "centred",
                    KinshipKind::Standardised => "standardised",
                }
                .into(),
            ),
            (
                "kinship-qc",
                match kinship.qc {
                    QcOn::Analysed => "analysed",
                    QcOn::All => "all",
                }
                .into(),
            ),
            ("ksnps", kinship.snps.is_some().into()),
        ])
    };
    if let Some(kinship) = of.computed_kinship() {
        return computed(kinship);
    }
    match of.kinship() {
        None => Json::Null,
        Some(KinshipInput::Matrix(Input::File(file))) => Json::object([
            ("file", path(&file.path)),
            (
                "km",
                match file.layout {
                    KinshipLayout::Square => 1_usize,
                    KinshipLayout::Triplets => 2,
                }
                .into(),
            ),
        ]),
        Some(KinshipInput::Eigen(Input::File(files))) => {
            Json::object([("d", path(&files.values)), ("u", path(&files.vectors))])
        }
        Some(_) => "in memory".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_has_the_checksum_of_its_bytes_and_a_large_one_that_of_its_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let bytes: Vec<u8> = (0..3 * END_BYTES).map(|i| (i * i % 251) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        let expected = |parts: &[&[u8]]| {
            let mut content = Content::default();
            parts.iter().for_each(|part| content.add(part));
            content.digest()
        };
        let found = |is_whole| {
            let content = checksum(&path, bytes.len() as u64, is_whole);
            content.unwrap().digest()
        };
        assert_eq!(found(true), expected(&[&bytes]));
        let end = END_BYTES as usize;
        assert_eq!(found(false), expected(&[&bytes[..end], &bytes[2 * end..]]));
    }
}
