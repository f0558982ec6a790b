//! The index of a VCF or BCF file (`.tbi`, `.csi`): where the records of some chromosomes are.

use super::bgzf::END;
use super::file::VcfFile;
use super::part::{AGAIN, Part};
use super::pieces::{Compression, Position};
use crate::error::{Error, Result};
use noodles::core::Position as Place;
use noodles::core::region::Interval;
use noodles::csi::BinningIndex;
use noodles::csi::binning_index::index::reference_sequence::Metadata;
use noodles::{csi, tabix};
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The part of `file` with the SNPs on the chromosomes and at the positions that are chosen, and perhaps others.
///
/// * `is_chosen`: whether a chromosome is chosen
///
/// `None` without an index; notes, also on an index that is not used, are pushed to `notes`. Fails if the index is
/// damaged, and if it has none of the chromosomes.
pub(crate) fn find_part(
    file: &VcfFile,
    is_chosen: impl Fn(&str) -> bool,
    positions: Option<&RangeInclusive<i64>>,
    notes: &mut Vec<String>,
) -> Result<Option<Part>> {
    let path = file.path();
    let Some(index_path) = path_of_index(path) else {
        return Ok(None);
    };
    if file.compression != Compression::Bgzf {
        return Ok(None);
    }
    let shown = index_path.display();
    if is_older(&index_path, path) {
        notes.push(format!(
            "{shown}: this index is older than the genotypes, so it is not used; {AGAIN}"
        ));
        return Ok(None);
    }
    let index = read_index(&index_path).map_err(|error| damaged(&index_path, &error))?;
    let names = names(&*index, file);
    let interval = interval(positions);
    let mut span: Option<[(u64, u16); 2]> = None;
    let mut spans_of_all = Vec::new();
    let mut has_chromosome = false;
    for (id, sequence) in index.reference_sequences().enumerate() {
        let name = names.get(id).map_or("", String::as_str);
        let span_of = |interval: Interval| {
            // Positions beyond those that a `.tbi` can hold are no restriction; chosen SNPs are looked for in any case.
            let chunks = index
                .query(id, interval)
                .or_else(|_| index.query(id, Interval::from(..)));
            let chunks = chunks.map_err(|error| damaged(&index_path, &error))?;
            let starts = chunks.iter().map(|chunk| <(u64, u16)>::from(chunk.start()));
            let ends = chunks.iter().map(|chunk| <(u64, u16)>::from(chunk.end()));
            Ok::<_, Error>(starts.min().zip(ends.max()))
        };
        let Some((start, end)) = span_of(Interval::from(..))? else {
            continue;
        };
        let n_records = sequence.metadata().map(Metadata::mapped_record_count);
        spans_of_all.push(([start, end], n_records));
        if !is_chosen(name) {
            continue;
        }
        has_chromosome = true;
        if let Some((start, end)) = span_of(interval)? {
            let [first, last] = span.unwrap_or([start, end]);
            span = Some([first.min(start), last.max(end)]);
        }
    }
    // The last record of a file ends where its empty last block starts; an index that ends elsewhere is of another file.
    let last = spans_of_all.iter().map(|([_, end], _)| *end).max();
    let length = path.metadata().map_err(Error::io("read", path))?.len();
    if last.is_some_and(|last| last != (length - END.len() as u64, 0)) {
        notes.push(format!(
            "{shown}: this index does not end where the genotypes end, so it is not used; {AGAIN}"
        ));
        return Ok(None);
    }
    if !has_chromosome {
        return Err(absent(&names));
    }
    // Without a record at these positions, an empty part.
    let [start, end] = span.unwrap_or([(0, 0); 2]);
    let inside = spans_of_all
        .iter()
        .filter(|([first, last], _)| *first >= start && *last <= end);
    let n_records: Option<u64> = inside.map(|(_, n)| *n).sum();
    notes.push(format!(
        "{}: only the part with the chosen chromosomes is read, by the index {shown}; SNPs elsewhere in the file are not counted",
        path.display()
    ));
    let position = |(at, skip): (u64, u16)| Position {
        at,
        skip: u64::from(skip),
    };
    Ok(Some(Part {
        start: position(start),
        end: position(end),
        n_records: n_records.filter(|_| positions.is_none()),
        index: index_path,
    }))
}

/// The file of the index next to `path`.
fn path_of_index(path: &Path) -> Option<PathBuf> {
    [".tbi", ".csi"].into_iter().find_map(|extension| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        let index = PathBuf::from(name);
        index.is_file().then_some(index)
    })
}

/// Whether the index was written before the file.
fn is_older(index: &Path, file: &Path) -> bool {
    let modified = |path: &Path| -> Option<SystemTime> { path.metadata().ok()?.modified().ok() };
    modified(index)
        .zip(modified(file))
        .is_some_and(|(index, file)| index < file)
}

fn read_index(path: &Path) -> io::Result<Box<dyn BinningIndex>> {
    if path.extension().is_some_and(|extension| extension == "tbi") {
        return Ok(Box::new(tabix::fs::read(path)?));
    }
    Ok(Box::new(csi::fs::read(path)?))
}

fn damaged(index: &Path, error: &io::Error) -> Error {
    Error::malformed(index, format!("the index is damaged: {error}"), AGAIN)
}

/// The names of the chromosomes in the order of the index: of BCF, those of the header of the file.
fn names(index: &dyn BinningIndex, file: &VcfFile) -> Vec<String> {
    if let Some(header) = index.header().filter(|_| !file.is_bcf) {
        let names = header.reference_sequence_names().iter();
        return names
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
    }
    let contigs = &file.header.contigs;
    let name = |id: usize| contigs.get(&id).cloned().unwrap_or_default();
    (0..index.reference_sequences().count()).map(name).collect()
}

/// The chosen positions. Those below 1, which an index does not have, are at its start.
fn interval(positions: Option<&RangeInclusive<i64>>) -> Interval {
    let Some(positions) = positions else {
        return Interval::from(..);
    };
    let place = |at: i64| usize::try_from(at.max(1)).ok().and_then(Place::new);
    let first = place(*positions.start()).unwrap_or(Place::MIN);
    match (*positions.end() < i64::MAX)
        .then(|| place(*positions.end()))
        .flatten()
    {
        Some(last) => Interval::from(first..=last),
        None => Interval::from(first..),
    }
}

/// The error that no record is on the chosen chromosomes.
fn absent(names: &[String]) -> Error {
    let named: Vec<&str> = names.iter().map(String::as_str).collect();
    Error::inconsistent(
        "--chr: no SNP is on these chromosomes",
        format!(
            "the chromosomes of these genotypes are {}",
            named.join(", ")
        ),
    )
}
