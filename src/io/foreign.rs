//! Detects files that are not text by their first bytes. The message names the format and how to convert it.

use std::io::BufRead;

use super::source::Source;
use crate::error::{Error, Result};

/// A file format: its first bytes, its name, and how to convert it to text.
struct Kind {
    start: &'static [u8],
    name: &'static str,
    hint: &'static str,
}

const fn kind(start: &'static [u8], name: &'static str, hint: &'static str) -> Kind {
    Kind { start, name, hint }
}

const EXCEL: &str = "save the sheet as tab-delimited text, without a header, and give that file";

const KINDS: &[Kind] = &[
    kind(
        b"\x1f\x8b",
        "compressed twice (gzip within gzip)",
        "decompress it once with gunzip",
    ),
    kind(
        b"\x1f\x9d",
        "compressed with compress (.Z)",
        "decompress it with uncompress, or compress it with gzip",
    ),
    kind(
        b"BZh",
        "compressed with bzip2",
        "decompress it with bunzip2, or compress it with gzip",
    ),
    kind(
        b"\xfd7zXZ\0",
        "compressed with xz",
        "decompress it with unxz, or compress it with gzip",
    ),
    kind(
        b"\x28\xb5\x2f\xfd",
        "compressed with Zstandard (zstd)",
        "decompress it with unzstd, or compress it with gzip",
    ),
    kind(
        b"\x04\x22\x4d\x18",
        "compressed with LZ4",
        "decompress it with unlz4, or compress it with gzip",
    ),
    kind(
        b"7z\xbc\xaf\x27\x1c",
        "a 7-Zip archive",
        "extract the text file from it and give that file",
    ),
    kind(
        b"Rar!",
        "a RAR archive",
        "extract the text file from it and give that file",
    ),
    kind(b"\xd0\xcf\x11\xe0", "an Excel workbook (.xls)", EXCEL),
    kind(
        b"PAR1",
        "a Parquet file",
        "a table with ids is read with --pheno, --covar or --numeric; for other inputs, convert it to text: pandas.read_parquet(path).to_csv(new, sep='\\t', header=False, index=False, na_rep='NA')",
    ),
    kind(
        b"ARROW1",
        "an Arrow (Feather) file",
        "a table with ids is read with --pheno, --covar or --numeric; for other inputs, convert it to text: pandas.read_feather(path).to_csv(new, sep='\\t', header=False, index=False, na_rep='NA')",
    ),
    kind(
        b"\x89HDF",
        "an HDF5 file",
        "export the table as text and give that file",
    ),
    kind(
        b"\x93NUMPY",
        "a NumPy array",
        "name it .npy if it is a matrix for -k, -d or -u; save a table as text with numpy.savetxt",
    ),
    kind(
        b"RDX",
        "an R workspace (.RData)",
        "write the table as text in R: write.table(x, path, quote = FALSE, row.names = FALSE, col.names = FALSE)",
    ),
    kind(
        b"X\n\0\0\0",
        "an R object (.rds)",
        "write the table as text in R: write.table(x, path, quote = FALSE, row.names = FALSE, col.names = FALSE)",
    ),
    kind(b"%PDF", "a PDF document", "give a text file, plain or gzip"),
    kind(
        b"\x6c\x1b\x01",
        "a PLINK .bed file",
        "give a text file here, and the genotypes with -bfile",
    ),
    kind(
        b"SQLite format 3",
        "an SQLite database",
        "export the table as text and give that file",
    ),
    kind(
        b"\xff\xfe",
        "UTF-16 text",
        "save it as UTF-8: iconv -f utf-16 -t utf-8 OLD > NEW",
    ),
    kind(
        b"\xfe\xff",
        "UTF-16 text",
        "save it as UTF-8: iconv -f utf-16 -t utf-8 OLD > NEW",
    ),
];

/// Name and hint of the file format that starts with these bytes; `None` if it may be text.
pub(super) fn kind_of(start: &[u8]) -> Option<(&'static str, &'static str)> {
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        let names = &start[..start.len().min(4096)];
        let is_in = |text: &[u8]| names.windows(text.len()).any(|window| window == text);
        return Some(if is_in(b"[Content_Types].xml") || is_in(b"xl/") {
            ("an Excel workbook (.xlsx)", EXCEL)
        } else if is_in(b".npy") {
            (
                "a NumPy archive (.npz)",
                "save its array as .npy with numpy.save, or as text with numpy.savetxt",
            )
        } else if is_in(b"mimetypeapplication/vnd.oasis") {
            ("an OpenDocument file", EXCEL)
        } else {
            (
                "a zip archive",
                "extract the text file with unzip and give that file",
            )
        });
    }
    let text = &start[..start.len().min(512)];
    let text = text.trim_ascii_start().to_ascii_lowercase();
    if text.starts_with(b"<!doctype html") || text.starts_with(b"<html") {
        return Some((
            "a web page (HTML)",
            "the download returned a web page instead of the file: download the file itself, by its raw link",
        ));
    }
    let kind = KINDS.iter().find(|kind| start.starts_with(kind.start))?;
    Some((kind.name, kind.hint))
}

/// Fails if an open file, after decompression, starts like a file of another format.
pub(super) fn reject(source: &mut Source) -> Result<()> {
    let kind = source.fill_buf().map(kind_of);
    let Some((name, hint)) = kind.map_err(|error| source.error(error))? else {
        return Ok(());
    };
    Err(Error::malformed_line(
        source.path(),
        1,
        format!(
            "the file is {name}, not {}",
            if name.ends_with("(HTML)") {
                "a table"
            } else {
                "UTF-8 text"
            }
        ),
        hint,
    ))
}

/// The message and hint for a line that is not UTF-8 from byte `at` on.
pub(super) fn not_utf8(line: &[u8], at: usize) -> (String, String) {
    let byte = line[at];
    let is_control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
    let what = format!("byte {} of the line is not UTF-8 text", at + 1);
    // Latin-1 has letters from 0xa0 on, and Windows-1252 has a few more characters below; binary files also have
    // control characters.
    if line.iter().any(is_control) || byte < 0x80 {
        return (
            what,
            "give a text file, plain or gzip, and save it as UTF-8".into(),
        );
    }
    if byte >= 0xa0 {
        let field = line
            .split(|byte| matches!(byte, b'\t' | b' ' | b','))
            .find(|field| field.iter().any(|byte| *byte >= 0x80))
            .unwrap_or_default();
        let field: String = field.iter().take(40).map(|&byte| byte as char).collect();
        return (
            format!(
                "{what} (0x{byte:02x}): it looks like Latin-1 (ISO 8859-1, Windows-1252), in which the field is {field:?}"
            ),
            "convert the file to UTF-8: iconv -f latin1 -t utf-8 OLD > NEW; ids must be spelled the same in all files".into(),
        );
    }
    (
        format!("{what} (0x{byte:02x}): it looks like Windows-1252"),
        "convert the file to UTF-8: iconv -f windows-1252 -t utf-8 OLD > NEW; ids must be spelled the same in all files"
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::text::Lines;
    use super::super::text::testing::{assert_fails, file, gzip};

    #[test]
    fn files_of_other_kinds_are_named() {
        let xlsx = [
            b"PK\x03\x04\x14\0\0\0".as_slice(),
            &[0; 18],
            b"[Content_Types].xml",
        ]
        .concat();
        for (content, name) in [
            (xlsx.as_slice(), "Excel workbook (.xlsx)"),
            (b"PK\x03\x04\x14\0a.txt", "zip archive"),
            (b"BZh91AY&SY", "bzip2"),
            (b"\xfd7zXZ\0\0\x04", "xz"),
            (b"\x28\xb5\x2f\xfd\x04", "Zstandard"),
            (b"PAR1\x15\x04", "Parquet"),
            (b"\n<!DOCTYPE html>\n<html>", "web page"),
            (b"\x93NUMPY\x01\0", "NumPy"),
            (b"\xff\xfe1\0\n\0", "UTF-16"),
            (b"\xd0\xcf\x11\xe0\xa1", "Excel workbook (.xls)"),
        ] {
            assert_fails(
                Lines::open(file(content).path()),
                &[":1: the file is", name],
            );
            assert_fails(Lines::open(file(gzip(content)).path()), &[name]);
        }
        assert_fails(Lines::open(file(gzip(gzip("1\n"))).path()), &["twice"]);
    }

    #[test]
    fn latin_1_is_named_with_the_field() {
        let file = file(b"F1 J\xfcrgen 0 0 1 2\n");
        assert_fails(
            Lines::open(file.path()).and_then(|mut lines| lines.next_line().map(drop)),
            &[
                ":1: byte 5",
                "Latin-1",
                "\"J\u{fc}rgen\"",
                "iconv -f latin1",
            ],
        );
    }
}
