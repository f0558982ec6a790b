//! The index that bgenix writes beside a BGEN file: an SQLite database `FILE.bgen.bgi`.

use super::allele::Allele;
use super::block::word;
use super::header::Header;
use super::index::{Index, IndexBuilder, Place};
use rusqlite::{Connection, OpenFlags, Row};
use std::path::{Path, PathBuf};

/// The order of the file, not that of the key, in which chromosomes are texts.
const SNPS: &str = "SELECT chromosome, position, rsid, number_of_alleles, allele1, allele2, \
                    file_start_position, size_in_bytes FROM Variant ORDER BY file_start_position";
const METADATA: &str = "SELECT file_size, first_1000_bytes FROM Metadata";

/// The path of the index of a BGEN file.
pub(crate) fn bgi_path(bgen: &Path) -> PathBuf {
    let mut path = bgen.as_os_str().to_owned();
    path.push(".bgi");
    path.into()
}

/// The index beside a file; `None` if there is none, and the reason if it cannot be used.
pub(super) fn read(header: &Header, counted: Allele) -> Option<Result<Index, String>> {
    let path = bgi_path(&header.path);
    path.is_file().then(|| {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let database = Connection::open_with_flags(&path, flags).map_err(unreadable)?;
        check_metadata(&database, header)?;
        read_snps(&database, header, counted)
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the argument of map_err")]
fn unreadable(error: rusqlite::Error) -> String {
    format!("it cannot be read as an SQLite database of bgenix ({error})")
}

/// Fails if the index is that of another file, or of an earlier version of the file.
fn check_metadata(database: &Connection, header: &Header) -> Result<(), String> {
    let (size, start): (i64, Vec<u8>) = database
        .query_row(METADATA, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(unreadable)?;
    if u64::try_from(size) != Ok(header.file_bytes) {
        return Err(format!(
            "it is that of a file of {size} bytes, but the file has {}",
            header.file_bytes
        ));
    }
    if start != header.start {
        return Err("it is that of a file with other first 1000 bytes".into());
    }
    Ok(())
}

/// Reads the SNPs, which must lie without a gap from the header to the end of the file.
fn read_snps(database: &Connection, header: &Header, counted: Allele) -> Result<Index, String> {
    let mut statement = database.prepare(SNPS).map_err(unreadable)?;
    let mut rows = statement.query([]).map_err(unreadable)?;
    let mut index = IndexBuilder::default();
    let (mut n_snps, mut end) = (0_u32, header.first_snp);
    while let Some(row) = rows.next().map_err(unreadable)? {
        let place = place(row).map_err(unreadable)?;
        if place.start != end || place.length > header.file_bytes - end {
            return Err(format!(
                "its SNP {} is at byte {}, but the file has a SNP at byte {end}",
                n_snps.saturating_add(1),
                place.start
            ));
        }
        end += place.length;
        n_snps = n_snps.saturating_add(1);
        add(row, place, counted, &mut index)?;
    }
    if end != header.file_bytes || n_snps != header.n_snps {
        return Err(format!(
            "it lists {n_snps} SNPs up to byte {end}, but the file has {} up to byte {}",
            header.n_snps, header.file_bytes
        ));
    }
    index.finish(header).map_err(|error| error.to_string())
}

fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    let number = |column: usize| -> rusqlite::Result<u64> {
        let number = row.get::<_, i64>(column)?;
        Ok(u64::try_from(number).unwrap_or(u64::MAX))
    };
    Ok(Place {
        start: number(6)?,
        length: number(7)?,
    })
}

/// Adds a SNP to `index`.
fn add(
    row: &Row<'_>,
    place: Place,
    counted: Allele,
    index: &mut IndexBuilder,
) -> Result<(), String> {
    let text = |column: usize| {
        let value = row.get_ref(column).map_err(unreadable)?;
        let bytes = value.as_bytes_or_null();
        bytes
            .map(Option::unwrap_or_default)
            .map_err(|error| error.to_string())
    };
    let number = |column: usize| row.get::<_, i64>(column).map_err(unreadable);
    let rsid = text(2)?;
    if rsid.is_empty() {
        // The index has no column for it.
        return Err("a SNP has no rsid, and its variant id is only in the BGEN file".into());
    }
    let n_alleles = number(3)?;
    if n_alleles != 2 {
        index.skip(&String::from_utf8_lossy(rsid), n_alleles.unsigned_abs());
        return Ok(());
    }
    let alleles = [
        word(text(4)?, "an allele", ".")?,
        word(text(5)?, "an allele", ".")?,
    ];
    let chromosome = word(text(0)?, "a chromosome", "0")?;
    let rsid = word(rsid, "an id", ".")?;
    index.push(counted.record(chromosome, rsid, number(1)?, alleles), place);
    Ok(())
}
