//! The `.bim` file: the SNPs of the genotypes.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;

use super::bim_line::{parse_delimited, parse_line};
use super::layout::{self, Layout, Split, TextFile};
pub use super::snp::Snp;
use super::text::{LineBatch, MANY_MORE, count, for_each_batch_of};
use crate::error::{Error, Result};

/// All SNPs of a `.bim` in its order, one column per property: about 40 bytes per SNP.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SnpTable {
    chromosomes: Vec<Box<str>>,
    alleles: Vec<Box<str>>,
    chr: Vec<u32>,     // index into `chromosomes`
    allele1: Vec<u32>, // index into `alleles`
    allele0: Vec<u32>,
    ps: Vec<i64>,
    rs: String,          // all ids, concatenated
    rs_ends: Vec<usize>, // end of each id in `rs`
}

impl SnpTable {
    /// The number of SNPs.
    pub fn len(&self) -> usize {
        self.ps.len()
    }

    /// Whether the table has no SNPs; never true for a table from [`read_bim`].
    pub fn is_empty(&self) -> bool {
        self.ps.is_empty()
    }

    /// SNP `i`, 0-based. Panics if `i` is not below [`len`](Self::len).
    pub fn get(&self, i: usize) -> Snp<'_> {
        Snp {
            chr: &self.chromosomes[self.chr[i] as usize],
            rs: self.rs(i),
            ps: self.ps[i],
            allele1: &self.alleles[self.allele1[i] as usize],
            allele0: &self.alleles[self.allele0[i] as usize],
        }
    }

    /// All SNPs in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Snp<'_>> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// The distinct chromosomes, in the order of their first SNP.
    pub fn chromosomes(&self) -> &[Box<str>] {
        &self.chromosomes
    }

    /// For each SNP, the index of its chromosome in [`chromosomes`](Self::chromosomes).
    pub fn chr_indices(&self) -> &[u32] {
        &self.chr
    }

    /// The distinct alleles, in the order of their first occurrence.
    pub fn alleles(&self) -> &[Box<str>] {
        &self.alleles
    }

    /// For each SNP, the indices of allele1 and allele0 in [`alleles`](Self::alleles).
    pub fn allele_indices(&self) -> [&[u32]; 2] {
        [&self.allele1, &self.allele0]
    }

    /// A table of SNPs that do not come from a file.
    pub fn of<'a>(snps: impl Iterator<Item = Snp<'a>>) -> Self {
        let mut table = SnpTableBuilder::default();
        snps.for_each(|snp| table.push(snp));
        table.finish()
    }

    fn rs(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.rs_ends[i - 1] };
        &self.rs[start..self.rs_ends[i]]
    }

    /// Reserves memory for about `n_snps` SNPs with ids of ten characters.
    fn reserve(&mut self, n_snps: usize) {
        for column in [&mut self.chr, &mut self.allele1, &mut self.allele0] {
            column.reserve(n_snps);
        }
        self.ps.reserve(n_snps);
        self.rs.reserve(10 * n_snps);
        self.rs_ends.reserve(n_snps);
    }

    fn shrink_to_fit(&mut self) {
        for column in [&mut self.chr, &mut self.allele1, &mut self.allele0] {
            column.shrink_to_fit();
        }
        self.ps.shrink_to_fit();
        self.rs.shrink_to_fit();
        self.rs_ends.shrink_to_fit();
    }
}

/// Length of the shortest line in bytes: six columns of one letter.
const SHORTEST_LINE: usize = 12;

/// Lines that one task parses.
const PIECE_LINES: usize = if cfg!(test) { 8 } else { 1 << 13 };

/// The lines parsed by one task.
#[derive(Default)]
struct Piece {
    chromosomes: Interner,
    alleles: Interner,
    rs: String,
    lines: Vec<PieceLine>,
}

/// One line of a piece; texts are indices into those of the piece.
struct PieceLine {
    chr: u32,
    allele1: u32,
    allele0: u32,
    ps: i64,
    rs_end: usize,
}

impl Piece {
    fn parse<'b>(
        batch: &'b LineBatch,
        lines: Range<usize>,
        parse: impl Fn(u64, &'b str) -> Result<Snp<'b>>,
    ) -> Result<Self> {
        let mut piece = Self::default();
        piece.lines.reserve_exact(lines.len());
        for i in lines {
            let (line, text) = batch.get(i);
            let snp = parse(line, text)?;
            piece.rs.push_str(snp.rs);
            piece.lines.push(PieceLine {
                chr: piece.chromosomes.index(snp.chr),
                allele1: piece.alleles.index(snp.allele1),
                allele0: piece.alleles.index(snp.allele0),
                ps: snp.ps,
                rs_end: piece.rs.len(),
            });
        }
        Ok(piece)
    }
}

/// A table to which SNPs or the lines of a file are added.
#[derive(Default)]
pub struct SnpTableBuilder {
    table: SnpTable,
    chromosomes: Interner,
    alleles: Interner,
}

impl SnpTableBuilder {
    /// Adds a SNP.
    pub fn push(&mut self, snp: Snp<'_>) {
        let table = &mut self.table;
        table.chr.push(self.chromosomes.index(snp.chr));
        table.allele1.push(self.alleles.index(snp.allele1));
        table.allele0.push(self.alleles.index(snp.allele0));
        table.ps.push(snp.ps);
        table.rs.push_str(snp.rs);
        table.rs_ends.push(table.rs.len());
    }

    /// The number of SNPs so far.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Reserves memory for about `n_snps` SNPs with ids of ten characters.
    ///
    /// Growing columns would leave their earlier allocations behind: a quarter of the memory for millions of SNPs.
    pub(super) fn reserve(&mut self, n_snps: usize) {
        self.table.reserve(n_snps);
    }

    /// Adds the SNPs on some lines of a batch, which are parsed on all threads.
    pub(super) fn add<'b>(
        &mut self,
        batch: &'b LineBatch,
        lines: Range<usize>,
        parse: impl Fn(u64, &'b str) -> Result<Snp<'b>> + Sync,
    ) -> Result<()> {
        let pieces: Vec<Result<Piece>> = (0..lines.len().div_ceil(PIECE_LINES))
            .into_par_iter()
            .map(|piece| {
                let first = lines.start + piece * PIECE_LINES;
                Piece::parse(batch, first..lines.end.min(first + PIECE_LINES), &parse)
            })
            .collect();
        for piece in pieces {
            self.append(&piece?);
        }
        Ok(())
    }

    /// Appends the lines of a piece, and maps its indices of chromosomes and alleles to those of the table.
    fn append(&mut self, piece: &Piece) {
        let indices = |own: &Interner, all: &mut Interner| -> Vec<u32> {
            own.texts.iter().map(|text| all.index(text)).collect()
        };
        let chr = indices(&piece.chromosomes, &mut self.chromosomes);
        let allele = indices(&piece.alleles, &mut self.alleles);
        let table = &mut self.table;
        let before = table.rs.len();
        for line in &piece.lines {
            table.chr.push(chr[line.chr as usize]);
            table.allele1.push(allele[line.allele1 as usize]);
            table.allele0.push(allele[line.allele0 as usize]);
            table.ps.push(line.ps);
            table.rs_ends.push(before + line.rs_end);
        }
        table.rs.push_str(&piece.rs);
    }

    /// The complete table.
    #[must_use]
    pub fn finish(self) -> SnpTable {
        let mut table = self.table;
        table.chromosomes = self.chromosomes.texts;
        table.alleles = self.alleles.texts;
        table.shrink_to_fit();
        table
    }
}

/// Reads a `.bim`: chromosome, id, cM, position, allele1 and allele0, separated by spaces or tabs.
///
/// Texts are kept unchanged and ids may repeat; columns beyond the sixth are ignored. Fails on a line with fewer than
/// six columns or a different number from the first line, a cM that is not a number, a position that is not an integer,
/// an empty cell, a cell with a space between tabs, a header, and an empty file.
pub fn read_bim(path: &Path) -> Result<SnpTable> {
    read_bim_of(path, usize::MAX)
}

/// As [`read_bim`], for genotypes of at most `most` SNPs: a file with far more lines is rejected before it is read to
/// the end.
pub fn read_bim_of(path: &Path, most: usize) -> Result<SnpTable> {
    layout::read(path, |file, split| read_split(file, split, most))
}

/// As [`read_bim_of`], for a file of which all bytes are in memory; `path` is its name in messages, perhaps a URL.
#[cfg(feature = "cloud")]
pub(crate) fn read_bim_in(path: &Path, bytes: Vec<u8>, most: usize) -> Result<SnpTable> {
    layout::read_file(&TextFile::of_bytes(path, bytes), |file, split| {
        read_split(file, split, most)
    })
}

fn read_split(file: &TextFile, split: Split<false>, most: usize) -> Result<SnpTable> {
    let path = file.path();
    let mut table = SnpTableBuilder::default();
    let mut layout = None;
    for_each_batch_of(file.lines(split)?, None, |batch, n_before| {
        if n_before > most.saturating_add(MANY_MORE) {
            return Err(Error::inconsistent(
                format!(
                    "{}: more than {n_before} lines, but the .bed is large enough for at most {}",
                    path.display(),
                    count(most, "SNP")
                ),
                "the .bed, .bim and .fam must come from one PLINK run",
            ));
        }
        let layout = *layout.get_or_insert_with(|| Layout::of_batch(split, batch));
        if table.len() == 0 {
            let bytes = file.size() as usize;
            let per_line = (batch.n_bytes() / batch.len().max(1)).max(SHORTEST_LINE);
            table.reserve(bytes / per_line + bytes / per_line / 16);
        }
        table.add(batch, 0..batch.len(), |line, text| {
            if layout.is_delimited() {
                parse_delimited(path, &layout, line, text)
            } else {
                parse_line(path, &layout, line, text)
            }
        })
    })?;
    if table.len() == 0 {
        return Err(Error::malformed(
            path,
            "the file lists no SNPs",
            "give the .bim that belongs to the .bed, with one line per SNP",
        ));
    }
    Ok(table.finish())
}

/// Assigns an index, counted from 0, to each distinct text.
#[derive(Default)]
struct Interner {
    texts: Vec<Box<str>>,
    indices: HashMap<Box<str>, u32>,
    latest: u32, // the chromosome stays the same for many lines
    letters: Letters,
}

/// Index plus 1 of each one-byte text, 0 if unknown: nearly all alleles are one letter.
struct Letters([u32; 128]);

impl Default for Letters {
    fn default() -> Self {
        Self([0; 128])
    }
}

impl Interner {
    fn index(&mut self, text: &str) -> u32 {
        if let &[letter] = text.as_bytes() {
            let known = self.letters.0[letter as usize];
            if known > 0 {
                return known - 1;
            }
            let index = self.find_or_add(text);
            self.letters.0[letter as usize] = index + 1;
            return index;
        }
        if self.texts.get(self.latest as usize).map(|latest| &**latest) != Some(text) {
            self.latest = self.find_or_add(text);
        }
        self.latest
    }

    fn find_or_add(&mut self, text: &str) -> u32 {
        if let Some(&index) = self.indices.get(text) {
            return index;
        }
        let index = u32::try_from(self.texts.len()).expect("fewer than 2^32 distinct texts");
        self.texts.push(text.into());
        self.indices.insert(text.into(), index);
        index
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn read(content: impl AsRef<[u8]>) -> Result<SnpTable> {
        read_bim(file(content).path())
    }

    const BIM: &str =
        "1\trs1\t0\t100\tA\tG\tx\n1 rs2 1.5  -7 ACGT é extra\nchrX\trs1\t0\t+3\tG\tACGT\ty\n";

    fn assert_is_bim(table: &SnpTable) {
        let expected = [
            ("1", "rs1", 100, "A", "G"),
            ("1", "rs2", -7, "ACGT", "é"),
            ("chrX", "rs1", 3, "G", "ACGT"),
        ];
        assert_eq!(table.len(), 3);
        for (snp, (chr, rs, ps, allele1, allele0)) in table.iter().zip(expected) {
            let expected = Snp {
                chr,
                rs,
                ps,
                allele1,
                allele0,
            };
            assert_eq!(snp, expected);
        }
    }

    #[test]
    fn columns_are_read_in_order_and_texts_pass_untouched() {
        let table = read(BIM).unwrap();
        assert_is_bim(&table);
        assert_eq!(table.chromosomes(), ["1".into(), "chrX".into()]);
        assert_eq!(table.chr_indices(), [0, 0, 1]);
        assert!(!table.is_empty());
    }

    #[test]
    fn crlf_gzip_and_no_final_newline_change_nothing() {
        assert_is_bim(&read(BIM.replace('\n', "\r\n")).unwrap());
        assert_is_bim(&read(gzip(BIM)).unwrap());
        assert_is_bim(&read(BIM.trim_end()).unwrap());
        assert_is_bim(&read(format!("{BIM}\n\n")).unwrap());
        // The carriage return must not end up in allele0, as it does in GEMMA.
        assert_eq!(read("1 a 0 1 A G\r\n").unwrap().get(0).allele0, "G");
    }

    #[test]
    fn a_text_that_occurs_again_keeps_its_index() {
        let lines = (0..40).map(|i| format!("c{} s{i} 0 {i} A{} C\n", i % 3, i % 5));
        let table = read(lines.collect::<String>()).unwrap();
        for (i, snp) in table.iter().enumerate() {
            assert_eq!(snp.chr, format!("c{}", i % 3));
            assert_eq!(snp.rs, format!("s{i}"));
            assert_eq!(snp.allele1, format!("A{}", i % 5));
            assert_eq!((snp.ps, snp.allele0), (i as i64, "C"));
        }
        assert_eq!(table.chromosomes().len(), 3);
        assert_eq!(table.alleles.len(), 6);
    }

    #[test]
    fn a_malformed_line_is_named_with_its_snp() {
        let good = "1 rs1 0 1 A G\n";
        let second = |line: &str| read(format!("{good}{line}\n"));
        assert_fails(
            second("1 rs2 0 5 A"),
            &[":2: the line has 5 columns, expected 6"],
        );
        assert_fails(second("rs2"), &[":2: the line has 1 column, expected 6"]);
        assert_fails(
            second("1 rs2 0 1e5 A G"),
            &[":2: column 4 (position) of SNP rs2 is \"1e5\"", "exponent"],
        );
        assert_fails(second("1 rs2 0 x A G"), &["is \"x\", expected an integer"]);
        assert_fails(
            second("1 rs2 0 1.5 A G"),
            &["is \"1.5\", expected an integer"],
        );
        assert_fails(
            second("1 rs2 NA 5 A G"),
            &[":2: column 3 (cM) of SNP rs2 is \"NA\"", "write 0"],
        );
        assert_fails(second("1 rs2 nan 5 A G"), &["\"nan\", expected a number"]);
    }

    #[test]
    fn every_line_has_the_columns_of_the_first_whichever_piece_it_is_in() {
        let line = |i: usize| format!("1\trs{i}\t0\t{i}\tA\tG\n");
        for odd in [0, 1, 7, 8, 500, 999] {
            let text = |extra: &str| -> String {
                let end = |i: usize| if i == odd { extra } else { "G" };
                (0..1000).map(|i| line(i).replace('G', end(i))).collect()
            };
            assert_fails(read(text("G\tx")), &["columns, but line 1 has"]);
            assert_fails(read(text("")), &["column 6 (allele0) is empty"]);
            let with_empty_cm = text("G").replace(&format!("rs{odd}\t0"), &format!("rs{odd}\t"));
            let table = read(with_empty_cm).unwrap();
            assert_eq!((table.len(), table.get(odd).ps), (1000, odd as i64));
        }
    }

    #[test]
    fn a_header_is_an_error() {
        assert_fails(
            read("chr snp cm pos a1 a2\n1 rs1 0 1 A G\n"),
            &[
                ":1: the first line looks like a header: \"chr snp",
                "remove",
            ],
        );
    }

    #[test]
    fn a_file_without_snps_is_an_error() {
        assert_fails(read(""), &["lists no SNP", ".bim"]);
        assert_fails(read("\n"), &["lists no SNP"]);
    }
}
