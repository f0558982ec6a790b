//! Genetic models: the value that a genotype has in the model of a trait (`--model`).

use super::block::{GenotypeBlock, Genotypes};
use super::summary::SnpSummary;
use crate::kernels::GenotypeCounts;
use rayon::prelude::*;
use std::borrow::Cow;

/// The two-bit codes of 0, 1 and 2 copies of allele1, as in a `.bed` file.
const CODES: [u8; 3] = [0b11, 0b10, 0b00];
/// Bytes that one task recodes.
const BYTES_AT_ONCE: usize = 1 << 16;

/// A model of the effect of a SNP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GeneticModel {
    /// The number of copies of allele1.
    #[default]
    Additive,
    /// One or two copies against none.
    Dominant,
    /// Two copies against one or none.
    Recessive,
    /// One copy against none or two.
    Overdominant,
    /// An effect of each genotype: the number of copies, and the deviation of heterozygotes.
    Genotypic,
}

impl GeneticModel {
    /// The name in options.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Additive => "additive",
            Self::Dominant => "dominant",
            Self::Recessive => "recessive",
            Self::Overdominant => "overdominant",
            Self::Genotypic => "genotypic",
        }
    }

    /// The coding of the genotypes; that of the first effect of the genotypic model.
    #[must_use]
    pub fn coding(self) -> Coding {
        match self {
            Self::Additive | Self::Genotypic => Coding::ADDITIVE,
            Self::Dominant => Coding::DOMINANT,
            Self::Recessive => Coding::RECESSIVE,
            Self::Overdominant => Coding::HETEROZYGOTES,
        }
    }
}

/// The values of genotypes with 0, 1 and 2 copies of allele1, each from 0 to 2.
///
/// A coded SNP is a packed SNP with other codes, so that every kernel for packed genotypes takes it. A missing call stays
/// missing; it is imputed with the mean of the coded values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coding([u8; 3]);

impl Default for Coding {
    /// [`Coding::ADDITIVE`].
    fn default() -> Self {
        Self::ADDITIVE
    }
}

impl Coding {
    /// The number of copies.
    pub const ADDITIVE: Self = Self([0, 1, 2]);
    /// 1 with any copy.
    pub const DOMINANT: Self = Self([0, 1, 1]);
    /// 1 with two copies.
    pub const RECESSIVE: Self = Self([0, 0, 1]);
    /// 1 with one copy: the overdominant coding, and the second column of the genotypic model.
    pub const HETEROZYGOTES: Self = Self([0, 1, 0]);

    /// The largest value: 2, or 1 for a coding that compares two classes of genotypes.
    #[must_use]
    pub fn largest(self) -> u8 {
        self.0.into_iter().max().unwrap_or(0)
    }

    /// A sentence on the meaning of effects; `None` for the additive coding.
    #[must_use]
    pub fn note(self) -> Option<String> {
        let (name, groups) = match self {
            Self::DOMINANT => (
                "dominant",
                "with one or two copies of allele1 and those with none",
            ),
            Self::RECESSIVE => (
                "recessive",
                "with two copies of allele1 and those with one or none",
            ),
            Self::HETEROZYGOTES => (
                "overdominant",
                "with one copy of allele1 and those with none or two",
            ),
            _ => return None,
        };
        Some(format!(
            "--model {name}: effects are differences between individuals {groups}; af, the SNP filters and the kinship are those of the additive genotypes"
        ))
    }

    /// The counts of a SNP after coding.
    #[must_use]
    fn counts(self, of: &GenotypeCounts) -> GenotypeCounts {
        let mut coded = GenotypeCounts {
            missing: of.missing,
            ..GenotypeCounts::default()
        };
        for (value, count) in self.0.into_iter().zip([of.zero, of.one, of.two]) {
            match value {
                0 => coded.zero += count,
                1 => coded.one += count,
                _ => coded.two += count,
            }
        }
        coded
    }

    /// The summary of a SNP after coding: its counts and its mean are those of the coded values, and `af` is half the mean.
    #[must_use]
    pub fn summary(self, of: &SnpSummary) -> SnpSummary {
        if self == Self::ADDITIVE {
            return *of;
        }
        SnpSummary {
            info: of.info,
            ..SnpSummary::of_calls(of.snp_index, self.counts(&of.counts))
        }
    }

    /// The SNPs of `block` after coding, with the same records.
    ///
    /// # Panics
    /// If the block has dosages, unless the coding is additive: a dosage is not the probability of a genotype.
    #[must_use]
    pub fn block(self, block: &GenotypeBlock) -> Cow<'_, GenotypeBlock> {
        if self == Self::ADDITIVE {
            return Cow::Borrowed(block);
        }
        let Genotypes::Packed(bytes) = block.genotypes() else {
            panic!("dosages have no coding, checked when the genotypes were opened")
        };
        let table = self.table();
        let mut coded = vec![0; bytes.len()];
        coded
            .par_chunks_mut(BYTES_AT_ONCE)
            .zip(bytes.par_chunks(BYTES_AT_ONCE))
            .for_each(|(coded, bytes)| {
                for (coded, &byte) in coded.iter_mut().zip(bytes) {
                    *coded = table[usize::from(byte)];
                }
            });
        Cow::Owned(block.with_genotypes(Genotypes::Packed(coded)))
    }

    /// The four codes of each byte after coding.
    fn table(self) -> [u8; 256] {
        let mut of_code = [0_u8, 1, 2, 3];
        for (copies, value) in self.0.into_iter().enumerate() {
            of_code[usize::from(CODES[copies])] = CODES[usize::from(value)];
        }
        let mut table = [0; 256];
        for (byte, coded) in table.iter_mut().enumerate() {
            for shift in [0, 2, 4, 6] {
                *coded |= of_code[byte >> shift & 3] << shift;
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Subset;

    /// Two SNPs of five individuals: 2 ? 1 0 1, and 0 ? 2 2 ?.
    fn block() -> GenotypeBlock {
        let packed = vec![0b11_10_01_00, 0b10, 0b00_00_01_11, 0b01];
        GenotypeBlock::new(3, 5, Genotypes::Packed(packed))
    }

    #[test]
    fn coded_blocks_decode_to_the_values_of_their_genotypes() {
        let (block, everybody) = (block(), Subset::everybody(5));
        let decode = |block: &GenotypeBlock, snp: usize| {
            let mut x = vec![0.0; 5];
            block.fill_column(snp, &everybody, 9.0, &mut x);
            x
        };
        for (coding, values) in [
            (Coding::ADDITIVE, [0.0, 1.0, 2.0]),
            (Coding::DOMINANT, [0.0, 1.0, 1.0]),
            (Coding::RECESSIVE, [0.0, 0.0, 1.0]),
            (Coding::HETEROZYGOTES, [0.0, 1.0, 0.0]),
        ] {
            let coded = coding.block(&block);
            assert_eq!(coded.snp_indices(), 3..5);
            for snp in [3, 4] {
                let expected: Vec<f64> = (decode(&block, snp).into_iter())
                    .map(|x| if x == 9.0 { 9.0 } else { values[x as usize] })
                    .collect();
                assert_eq!(decode(&coded, snp), expected, "{coding:?}");
                let mut x = vec![0.0; 5];
                let before = block.summarise(snp, &everybody, &mut x).summary;
                let after = coded.summarise(snp, &everybody, &mut x).summary;
                assert_eq!(coding.summary(&before), after, "{coding:?}");
            }
        }
    }

    #[test]
    fn every_model_but_the_additive_ones_has_two_values() {
        for model in [
            GeneticModel::Additive,
            GeneticModel::Dominant,
            GeneticModel::Recessive,
            GeneticModel::Overdominant,
            GeneticModel::Genotypic,
        ] {
            let coding = model.coding();
            let has_note = coding
                .note()
                .is_some_and(|note| note.contains(model.name()));
            assert_eq!(has_note, coding.largest() == 1, "{model:?}");
        }
    }
}
