//! Kinship sums by parts for a backend that only gives complete sums.

use super::sums::{KinshipAccumulator, PartedKinshipSum};
use crate::error::Result;
use crate::genotype::GenotypeBlock;
use crate::kinship::Kinship;
use faer::Mat;
use faer::zip;

/// Starts an empty sum.
type Start<'a> = Box<dyn Fn() -> Result<Box<dyn KinshipAccumulator + 'a>> + 'a>;

/// One sum for each part; without a part, the others are added in their order.
pub(super) struct SumsOfParts<'a> {
    start: Start<'a>,
    /// The part that is being added to: only one sum of the backend exists at a time.
    open: Option<(usize, Box<dyn KinshipAccumulator + 'a>)>,
    /// The sum of each part that has SNPs, and their number.
    sums: Vec<(Option<Mat<f64>>, usize)>,
}

impl<'a> SumsOfParts<'a> {
    pub(super) fn new(start: Start<'a>, n_parts: usize) -> Self {
        Self {
            start,
            open: None,
            sums: vec![(None, 0); n_parts],
        }
    }

    /// Adds the sum of the open part to its other SNPs.
    fn close(&mut self) -> Result<()> {
        let Some((part, sum)) = self.open.take() else {
            return Ok(());
        };
        let n_snps = sum.n_snps();
        if n_snps == 0 {
            return Ok(());
        }
        let mut matrix = sum.finish()?.matrix;
        matrix *= faer::Scale(n_snps as f64);
        let (known, count) = &mut self.sums[part];
        *count += n_snps;
        match known {
            Some(known) => *known += matrix,
            None => *known = Some(matrix),
        }
        Ok(())
    }
}

impl PartedKinshipSum for SumsOfParts<'_> {
    fn add(&mut self, part: usize, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()> {
        if snp_indices.is_empty() {
            return Ok(());
        }
        if self.open.as_ref().is_none_or(|(open, _)| *open != part) {
            self.close()?;
            self.open = Some((part, (self.start)()?));
        }
        match &mut self.open {
            Some((_, sum)) => sum.add(block, snp_indices),
            None => Ok(()),
        }
    }

    fn n_snps_without(&self, part: usize) -> usize {
        let others = self.sums.iter().enumerate().filter(|(at, _)| *at != part);
        let closed: usize = others.map(|(_, (_, count))| count).sum();
        match &self.open {
            Some((open, sum)) if *open != part => closed + sum.n_snps(),
            _ => closed,
        }
    }

    fn without(
        &mut self,
        part: usize,
        _: &mut dyn FnMut(&mut dyn KinshipAccumulator) -> Result<()>,
    ) -> Result<Box<dyn KinshipAccumulator + '_>> {
        self.close()?;
        let n_snps = self.n_snps_without(part);
        let mut total: Option<Mat<f64>> = None;
        for (at, (sum, _)) in self.sums.iter().enumerate() {
            let Some(sum) = sum.as_ref().filter(|_| at != part) else {
                continue;
            };
            match &mut total {
                Some(total) => *total += sum,
                None => total = Some(sum.clone()),
            }
        }
        let mut matrix = total.expect("some SNPs are not in the part");
        let p = n_snps as f64;
        zip!(&mut matrix).for_each(|faer::unzip!(entry)| *entry /= p);
        Ok(Box::new(Finished { matrix, n_snps }))
    }
}

/// A sum that is complete.
struct Finished {
    matrix: Mat<f64>,
    n_snps: usize,
}

impl KinshipAccumulator for Finished {
    fn add(&mut self, _: &GenotypeBlock, _: &[usize]) -> Result<()> {
        panic!("this sum is complete")
    }

    fn n_snps(&self) -> usize {
        self.n_snps
    }

    fn finish(self: Box<Self>) -> Result<Kinship> {
        Ok(Kinship {
            matrix: self.matrix,
        })
    }
}
