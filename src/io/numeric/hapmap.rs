//! HapMap text: a SNP a line, eleven columns, then a call of one or two letters for each individual.
//!
//! The alleles of a SNP are those of column 2, `A/C`: the first is allele0, the second is allele1, which is counted. A
//! call is two alleles (`AC`), one allele for both (`A`), or an IUPAC code of two bases (`M`). `N`, `NN`, `NA`, an empty
//! cell, and `-` or `--` if it is not an allele of the SNP, are missing. Source: TASSEL user guide, section 'Hapmap'.

use std::path::Path;

use super::super::suspect::unquoted;
use super::super::text::quoted;
use super::cells::Delimiter;
use super::header::{Header, Rows, SnpColumn};
use super::snp_map::{NO_ALLELE, Place};
use super::value::check_width;
use crate::error::{Error, Result};
use crate::io::bed::{CALLS, NO_CALL};

/// Parses a line: packs a call for each individual into `packed`, as in a `.bed`, and returns the id and place of the
/// SNP.
///
/// Fails if the number of cells differs from the header, the position is not an integer, there are more than two alleles,
/// or a call has another allele.
pub(crate) fn parse<'a>(
    (path, line, text): (&Path, u64, &'a str),
    header: &Header,
    packed: &mut [u8],
) -> Result<(&'a str, Place)> {
    let mut rest = Some(text.as_bytes());
    let delimiter = header.delimiter;
    let mut next = || {
        delimiter
            .next(&mut rest)
            .map(|cell| as_text(cell, delimiter))
    };
    let n_columns = Rows::HapMap.n_columns();
    let width = n_columns + header.names.len();
    let cells: Vec<&str> = std::iter::from_fn(&mut next).take(n_columns).collect();
    if cells.len() < n_columns {
        check_width(path, line, cells.len(), width)?;
    }
    let rs = cells[0];
    if rs.is_empty() {
        let hint = "give each SNP an id in column 1";
        return Err(Error::malformed_line(
            path,
            line,
            "the row has no SNP id",
            hint,
        ));
    }
    let at = (path, line, rs);
    let alleles = alleles(at, cells[1])?;
    let mut place = Place::default();
    place.set(SnpColumn::Chromosome, cells[2], at)?;
    place.set(SnpColumn::Position, cells[3], at)?;
    place.set(SnpColumn::Allele0, alleles[0], at)?;
    place.set(SnpColumn::Allele1, alleles[1], at)?;
    packed.fill(0);
    let mut n_calls = 0;
    while let Some(cell) = next() {
        n_calls += 1;
        let Some(iid) = header.names.get(n_calls - 1) else {
            continue;
        };
        let code = code(alleles, cell).ok_or_else(|| {
            Error::malformed_line(
                path,
                line,
                format!(
                    "the call of individual {iid} at SNP {rs} is {}, expected alleles {} and {}, or N",
                    quoted(cell),
                    alleles[0],
                    alleles[1]
                ),
                "give one or two letters of the alleles in column 2; split a SNP of several alleles",
            )
        })?;
        packed[(n_calls - 1) / 4] |= code << (2 * ((n_calls - 1) % 4));
    }
    check_width(path, line, n_columns + n_calls, width)?;
    Ok((rs, place))
}

fn as_text(cell: &[u8], delimiter: Delimiter) -> &str {
    let text = std::str::from_utf8(cell).unwrap_or_default();
    match delimiter {
        Delimiter::Blank => text,
        Delimiter::Tab | Delimiter::Comma => unquoted(text.trim()),
    }
}

/// Allele0 and allele1; an allele that the file does not give is [`NO_ALLELE`].
fn alleles<'a>((path, line, rs): (&Path, u64, &str), cell: &'a str) -> Result<[&'a str; 2]> {
    let mut alleles = cell
        .split('/')
        .filter(|allele| !["", "N", "NA"].contains(allele));
    let found = [alleles.next(), alleles.next(), alleles.next()];
    let is_letter = |allele: &str| allele.len() == 1;
    match found {
        [_, _, None] if found.into_iter().flatten().all(is_letter) => {
            let allele0 = found[0].unwrap_or(NO_ALLELE);
            let allele1 = found[1].filter(|&allele| allele != allele0);
            Ok([allele0, allele1.unwrap_or(NO_ALLELE)])
        }
        _ => Err(Error::malformed_line(
            path,
            line,
            format!(
                "the alleles of SNP {rs} are {}, expected two letters such as A/C",
                quoted(cell)
            ),
            "give SNPs of two alleles; split a SNP of several alleles",
        )),
    }
}

/// The two-bit code of a call, as in a `.bed`; `None` if it has another allele.
fn code([allele0, allele1]: [&str; 2], call: &str) -> Option<u8> {
    let of = |letter: u8| {
        let is = |allele: &str| allele.as_bytes().eq_ignore_ascii_case(&[letter]);
        if is(allele0) {
            Some(0)
        } else {
            is(allele1).then_some(1)
        }
    };
    match *call.as_bytes() {
        [one] => match of(one) {
            Some(copies) => Some(CALLS[2 * copies]),
            None => match one.to_ascii_uppercase() {
                b'N' | b'-' => Some(NO_CALL),
                iupac => two_bases(iupac)
                    .and_then(|[a, b]| Some(of(a)? + of(b)?))
                    .filter(|&copies| copies == 1)
                    .map(|copies| CALLS[copies]),
            },
        },
        [a, b] => match (of(a), of(b)) {
            (Some(a), Some(b)) => Some(CALLS[a + b]),
            _ => ["NN", "NA", "--"]
                .iter()
                .any(|m| call.eq_ignore_ascii_case(m))
                .then_some(NO_CALL),
        },
        [] => Some(NO_CALL),
        _ => None,
    }
}

/// The bases of an IUPAC code; `0` is an insertion and its absence, as in TASSEL.
fn two_bases(code: u8) -> Option<[u8; 2]> {
    Some(match code {
        b'R' => *b"AG",
        b'Y' => *b"CT",
        b'S' => *b"CG",
        b'W' => *b"AT",
        b'K' => *b"GT",
        b'M' => *b"AC",
        b'0' => *b"+-",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::{assert_fails, file};
    use super::*;

    const HEADER: &str = "rs#\talleles\tchrom\tpos\tstrand\tassembly#\tcenter\tprotLSID\tassayLSID\tpanelLSID\tQCcode";

    fn parsed(alleles: &str, calls: &[&str]) -> Result<(Place, Vec<u8>)> {
        let names: Vec<String> = (0..calls.len()).map(|i| format!("i{i}")).collect();
        let header = Header::read(
            file(format!("{HEADER}\t{}\n", names.join("\t"))).path(),
            None,
        )
        .unwrap();
        let row = format!(
            "rs1\t{alleles}\t3\t77\t+\tNA\tNA\tNA\tNA\tNA\tNA\t{}",
            calls.join("\t")
        );
        let mut packed = vec![0xff; calls.len().div_ceil(4)];
        parse((Path::new("h.txt"), 2, &row), &header, &mut packed).map(|(_, place)| (place, packed))
    }

    #[test]
    fn calls_count_the_second_allele() {
        let (place, packed) = parsed(
            "A/C",
            &[
                "AA", "AC", "CA", "CC", "NN", "A", "C", "M", "N", "m", "--", "",
            ],
        )
        .unwrap();
        assert_eq!(
            (&*place.chr, place.ps, &*place.allele1, &*place.allele0),
            ("3", 77, "C", "A")
        );
        assert_eq!(packed, [0b00_10_10_11, 0b10_00_11_01, 0b01_01_10_01]);
        let (_, packed) = parsed("+/-", &["+", "-", "0", "--", "+-"]).unwrap();
        assert_eq!(packed, [0b00_10_00_11, 0b10]);
        let (place, packed) = parsed("G", &["GG", "N"]).unwrap();
        assert_eq!(
            (&*place.allele1, &*place.allele0, packed),
            ("NA", "G", vec![0b01_11])
        );
    }

    #[test]
    fn other_alleles_and_widths_are_errors() {
        assert_fails(
            parsed("A/C", &["AA", "AT"]),
            &[
                "h.txt:2: the call of individual i1 at SNP rs1 is \"AT\"",
                "A and C",
            ],
        );
        assert_fails(parsed("A/C", &["W"]), &["is \"W\""]);
        assert_fails(parsed("A/C", &["AAA"]), &["is \"AAA\""]);
        assert_fails(
            parsed("A/C/T", &["AA"]),
            &["the alleles of SNP rs1 are \"A/C/T\"", "two letters"],
        );
        let header = Header::read(file(format!("{HEADER}\ta\tb\n")).path(), None).unwrap();
        for (row, n) in [
            ("rs1\tA/C\t1\t5\t+\tx\tx\tx\tx\tx\tx\tAA", 12),
            ("rs1\tA/C", 2),
        ] {
            let row = parse((Path::new("h"), 3, row), &header, &mut [0]);
            assert_fails(
                row,
                &[&format!("the row has {n} cells, but the header has 13")],
            );
        }
    }
}
