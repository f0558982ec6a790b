//! Binary traits: cases and controls.

use crate::io::text::count;

/// The pairs of values of controls and cases that are recognised: 0 and 1, and those of PLINK, 1 and 2.
const CODINGS: [[f64; 2]; 2] = [[0.0, 1.0], [1.0, 2.0]];
/// With a smaller fraction of cases or of controls, p-values of rare alleles in the linear mixed model are too small.
const SMALLEST_FRACTION: f64 = 0.1;
/// With fewer expected minor alleles among the cases or the controls, the normal approximation is poor.
const FEWEST_ALLELES: f64 = 5.0;

/// The numbers of cases and controls of a trait with two values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinaryTrait {
    /// Individuals with the larger value.
    pub cases: usize,
    /// Individuals with the smaller value.
    pub controls: usize,
    /// The values of controls and cases: 0 and 1, or 1 and 2.
    pub coding: [f64; 2],
}

impl BinaryTrait {
    /// The cases and controls of the values `y`, if they are 0 and 1 or 1 and 2, both of which occur.
    #[must_use]
    pub fn of(y: &[f64]) -> Option<Self> {
        CODINGS.into_iter().find_map(|coding| {
            let number = |value: f64| y.iter().filter(|y| **y == value).count();
            let [controls, cases] = coding.map(number);
            let are_all = controls > 0 && cases > 0 && controls + cases == y.len();
            are_all.then_some(Self {
                cases,
                controls,
                coding,
            })
        })
    }

    /// The fraction of cases.
    #[must_use]
    pub fn case_fraction(&self) -> f64 {
        self.cases as f64 / (self.cases + self.controls) as f64
    }

    /// What a log says: `40 cases (1), 60 controls (0), case fraction 0.4`.
    #[must_use]
    pub fn text(&self) -> String {
        let [control, case] = self.coding;
        format!(
            "{} ({case}), {} ({control}), case fraction {:.4}",
            count(self.cases, "case"),
            count(self.controls, "control"),
            self.case_fraction()
        )
    }

    /// A note if the p-values of a linear mixed model may be unreliable, on `what`, the phenotype:
    ///
    /// 1. The fraction of cases, or of controls, is below 10 %: p-values of rare alleles are then too small.
    /// 2. The rarest SNPs that pass the filter have fewer than 5 expected minor alleles in the smaller group.
    ///
    /// * `min_maf`: the smallest minor allele frequency of tested SNPs
    ///
    /// Source: 1: Loh et al. 2018, Nat. Genet. 50:906; Zhou et al. 2018, Nat. Genet. 50:1335. 2: the rule for expected counts of
    /// Cochran 1954, Biometrics 10:417.
    #[must_use]
    pub fn note(&self, what: &str, min_maf: f64) -> Option<String> {
        let (smaller, name) = if self.cases <= self.controls {
            (self.cases, "case")
        } else {
            (self.controls, "control")
        };
        let fraction = smaller as f64 / (self.cases + self.controls) as f64;
        let n_alleles = 2.0 * smaller as f64 * min_maf;
        let mut why = Vec::new();
        if fraction < SMALLEST_FRACTION {
            why.push(format!(
                "only {:.2} % of the individuals are {name}s, so that p-values of rare alleles are too small",
                100.0 * fraction
            ));
        }
        if n_alleles < FEWEST_ALLELES {
            let at = if min_maf > 0.0 {
                format!(
                    "SNPs at the smallest tested allele frequency, {min_maf}, have {n_alleles:.1} expected minor alleles among {}",
                    count(smaller, name)
                )
            } else {
                format!(
                    "no minimum allele frequency ensures that {} have minor alleles",
                    count(smaller, name)
                )
            };
            why.push(format!(
                "{at}; p-values are unreliable with fewer than 5, up to a frequency of {:.4}",
                (FEWEST_ALLELES / (2.0 * smaller as f64)).min(0.5)
            ));
        }
        (!why.is_empty()).then(|| {
            format!(
                "{what} is binary ({}), and the model treats it as a number: {}",
                self.text(),
                why.join("; ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_codings_are_recognised_and_other_values_are_numbers() {
        let of = |y: &[f64]| BinaryTrait::of(y).map(|of| (of.cases, of.controls, of.coding[1]));
        assert_eq!(of(&[0.0, 1.0, 1.0]), Some((2, 1, 1.0)));
        assert_eq!(of(&[1.0, 1.0, 2.0, 1.0]), Some((1, 3, 2.0)));
        for y in [
            &[0.0, 0.0][..],
            &[1.0; 3],
            &[0.0, 2.0],
            &[0.0, 1.0, 2.0],
            &[0.0, 1.0, 0.5],
            &[-1.0, 1.0],
            &[],
        ] {
            assert_eq!(of(y), None, "{y:?}");
        }
    }

    #[test]
    fn unbalanced_and_small_groups_are_noted() {
        let of = |cases, controls| BinaryTrait {
            cases,
            controls,
            coding: [0.0, 1.0],
        };
        assert_eq!(of(300, 2700).note("the phenotype", 0.01), None);
        let few = of(299, 2701).note("the phenotype", 0.01).unwrap();
        assert!(
            few.contains("only 9.97 % of the individuals are cases"),
            "{few}"
        );
        let rare = of(900, 100).note("the phenotype", 0.01).unwrap();
        assert!(
            rare.contains("2.0 expected minor alleles among 100 controls")
                && rare.contains("up to a frequency of 0.0250"),
            "{rare}"
        );
        let none = of(50, 50).note("the phenotype", 0.0).unwrap();
        assert!(none.contains("no minimum allele frequency"), "{none}");
    }
}
