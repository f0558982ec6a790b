//! Sets of columns: GEMMA's, and those that other programs write and read.

use super::cell::{Cell, Digits, Effect, Quantity};
use super::sink::Products;
use crate::assoc::{Column, ColumnFormat, SnpColumn, effect_columns};
use crate::error::{Error, Result};

/// The columns of a table (`--columns`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColumnSet {
    /// GEMMA's, with those that jamma adds on request.
    #[default]
    Gemma,
    /// Those of REGENIE's step 2.
    Regenie,
    /// Those of PLINK 2's `--glm`.
    Plink2,
    /// The names that METAL expects by default.
    Metal,
    /// Those of REGENIE's `--htp`, for programs of meta-analysis.
    Htp,
    /// Those of GWAS-SSF 1.0.
    Ssf,
}

/// A test whose p-value, −log₁₀ p and effect are among the statistics: their indices.
#[derive(Debug, Clone, Copy)]
struct Test {
    p: usize,
    neg_log10: usize,
    effect: Effect,
}

impl Test {
    /// The Wald test if there is one, else the likelihood ratio test, else the score test.
    fn of(statistics: &[Column]) -> Option<Self> {
        let index = |name: &str| statistics.iter().position(|column| column.name == name);
        let mut tests = ["wald", "lrt", "score"].into_iter();
        let (p, neg_log10) = tests.find_map(|test| {
            let log = index(&format!("neg_log10_p_{test}"));
            Some((index(&format!("p_{test}"))?, log?))
        })?;
        let [beta, se] = effect_columns(statistics)?;
        Some(Self {
            p,
            neg_log10,
            effect: Effect { beta, se },
        })
    }
}

impl ColumnSet {
    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemma => "gemma",
            Self::Regenie => "regenie",
            Self::Plink2 => "plink2",
            Self::Metal => "metal",
            Self::Htp => "htp",
            Self::Ssf => "ssf",
        }
    }

    /// Whether the columns include −log₁₀ p and effects, whatever the tables of GEMMA's columns have.
    #[must_use]
    pub fn needs_exchange(self) -> bool {
        self != Self::Gemma
    }

    /// What stands for an undefined number in text.
    pub(super) fn missing(self) -> &'static str {
        match self {
            Self::Gemma => "nan",
            Self::Ssf => "#NA",
            _ => "NA",
        }
    }

    /// The columns of the chromosome and of the position, from 1.
    pub(super) fn place(self) -> [usize; 2] {
        match self {
            Self::Gemma => [1, 3],
            Self::Regenie | Self::Plink2 | Self::Ssf => [1, 2],
            Self::Metal | Self::Htp => [2, 3],
        }
    }

    /// Fails if `products` do not have what the columns need.
    pub(super) fn check(self, products: &Products) -> Result<()> {
        let statistics = products.columns.as_deref().unwrap_or_default();
        if self == Self::Gemma || Test::of(statistics).is_some() {
            return Ok(());
        }
        Err(Error::option(
            match self {
                Self::Ssf => "--output-format",
                _ => "--columns",
            },
            "the tests of this run have no single effect and p-value per SNP, which these columns need",
            "omit the option: GEMMA's columns contain all statistics",
        ))
    }

    /// The names and contents of the columns.
    ///
    /// * `trait_name`: empty for the only trait of a run
    ///
    /// # Panics
    /// If [`check`](Self::check) fails.
    pub(super) fn columns(self, products: &Products, trait_name: &str) -> Vec<(String, Cell)> {
        let statistics = products.columns.as_deref().unwrap_or_default();
        if self == Self::Gemma {
            return gemma(products, statistics);
        }
        let of = Of {
            test: Test::of(statistics).expect("the columns were checked"),
            shows_log: statistics
                .iter()
                .any(|column| column.is_shown() && column.name.starts_with("neg_log10_p_")),
        };
        let columns = match self {
            Self::Regenie => of.regenie(),
            Self::Plink2 => of.plink2(),
            Self::Metal => of.metal(),
            Self::Htp => of.htp(trait_name),
            Self::Ssf => of.ssf(),
            Self::Gemma => unreachable!("returned above"),
        };
        let has = |cell: &Cell| match cell {
            Cell::Number(Quantity::Info, _) => products.info,
            _ => true,
        };
        let named = columns.into_iter().filter(|(_, cell)| has(cell));
        named.map(|(name, cell)| (name.to_owned(), cell)).collect()
    }

    /// The indices of the statistics that GWAS-SSF requires: effect, standard error, p and −log₁₀ p.
    pub(super) fn required(products: &Products) -> [usize; 4] {
        let statistics = products.columns.as_deref().unwrap_or_default();
        let test = Test::of(statistics).expect("the columns were checked");
        [test.effect.beta, test.effect.se, test.p, test.neg_log10]
    }
}

fn gemma(products: &Products, statistics: &[Column]) -> Vec<(String, Cell)> {
    let of_snp = products.snp_columns.iter();
    let of_snp = of_snp.map(|&column| (column.name().to_owned(), Cell::Snp(column)));
    let info = Cell::Number(Quantity::Info, Digits::Fixed3);
    let info = products.info.then(|| ("info".to_owned(), info));
    let statistics = statistics.iter().enumerate().filter_map(|(k, column)| {
        let digits = match column.format {
            ColumnFormat::Scientific => Digits::Scientific,
            ColumnFormat::Fixed3 => Digits::Fixed3,
            ColumnFormat::Hidden => return None,
        };
        let cell = Cell::Number(Quantity::Statistic(k), digits);
        Some((column.name.to_string(), cell))
    });
    let status = products
        .all_snps
        .then(|| ("status".to_owned(), Cell::Status));
    let all = of_snp.chain(info).chain(statistics).chain(status);
    all.collect()
}

/// What the sets of other programs are made of.
struct Of {
    test: Test,
    /// Whether −log₁₀ p was asked for.
    shows_log: bool,
}

/// The name and the content of a column.
type Named = (&'static str, Cell);

fn snp(name: &'static str, column: SnpColumn) -> Named {
    (name, Cell::Snp(column))
}

fn number(name: &'static str, quantity: Quantity) -> Named {
    (name, Cell::Number(quantity, Digits::Short))
}

fn text(name: &'static str, text: &str) -> Named {
    (name, Cell::Constant(text.to_owned()))
}

impl Of {
    fn beta(&self, name: &'static str) -> Named {
        number(name, Quantity::Statistic(self.test.effect.beta))
    }

    fn se(&self, name: &'static str) -> Named {
        number(name, Quantity::Statistic(self.test.effect.se))
    }

    fn p(&self, name: &'static str) -> Named {
        let Test { p, neg_log10, .. } = self.test;
        (name, Cell::P { p, neg_log10 })
    }

    fn log(&self, name: &'static str) -> Named {
        number(name, Quantity::Statistic(self.test.neg_log10))
    }

    fn regenie(&self) -> Vec<Named> {
        vec![
            snp("CHROM", SnpColumn::Chr),
            snp("GENPOS", SnpColumn::Ps),
            snp("ID", SnpColumn::Rs),
            snp("ALLELE0", SnpColumn::Allele0),
            snp("ALLELE1", SnpColumn::Allele1),
            number("A1FREQ", Quantity::Af),
            number("INFO", Quantity::Info),
            snp("N", SnpColumn::NObs),
            text("TEST", "ADD"),
            self.beta("BETA"),
            self.se("SE"),
            number("CHISQ", Quantity::ChiSquare(self.test.effect)),
            self.log("LOG10P"),
            ("EXTRA", Cell::Problem("NA")),
        ]
    }

    fn plink2(&self) -> Vec<Named> {
        vec![
            snp("#CHROM", SnpColumn::Chr),
            snp("POS", SnpColumn::Ps),
            snp("ID", SnpColumn::Rs),
            snp("REF", SnpColumn::Allele0),
            snp("ALT", SnpColumn::Allele1),
            snp("A1", SnpColumn::Allele1),
            snp("OMITTED", SnpColumn::Allele0),
            number("A1_FREQ", Quantity::Af),
            number("MACH_R2", Quantity::Info),
            text("TEST", "ADD"),
            snp("OBS_CT", SnpColumn::NObs),
            self.beta("BETA"),
            self.se("SE"),
            number("T_STAT", Quantity::T(self.test.effect)),
            // As with PLINK's modifier log10.
            if self.shows_log {
                self.log("LOG10_P")
            } else {
                self.p("P")
            },
            ("ERRCODE", Cell::Problem(".")),
        ]
    }

    fn metal(&self) -> Vec<Named> {
        vec![
            snp("MARKER", SnpColumn::Rs),
            snp("CHR", SnpColumn::Chr),
            snp("POS", SnpColumn::Ps),
            snp("ALLELE1", SnpColumn::Allele1),
            snp("ALLELE2", SnpColumn::Allele0),
            number("FREQ", Quantity::Af),
            number("INFO", Quantity::Info),
            snp("N", SnpColumn::NObs),
            self.beta("EFFECT"),
            self.se("STDERR"),
            self.p("PVALUE"),
            self.log("LOG10P"),
        ]
    }

    fn htp(&self, trait_name: &str) -> Vec<Named> {
        let effect = self.test.effect;
        let neg_log10 = self.test.neg_log10;
        let name = if trait_name.is_empty() {
            "NA"
        } else {
            trait_name
        };
        vec![
            snp("Name", SnpColumn::Rs),
            snp("Chr", SnpColumn::Chr),
            snp("Pos", SnpColumn::Ps),
            snp("Ref", SnpColumn::Allele0),
            snp("Alt", SnpColumn::Allele1),
            text("Trait", name),
            text("Cohort", "NA"),
            text("Model", "ADD"),
            self.beta("Effect"),
            number("LCI_Effect", Quantity::Lower(effect)),
            number("UCI_Effect", Quantity::Upper(effect)),
            self.p("Pval"),
            number("AAF", Quantity::Af),
            snp("Num_Cases", SnpColumn::NObs),
            ("Cases_Ref", Cell::Carriers(0)),
            ("Cases_Het", Cell::Carriers(1)),
            ("Cases_Alt", Cell::Carriers(2)),
            text("Num_Controls", "NA"),
            text("Controls_Ref", "NA"),
            text("Controls_Het", "NA"),
            text("Controls_Alt", "NA"),
            ("Info", Cell::HtpInfo { effect, neg_log10 }),
        ]
    }

    fn ssf(&self) -> Vec<Named> {
        vec![
            ("chromosome", Cell::SsfChromosome),
            snp("base_pair_location", SnpColumn::Ps),
            snp("effect_allele", SnpColumn::Allele1),
            snp("other_allele", SnpColumn::Allele0),
            self.beta("beta"),
            self.se("standard_error"),
            number("effect_allele_frequency", Quantity::Af),
            if self.shows_log {
                self.log("neg_log_10_p_value")
            } else {
                self.p("p_value")
            },
            ("rsid", Cell::Rsid),
            number("info", Quantity::Info),
            snp("n", SnpColumn::NObs),
        ]
    }
}
