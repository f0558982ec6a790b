//! Small simulated studies, the same in every run, and their PLINK files.
#![allow(dead_code, reason = "each module uses a part of it")]

use std::fmt::Write as _;
use std::path::Path;

/// Random numbers from a seed (xorshift64*).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Uniform on [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A random integer below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }

    /// Standard normal, as the sum of twelve uniforms.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// 0, 1, … n − 1 in random order.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

/// Genotypes and one phenotype.
#[derive(Debug, Clone)]
pub struct Study {
    /// FID and IID.
    pub individuals: Vec<(String, String)>,
    /// Copies of allele1, SNP by SNP; `None` is a missing call.
    pub snps: Vec<Vec<Option<u8>>>,
    /// The phenotype as in the `.fam` file.
    pub phenotype: Vec<String>,
    /// allele1 and allele0 of every SNP.
    pub alleles: [&'static str; 2],
}

impl Study {
    /// `n` individuals in families of four sibs, `p` SNPs with about 1 % of the calls missing, and a heritable phenotype.
    pub fn simulate(seed: u64, n: usize, p: usize) -> Self {
        let mut random = Random::new(seed);
        let snps: Vec<Vec<Option<u8>>> = (0..p).map(|_| siblings(&mut random, n)).collect();
        let genetic: Vec<f64> = (0..p)
            .map(|_| random.normal() / (0.4 * p as f64).sqrt())
            .collect();
        let phenotype = (0..n)
            .map(|i| {
                let g: f64 = snps
                    .iter()
                    .zip(&genetic)
                    .map(|(x, b)| f64::from(x[i].unwrap_or(1)) * b)
                    .sum();
                format!("{:.6}", g + 0.7 * random.normal())
            })
            .collect();
        let individuals = (0..n)
            .map(|i| (format!("F{}", i / 4), format!("I{i}")))
            .collect();
        Self {
            individuals,
            snps,
            phenotype,
            alleles: ["A", "C"],
        }
    }

    /// A study of given genotypes, SNP by SNP, with a random phenotype.
    pub fn of_genotypes(snps: Vec<Vec<Option<u8>>>) -> Self {
        let n = snps[0].len();
        let mut random = Random::new(n as u64);
        let phenotype = (0..n).map(|_| format!("{:.6}", random.normal())).collect();
        let individuals = (0..n).map(|i| (format!("F{i}"), format!("I{i}"))).collect();
        Self {
            individuals,
            snps,
            phenotype,
            alleles: ["A", "C"],
        }
    }

    pub fn n(&self) -> usize {
        self.individuals.len()
    }

    /// The same study with the other allele of every SNP counted.
    pub fn with_swapped_alleles(&self) -> Self {
        let mut swapped = self.clone();
        swapped.alleles.reverse();
        swapped
            .snps
            .iter_mut()
            .flatten()
            .flatten()
            .for_each(|copies| *copies = 2 - *copies);
        swapped
    }

    /// The same study with its individuals in another order: position i has individual `order[i]`.
    pub fn permuted(&self, order: &[usize]) -> Self {
        Self {
            individuals: permuted(&self.individuals, order),
            snps: self.snps.iter().map(|snp| permuted(snp, order)).collect(),
            phenotype: permuted(&self.phenotype, order),
            alleles: self.alleles,
        }
    }

    /// The same study with another phenotype.
    pub fn with_phenotype(&self, y: &[f64]) -> Self {
        // The shortest text that parses to the same number.
        Self {
            phenotype: y.iter().map(|y| format!("{y:?}")).collect(),
            ..self.clone()
        }
    }

    /// The phenotype as numbers; NaN if it is missing.
    pub fn y(&self) -> Vec<f64> {
        self.phenotype
            .iter()
            .map(|y| y.parse().unwrap_or(f64::NAN))
            .collect()
    }

    /// Writes `NAME.bed`, `NAME.bim` and `NAME.fam`; the SNPs are rs0, rs1, … on chromosome 1.
    pub fn write(&self, directory: &Path, name: &str) {
        let (mut bim, mut fam) = (String::new(), String::new());
        for j in 0..self.snps.len() {
            let [allele1, allele0] = self.alleles;
            writeln!(bim, "1\trs{j}\t0\t{}\t{allele1}\t{allele0}", 100 * (j + 1)).unwrap();
        }
        for ((fid, iid), y) in self.individuals.iter().zip(&self.phenotype) {
            writeln!(fam, "{fid} {iid} 0 0 1 {y}").unwrap();
        }
        let mut bed = vec![0x6c, 0x1b, 0x01];
        for snp in &self.snps {
            for four in snp.chunks(4) {
                let code =
                    |call: &Option<u8>| [0b11, 0b10, 0b00, 0b01][usize::from(call.unwrap_or(3))];
                bed.push(
                    four.iter()
                        .rev()
                        .fold(0, |byte, call| byte << 2 | code(call)),
                );
            }
        }
        for (extension, bytes) in [
            ("bim", bim.as_bytes()),
            ("fam", fam.as_bytes()),
            ("bed", &bed),
        ] {
            std::fs::write(directory.join(format!("{name}.{extension}")), bytes).unwrap();
        }
    }
}

/// One SNP of sibs whose parents are unrelated.
fn siblings(random: &mut Random, n: usize) -> Vec<Option<u8>> {
    let af = 0.1 + 0.8 * random.uniform();
    let mut snp = Vec::with_capacity(n);
    while snp.len() < n {
        let parents = [0; 2].map(|_| [0; 2].map(|_| u8::from(random.uniform() < af)));
        for _ in 0..4.min(n - snp.len()) {
            let copies = parents.iter().map(|alleles| alleles[random.below(2)]).sum();
            snp.push((random.uniform() >= 0.01).then_some(copies));
        }
    }
    snp
}

/// `items[order[0]]`, `items[order[1]]`, …
pub fn permuted<T: Clone>(items: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|&i| items[i].clone()).collect()
}

/// One line for each item.
pub fn lines_of<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items
        .into_iter()
        .map(|item| item.to_string() + "\n")
        .collect()
}

/// A table of text: rows at line ends, cells at tabs.
pub fn text_of<T: ToString>(rows: &[Vec<T>]) -> String {
    lines_of(
        rows.iter()
            .map(|row| row.iter().map(T::to_string).collect::<Vec<_>>().join("\t")),
    )
}
