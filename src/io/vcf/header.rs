//! The header: individuals, declared fields and, for BCF, the dictionaries. noodles parses its lines.

use super::fault::DAMAGED;
use crate::error::{Error, Result};
use crate::io::text::quoted;
use noodles::vcf::header::Parser;
use noodles::vcf::header::parser::{Entry, ParseError};
use std::collections::HashMap;
use std::path::Path;

/// What a header declares.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Names of the individuals.
    pub(super) names: Vec<String>,
    /// FORMAT fields.
    pub(super) formats: Vec<String>,
    /// Indices of the FORMAT, INFO and FILTER ids in BCF.
    pub(super) keys: HashMap<String, usize>,
    /// Names of the chromosomes by their index in BCF.
    pub(super) contigs: HashMap<usize, String>,
    /// Number of lines.
    pub(super) n_lines: u64,
    n_keys: usize,
    n_contigs: usize,
}

/// Lines that are parsed; others, such as the history of commands, are not needed and are often malformed.
const PARSED: [&str; 4] = ["##FORMAT=", "##INFO=", "##FILTER=", "##contig="];

impl Header {
    /// Parses a header, which ends with the line `#CHROM`.
    ///
    /// * `is_bcf`: whether the dictionaries are needed; then every definition must be well-formed
    ///
    /// Fails if it is not a header of VCF 4, has no individuals, or the same individual twice.
    pub(super) fn parse(path: &Path, text: &[u8], is_bcf: bool) -> Result<Self> {
        let mut header = Self::default();
        // PASS is always the first key.
        header.add_key("PASS", None);
        let mut parser = Parser::default();
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            header.n_lines += 1;
            let malformed =
                |what: String, hint: &str| Error::malformed_line(path, header.n_lines, what, hint);
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Ok(line) = std::str::from_utf8(line) else {
                if line.starts_with(b"#CHROM") {
                    return Err(malformed(
                        "the names of the individuals are not UTF-8".into(),
                        "convert the header to UTF-8 with iconv and bcftools reheader",
                    ));
                }
                continue;
            };
            let is_first = header.n_lines == 1;
            if is_first {
                if !line.starts_with("##fileformat=VCFv4.") {
                    return Err(malformed(
                        format!(
                            "the first line is {}, expected ##fileformat=VCFv4.x",
                            quoted(line)
                        ),
                        "give a file of VCF 4 or BCF 2; vcf-convert and bcftools convert older ones",
                    ));
                }
            } else if line.starts_with("#CHROM") {
                header.names = names(path, header.n_lines, line)?;
            } else if !PARSED.iter().any(|start| line.starts_with(start)) {
                continue;
            }
            match parser.parse_partial(line.as_bytes()) {
                Ok(entry) => header.add(&entry),
                // The first of several definitions counts, as in other programs.
                Err(
                    ParseError::DuplicateInfoId(_)
                    | ParseError::DuplicateFilterId(_)
                    | ParseError::DuplicateFormatId(_)
                    | ParseError::DuplicateContigId(_),
                ) => {}
                Err(error) if is_bcf || is_first || line.starts_with("#CHROM") => {
                    return Err(malformed(
                        format!("the header line {} is malformed: {error}", quoted(line)),
                        "correct the header with bcftools reheader",
                    ));
                }
                Err(_) => {}
            }
        }
        if header.names.is_empty() {
            return Err(Error::malformed(
                path,
                "the header has no line #CHROM",
                DAMAGED,
            ));
        }
        Ok(header)
    }

    fn add(&mut self, entry: &Entry<'_>) {
        match entry {
            Entry::Format(id, field) => {
                self.formats.push((*id).to_owned());
                self.add_key(id, field.idx());
            }
            Entry::Info(id, field) => self.add_key(id, field.idx()),
            Entry::Filter(id, filter) => self.add_key(id, filter.idx()),
            Entry::Contig(id, contig) => {
                let index = contig.idx().unwrap_or(self.n_contigs);
                self.contigs.insert(index, (*id).to_owned());
                self.n_contigs = self.n_contigs.max(index.saturating_add(1));
            }
            _ => {}
        }
    }

    /// Adds an id to the dictionary; an id that is both INFO and FORMAT has one index.
    fn add_key(&mut self, id: &str, index: Option<usize>) {
        if self.keys.contains_key(id) {
            return;
        }
        let index = index.unwrap_or(self.n_keys);
        self.keys.insert(id.to_owned(), index);
        self.n_keys = self.n_keys.max(index.saturating_add(1));
    }
}

/// The names of the individuals in the line `#CHROM`.
fn names(path: &Path, line: u64, text: &str) -> Result<Vec<String>> {
    let malformed = |what: String, hint: &str| Err(Error::malformed_line(path, line, what, hint));
    let names: Vec<String> = text.split('\t').skip(9).map(str::to_owned).collect();
    if names.is_empty() {
        return malformed(
            "the file has no individuals".into(),
            "give a VCF with genotypes: the columns after FORMAT of the line #CHROM name the individuals",
        );
    }
    let mut columns = HashMap::with_capacity(names.len());
    for (name, column) in names.iter().zip(10..) {
        if name.is_empty() || name.contains(char::is_whitespace) {
            return malformed(
                format!(
                    "the individual in column {column} is named {}",
                    quoted(name)
                ),
                "name each individual with one word (bcftools reheader -s NAMES FILE)",
            );
        }
        if let Some(earlier) = columns.insert(name, column) {
            return malformed(
                format!(
                    "duplicate individual {name} in column {column}, first in column {earlier}"
                ),
                "name each individual once (bcftools reheader -s NAMES FILE)",
            );
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &[&str], is_bcf: bool) -> Result<Header> {
        let text = lines.join("\n") + "\n";
        Header::parse(Path::new("x.vcf"), text.as_bytes(), is_bcf)
    }

    const FIRST: &str = "##fileformat=VCFv4.2";
    const LAST: &str = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb";
    const GT: &str = "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">";

    #[test]
    fn keys_are_numbered_in_order_or_by_idx() {
        let filter = "##FILTER=<ID=PASS,Description=\"p\">";
        let info = "##INFO=<ID=DP,Number=1,Type=Integer,Description=\"d\">";
        let again = "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"d\">";
        let far = "##FORMAT=<ID=DS,Number=1,Type=Float,Description=\"d\",IDX=9>";
        let contigs = [
            "##contig=<ID=2>",
            "##contig=<ID=1,IDX=5>",
            "##contig=<ID=X>",
        ];
        let odd = "##GATK=<ID=\"broken";
        let [c0, c1, c2] = contigs;
        let header = parse(
            &[
                FIRST, filter, info, odd, GT, GT, again, far, c0, c1, c2, LAST,
            ],
            true,
        )
        .unwrap();
        let key = |id: &str| header.keys[id];
        assert_eq!(["PASS", "DP", "GT", "DS"].map(key), [0, 1, 2, 9]);
        assert_eq!([0, 5, 6].map(|i| &*header.contigs[&i]), ["2", "1", "X"]);
        assert_eq!(header.names, ["a", "b"]);
        assert_eq!(header.formats, ["GT", "DP", "DS"]);
        assert_eq!(header.n_lines, 12);
    }

    #[test]
    fn a_malformed_definition_matters_only_to_bcf() {
        let bad = "##FORMAT=<ID=DS,Number=1>";
        assert!(parse(&[FIRST, bad, LAST], false).is_ok());
        let text = parse(&[FIRST, bad, LAST], true).unwrap_err().to_string();
        assert!(text.starts_with("x.vcf:2: the header line"), "{text}");
    }

    #[test]
    fn headers_without_distinct_individuals_are_errors() {
        let with = |names: &str| parse(&[FIRST, &LAST.replace("\ta\tb", names)], false);
        for (names, message) in [
            (
                "\ta\tb\ta",
                "x.vcf:2: duplicate individual a in column 12, first in column 10",
            ),
            ("", "x.vcf:2: the file has no individuals"),
            ("\ta\t", "column 11 is named \"\""),
            ("\ta b", "column 10 is named \"a b\""),
        ] {
            let text = with(names).unwrap_err().to_string();
            assert!(text.contains(message), "{text}");
        }
        for lines in [vec!["#CHROM"], vec![FIRST], vec![FIRST, "#CHROM\tPOS\ta"]] {
            assert!(parse(&lines, false).is_err(), "{lines:?}");
        }
    }
}
