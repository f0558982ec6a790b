//! The cells of a table of associations: what each column contains, as text and as typed values.

use super::number::{push_e6, push_f3, push_g, push_integer};
use crate::assoc::{AssocBlock, SnpColumn, SnpStatus};
use crate::genotype::bare_name;

/// Significant digits of numbers in the columns of other programs, as many as in GEMMA's.
const DIGITS: usize = 7;
/// p-values below this are written by means of their logarithm.
const SMALLEST_P: f64 = 1e-300;
/// Standard errors of a confidence interval of 95 %.
const WIDTH: f64 = 1.96;

/// A number of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Frequency of allele1.
    Af,
    /// Imputation quality.
    Info,
    /// A statistic of the method, by its index.
    Statistic(usize),
    /// An effect divided by its standard error.
    T(Effect),
    /// The square of it.
    ChiSquare(Effect),
    /// The ends of the confidence interval of an effect.
    Lower(Effect),
    Upper(Effect),
}

/// The indices of an effect and of its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) beta: usize,
    pub(super) se: usize,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// C's `%e`.
    Scientific,
    /// C's `%.3f`.
    Fixed3,
    /// Seven significant digits.
    Short,
}

/// The content of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// A property of the SNP that is a text or a whole number.
    Snp(SnpColumn),
    /// A number.
    Number(Quantity, Digits),
    /// A p-value, of which also the logarithm is known: the indices of both.
    P { p: usize, neg_log10: usize },
    /// The status of the row.
    Status,
    /// The status of a row that is not in order, else this text.
    Problem(&'static str),
    /// The same text in every row.
    Constant(String),
    /// The chromosome by its number in GWAS-SSF.
    SsfChromosome,
    /// The id if it is one of dbSNP.
    Rsid,
    /// The number of individuals with this number of copies of allele1.
    Carriers(usize),
    /// REGENIE's list of further values.
    HtpInfo { effect: Effect, neg_log10: usize },
}

/// The type of a column in a file with types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Number,
}

/// A row of a block, for one trait.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) block: &'a AssocBlock,
    pub(super) of_trait: usize,
    pub(super) index: usize,
}

impl Row<'_> {
    pub(super) fn statistic(&self, index: usize) -> f64 {
        self.block.traits[self.of_trait].values[index][self.index]
    }

    fn status(&self) -> SnpStatus {
        self.block.status(self.of_trait, self.index)
    }

    /// The value of a quantity, NaN if it is undefined.
    pub(super) fn number(&self, quantity: Quantity) -> f64 {
        let of = |effect: Effect| (self.statistic(effect.beta), self.statistic(effect.se));
        match quantity {
            Quantity::Af => self.block.af[self.index],
            Quantity::Info => self.block.info[self.index],
            Quantity::Statistic(index) => self.statistic(index),
            Quantity::T(effect) => {
                let (beta, se) = of(effect);
                beta / se
            }
            Quantity::ChiSquare(effect) => {
                let (beta, se) = of(effect);
                (beta / se).powi(2)
            }
            Quantity::Lower(effect) => {
                let (beta, se) = of(effect);
                beta - WIDTH * se
            }
            Quantity::Upper(effect) => {
                let (beta, se) = of(effect);
                beta + WIDTH * se
            }
        }
    }
}

impl Cell {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Snp(column) => match column {
                SnpColumn::Ps | SnpColumn::NMiss | SnpColumn::NMis | SnpColumn::NObs => {
                    Kind::Integer
                }
                SnpColumn::Af => Kind::Number,
                SnpColumn::Chr | SnpColumn::Rs | SnpColumn::Allele1 | SnpColumn::Allele0 => {
                    Kind::Text
                }
            },
            Self::Number(..) | Self::P { .. } => Kind::Number,
            Self::SsfChromosome | Self::Carriers(_) => Kind::Integer,
            Self::Status
            | Self::Problem(_)
            | Self::Constant(_)
            | Self::Rsid
            | Self::HtpInfo { .. } => Kind::Text,
        }
    }

    /// The value of a cell that is a whole number.
    pub(super) fn integer(&self, at: Row<'_>) -> i64 {
        match self {
            Self::Snp(SnpColumn::Ps) => at.block.snp(at.index).ps,
            Self::Snp(SnpColumn::NMiss | SnpColumn::NMis) => i64::from(at.block.n_miss[at.index]),
            Self::Snp(SnpColumn::NObs) => i64::from(at.block.n_obs[at.index]),
            Self::SsfChromosome => {
                i64::from(ssf_chromosome(at.block.snp(at.index).chr).unwrap_or_default())
            }
            Self::Carriers(copies) => i64::from(at.block.genotypes[at.index][*copies]),
            _ => unreachable!("a cell of another kind"),
        }
    }

    /// The value of a cell that is a number, NaN if it is undefined.
    #[cfg(feature = "tables")]
    pub(super) fn number(&self, at: Row<'_>) -> f64 {
        match self {
            Self::Number(quantity, _) => at.number(*quantity),
            Self::P { p, .. } => at.statistic(*p),
            Self::Snp(SnpColumn::Af) => at.number(Quantity::Af),
            _ => unreachable!("a cell of another kind"),
        }
    }

    /// Appends the cell as text.
    ///
    /// * `missing`: what stands for an undefined number
    pub(super) fn push(&self, text: &mut Vec<u8>, at: Row<'_>, missing: &str) {
        match self {
            Self::Number(quantity, digits) => {
                push_number(text, at.number(*quantity), *digits, missing);
            }
            Self::Snp(SnpColumn::Af) => {
                push_number(text, at.number(Quantity::Af), Digits::Fixed3, missing);
            }
            Self::P { p, neg_log10 } => {
                push_p(text, at.statistic(*p), at.statistic(*neg_log10), missing);
            }
            _ if self.kind() == Kind::Integer => push_integer(text, self.integer(at)),
            _ => self.push_text(text, at, missing),
        }
    }

    /// Appends a cell that is a text.
    pub(super) fn push_text(&self, text: &mut Vec<u8>, at: Row<'_>, missing: &str) {
        let snp = at.block.snp(at.index);
        let value = match self {
            Self::Snp(SnpColumn::Chr) => snp.chr,
            Self::Snp(SnpColumn::Rs) => snp.rs,
            Self::Snp(SnpColumn::Allele1) => snp.allele1,
            Self::Snp(SnpColumn::Allele0) => snp.allele0,
            Self::Status => at.status().label(),
            Self::Problem(none) => match at.status() {
                SnpStatus::Ok => none,
                status => status.label(),
            },
            Self::Constant(value) => value,
            Self::Rsid => rsid(snp.rs).unwrap_or(missing),
            Self::HtpInfo { effect, neg_log10 } => {
                let mut push = |name: &str, x: f64| {
                    text.extend_from_slice(name.as_bytes());
                    push_number(text, x, Digits::Short, missing);
                };
                push("REGENIE_SE=", at.statistic(effect.se));
                push(";LOG10P=", at.statistic(*neg_log10));
                let af = at.number(Quantity::Af);
                // The only copy of a haploid counts once.
                let n_copies = f64::from(at.block.n_copies[at.index]);
                push(";MAC=", n_copies * af.min(1.0 - af));
                return;
            }
            _ => unreachable!("a cell of another kind"),
        };
        text.extend_from_slice(value.as_bytes());
    }
}

fn push_number(text: &mut Vec<u8>, x: f64, digits: Digits, missing: &str) {
    if x.is_nan() {
        text.extend_from_slice(missing.as_bytes());
        return;
    }
    match digits {
        Digits::Scientific => push_e6(text, x),
        Digits::Fixed3 => push_f3(text, x),
        Digits::Short => push_g(text, x, DIGITS),
    }
}

/// Appends a p-value. One that is too small for a double is written by its logarithm: 1.234568e-412.
pub(super) fn push_p(text: &mut Vec<u8>, p: f64, neg_log10: f64, missing: &str) {
    if p.is_nan() || p >= SMALLEST_P || !neg_log10.is_finite() {
        push_number(text, p, Digits::Scientific, missing);
        return;
    }
    let mut exponent = neg_log10.ceil();
    let mut mantissa = 10_f64.powf(exponent - neg_log10);
    if mantissa >= 9.999_999_5 {
        (mantissa, exponent) = (1.0, exponent - 1.0);
    }
    text.extend_from_slice(format!("{mantissa:.6}e-{exponent:02}").as_bytes());
}

/// The number of a chromosome in GWAS-SSF: 1 to 22, X 23, Y 24, mitochondrion 25.
///
/// `None` for other chromosomes, and for the numbers 25 and 26: in PLINK's files of humans they are the pseudo-autosomal region
/// and the mitochondrion, in other species autosomes.
pub(super) fn ssf_chromosome(name: &str) -> Option<u8> {
    match bare_name(name) {
        "X" | "x" | "XY" => Some(23),
        "Y" | "y" => Some(24),
        "M" | "MT" | "m" | "mt" => Some(25),
        number => number.parse().ok().filter(|n| (1..=24).contains(n)),
    }
}

/// The id if it is one of dbSNP.
fn rsid(id: &str) -> Option<&str> {
    let digits = id.strip_prefix("rs")?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiny_p_values_are_written_by_their_logarithm() {
        let text = |p: f64, neg_log10: f64| {
            let mut text = Vec::new();
            push_p(&mut text, p, neg_log10, "NA");
            String::from_utf8(text).unwrap()
        };
        assert_eq!(text(0.03, 1.5), "3.000000e-02");
        assert_eq!(text(0.0, 412.25), "5.623413e-413");
        assert_eq!(text(1e-310, 310.0), "1.000000e-310");
        assert_eq!(text(0.0, 400.000_000_000_1), "1.000000e-400");
        assert_eq!(text(0.0, f64::INFINITY), "0.000000e+00");
        assert_eq!(text(f64::NAN, f64::NAN), "NA");
    }

    #[test]
    fn chromosomes_have_the_numbers_of_gwas_ssf() {
        for (name, expected) in [
            ("1", Some(1)),
            ("chr22", Some(22)),
            ("X", Some(23)),
            ("chrX", Some(23)),
            ("Y", Some(24)),
            ("MT", Some(25)),
            ("25", None),
            ("26", None),
            ("0", None),
            ("LG3", None),
            ("2L", None),
        ] {
            assert_eq!(ssf_chromosome(name), expected, "{name}");
        }
        assert_eq!(rsid("rs12"), Some("rs12"));
        assert_eq!((rsid("rs"), rsid("rs1a"), rsid("1:5")), (None, None, None));
    }
}
