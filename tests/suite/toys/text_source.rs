//! A source of genotypes in one file: dosages as text, whose SNPs are known only as they are read.

use jamma::error::{Error, Result};
use jamma::genotype::{Encoding, GenotypeBlock, Genotypes};
use jamma::io::bim::{Snp, SnpTable};
use jamma::io::fam::Individual;
use jamma::sources::{GenotypeBlocks, GenotypeSource};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A text file with one SNP a line: chromosome, id, position, allele1, allele0, then a dosage or `NA` for each individual.
#[derive(Debug)]
pub struct TextSource {
    path: PathBuf,
    individuals: Vec<Individual>,
}

impl TextSource {
    /// The dosages in `path`, of these individuals in this order.
    pub fn open(path: &Path, individuals: Vec<Individual>) -> Result<Self> {
        File::open(path).map_err(Error::io("open", path))?;
        Ok(Self {
            path: path.to_path_buf(),
            individuals,
        })
    }
}

impl GenotypeSource for TextSource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        None
    }

    fn encoding(&self) -> Encoding {
        Encoding::Dosage
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        assert!(block_snps > 0, "a block has SNPs");
        let file = File::open(&self.path).map_err(Error::io("open", &self.path))?;
        let mut blocks = TextBlocks {
            path: self.path.clone(),
            n: self.individuals.len(),
            lines: BufReader::new(file),
            left: snps.clone(),
            block_snps,
        };
        for _ in 0..snps.start {
            if blocks.line()?.is_none() {
                break;
            }
        }
        Ok(Box::new(blocks))
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }
}

struct TextBlocks {
    path: PathBuf,
    n: usize,
    lines: BufReader<File>,
    /// SNPs not yet handed out.
    left: Range<usize>,
    block_snps: usize,
}

impl TextBlocks {
    /// The next line; `None` at the end of the file.
    fn line(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        let n_bytes = self.lines.read_line(&mut line);
        let n_bytes = n_bytes.map_err(Error::io("read", &self.path))?;
        Ok((n_bytes > 0).then_some(line))
    }

    /// Adds the dosages of a line, after its first five words.
    fn add_dosages(&self, snp_index: usize, words: &[&str], dosages: &mut Vec<f64>) -> Result<()> {
        let expected = 5 + self.n;
        if words.len() != expected {
            return Err(Error::malformed_line(
                &self.path,
                snp_index as u64 + 1,
                format!(
                    "the line has {} words, {expected} are expected",
                    words.len()
                ),
                "give chromosome, id, position, two alleles and the dosage of each individual",
            ));
        }
        for word in &words[5..] {
            let dosage = match *word {
                "NA" => f64::NAN,
                number => self.number(snp_index, number)?,
            };
            dosages.push(dosage);
        }
        Ok(())
    }

    fn number<T: std::str::FromStr>(&self, snp_index: usize, word: &str) -> Result<T> {
        word.parse().map_err(|_| {
            let line = snp_index as u64 + 1;
            Error::malformed_line(&self.path, line, format!("{word} is not a number"), "")
        })
    }

    fn read(&mut self) -> Result<GenotypeBlock> {
        let first = self.left.start;
        let (mut dosages, mut lines) = (Vec::new(), Vec::new());
        while lines.len() < self.block_snps && !self.left.is_empty() {
            let Some(line) = self.line()? else {
                self.left.end = self.left.start;
                break;
            };
            lines.push(line);
            self.left.start += 1;
        }
        let mut snps = Vec::new();
        for (snp_index, line) in (first..).zip(&lines) {
            let words: Vec<&str> = line.split_whitespace().collect();
            self.add_dosages(snp_index, &words, &mut dosages)?;
            snps.push(Snp {
                chr: words[0],
                rs: words[1],
                ps: self.number(snp_index, words[2])?,
                allele1: words[3],
                allele0: words[4],
            });
        }
        let records = Arc::new(SnpTable::of(snps.into_iter()));
        let block = GenotypeBlock::new(first, self.n, Genotypes::Dosages(dosages));
        Ok(block.with_records(records, 0))
    }
}

impl GenotypeBlocks for TextBlocks {
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        if self.left.is_empty() {
            return None;
        }
        let block = self.read();
        if block.is_err() {
            self.left.end = self.left.start;
        }
        match block {
            Ok(block) if block.is_empty() => None,
            block => Some(block),
        }
    }
}
