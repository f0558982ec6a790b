//! The chromosomes of a species (`--chr-set`): which are autosomes, and which are those of the sexes.

use super::selection::bare_name;
use crate::io::bim::Snp;
use std::fmt;
use std::ops::RangeInclusive;

/// A species: its name, the number of its autosomes, and whether it has sex chromosomes.
type Species = (&'static str, u64, bool);

/// The species with a name. Those of PLINK have PLINK's numbers of autosomes.
const SPECIES: [Species; 10] = [
    ("human", 22, true),
    ("mouse", 19, true),
    ("rat", 20, true),
    ("cow", 29, true),
    ("dog", 38, true),
    ("goat", 29, true),
    ("horse", 31, true),
    ("pig", 18, true),
    ("rice", 12, false),
    ("sheep", 26, true),
];

/// Largest number of autosomes, as in PLINK.
const MAX_AUTOSOMES: u64 = 95;
/// The chromosomes whose codes follow the last autosome: X, Y, XY and MT as in PLINK 1, then, for human only, PAR1 and PAR2
/// as in PLINK 2.
const CODES: [ChromosomeClass; 6] = [
    ChromosomeClass::X,
    ChromosomeClass::Y,
    ChromosomeClass::PseudoAutosomal,
    ChromosomeClass::Mitochondrial,
    ChromosomeClass::PseudoAutosomal,
    ChromosomeClass::PseudoAutosomal,
];

/// What a chromosome is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChromosomeClass {
    /// Two copies in everybody.
    Autosome,
    /// X without its pseudo-autosomal regions: males have one copy.
    X,
    /// Y: males have one copy, females none.
    Y,
    /// Mitochondrial DNA: one copy in everybody.
    Mitochondrial,
    /// Shared by X and Y: two copies in everybody, but not an autosome.
    PseudoAutosomal,
    /// Unplaced: chromosome 0, or a name that the set does not have, such as that of a scaffold. Treated as diploid, but
    /// not an autosome.
    Unplaced,
}

impl ChromosomeClass {
    /// Every class.
    pub const ALL: [Self; 6] = [
        Self::Autosome,
        Self::X,
        Self::Y,
        Self::Mitochondrial,
        Self::PseudoAutosomal,
        Self::Unplaced,
    ];

    /// Whether the number of copies of an individual depends on its sex.
    #[must_use]
    pub fn depends_on_sex(self) -> bool {
        matches!(self, Self::X | Self::Y)
    }

    /// Where a SNP of this class is, for messages.
    #[must_use]
    pub fn place(self) -> &'static str {
        match self {
            Self::Autosome => "on autosomes",
            Self::X => "on X",
            Self::Y => "on Y",
            Self::Mitochondrial => "on MT",
            Self::PseudoAutosomal => "in pseudo-autosomal regions",
            Self::Unplaced => "unplaced",
        }
    }
}

/// How the males' genotypes on X are counted (`--x-model`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum XModel {
    /// `2`: a male has 0 or 2 copies, as if one of the females' two copies were inactive (Clayton 2008, Biostatistics
    /// 9:593).
    #[default]
    Two,
    /// `1`: a male has 0 or 1 copy.
    One,
    /// `none`: SNPs on X are not tested.
    Skip,
}

impl XModel {
    /// The value of the option.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Two => "2",
            Self::One => "1",
            Self::Skip => "none",
        }
    }

    /// What is done, for the log.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Two => "males have 0 or 2 copies",
            Self::One => "males have 0 or 1 copy",
            Self::Skip => "SNPs on X are not tested",
        }
    }
}

/// The pseudo-autosomal positions of X (`--par`), both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParRanges {
    /// What the user gave, for the log.
    pub name: String,
    /// The ranges.
    pub ranges: Vec<RangeInclusive<i64>>,
}

impl ParRanges {
    /// The regions of a build of the human genome: up to the end of PAR1, and from the start of PAR2 on; the boundaries are
    /// those of PLINK's `--split-par`. `None` if there is no such build.
    #[must_use]
    pub fn of_build(name: &str) -> Option<Self> {
        let (end, start) = match name.to_ascii_lowercase().as_str() {
            "hg18" | "b36" => (2_709_521, 154_584_237),
            "hg19" | "b37" | "grch37" => (2_699_520, 154_931_044),
            "hg38" | "b38" | "grch38" => (2_781_479, 155_701_383),
            _ => return None,
        };
        Some(Self {
            name: name.to_owned(),
            ranges: vec![i64::MIN..=end, start..=i64::MAX],
        })
    }

    /// Ranges such as `10001-2781479,155701383-156030895`. `None` if the text is not a list of ascending ranges.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let range = |part: &str| {
            let (first, last) = part.trim().split_once('-')?;
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then(|| i64::from(first)..=i64::from(last))
        };
        Some(Self {
            name: text.to_owned(),
            ranges: text.split(',').map(range).collect::<Option<_>>()?,
        })
    }

    fn contains(&self, ps: i64) -> bool {
        self.ranges.iter().any(|range| range.contains(&ps))
    }
}

/// The chromosomes of a species.
///
/// Names may have the prefix `chr`: numbers from 1 to the number of autosomes n, X (n + 1), Y (n + 2), XY (n + 3; also PAR,
/// PAR1 and PAR2, for human n + 5 and n + 6) and MT (n + 4; also M), in upper or lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChromosomeSet {
    /// The name of the species, or the number of autosomes.
    name: String,
    n_autosomes: u64,
    has_sexes: bool,
    par: ParRanges,
}

impl ChromosomeSet {
    /// The set of a species, by its name or by the number of its autosomes. `None` if it is not known.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let known = SPECIES.iter().find(|(name, ..)| *name == lower);
        let (n_autosomes, has_sexes) = if let Some(&(_, n, has_sexes)) = known {
            (n, has_sexes)
        } else {
            let n = text.parse().ok();
            (n.filter(|n| (1..=MAX_AUTOSOMES).contains(n))?, true)
        };
        Some(Self {
            name: lower,
            n_autosomes,
            has_sexes,
            par: ParRanges::default(),
        })
    }

    /// The same chromosomes, of which X has these pseudo-autosomal positions.
    #[must_use]
    pub fn with_par(mut self, par: ParRanges) -> Self {
        self.par = par;
        self
    }

    /// The names of the species.
    pub fn species_names() -> impl Iterator<Item = &'static str> {
        SPECIES.into_iter().map(|(name, ..)| name)
    }

    /// The species that have a name, for messages.
    #[must_use]
    pub fn species() -> String {
        Self::species_names().collect::<Vec<_>>().join(", ")
    }

    /// The name of the species, or the number of autosomes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pseudo-autosomal positions of X; no ranges if they were not given.
    #[must_use]
    pub fn par(&self) -> &ParRanges {
        &self.par
    }

    /// The chromosomes whose codes follow the last autosome.
    fn codes(&self) -> &'static [ChromosomeClass] {
        if self.name == "human" {
            &CODES
        } else {
            &CODES[..4]
        }
    }

    /// Whether the species has sex chromosomes.
    #[must_use]
    pub fn has_sexes(&self) -> bool {
        self.has_sexes
    }

    /// What the chromosome `name` is, if X has no pseudo-autosomal positions. `None` if it is a number above those of the
    /// set.
    #[must_use]
    pub fn class_of_name(&self, name: &str) -> Option<ChromosomeClass> {
        use ChromosomeClass::{Autosome, Mitochondrial, PseudoAutosomal, Unplaced, X, Y};
        let bare = bare_name(name);
        if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) {
            let number: u64 = bare.parse().unwrap_or(u64::MAX);
            let n = self.n_autosomes;
            let code = number.saturating_sub(n);
            return match (number, code) {
                (0, _) => Some(Unplaced),
                (1.., 0) => Some(Autosome),
                _ if self.has_sexes => self.codes().get(code as usize - 1).copied(),
                _ => None,
            };
        }
        let class = match bare.to_ascii_uppercase().as_str() {
            "M" | "MT" => Mitochondrial,
            _ if !self.has_sexes => Unplaced,
            "X" => X,
            "Y" => Y,
            "XY" | "PAR" | "PAR1" | "PAR2" => PseudoAutosomal,
            _ => Unplaced,
        };
        Some(class)
    }

    /// What the chromosome of a SNP is at its position; a number above those of the set is [`ChromosomeClass::Unplaced`].
    #[must_use]
    pub fn class(&self, snp: Snp<'_>) -> ChromosomeClass {
        let class = self.class_of_name(snp.chr);
        self.at(class.unwrap_or(ChromosomeClass::Unplaced), snp.ps)
    }

    /// What a chromosome of this class is at a position.
    #[must_use]
    pub fn at(&self, class: ChromosomeClass, ps: i64) -> ChromosomeClass {
        if class == ChromosomeClass::X && self.par.contains(ps) {
            return ChromosomeClass::PseudoAutosomal;
        }
        class
    }

    /// Whether the chromosome `name` is an autosome.
    #[must_use]
    pub fn is_autosome(&self, name: &str) -> bool {
        self.class_of_name(name) == Some(ChromosomeClass::Autosome)
    }
}

/// The species and its chromosomes, in words.
impl fmt::Display for ChromosomeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.n_autosomes;
        write!(f, "{}: {n} autosomes", self.name)?;
        if self.has_sexes {
            let (x, y, xy, mt) = (n + 1, n + 2, n + 3, n + 4);
            write!(f, ", X ({x}), Y ({y}), XY ({xy}) and MT ({mt})")?;
        }
        if !self.par.ranges.is_empty() {
            write!(f, "; pseudo-autosomal X {}", self.par.name)?;
        }
        Ok(())
    }
}

/// The chromosomes of a study, and how X is modelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChromosomeModel {
    /// `--chr-set` and `--par`.
    pub set: ChromosomeSet,
    /// `--x-model`.
    pub x_model: XModel,
}

/// The model in words, for the log.
impl fmt::Display for ChromosomeModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.set.fmt(f)?;
        if self.set.has_sexes {
            let (name, meaning) = (self.x_model.name(), self.x_model.meaning());
            write!(f, "; X model {name}: {meaning}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::ChromosomeClass::{Autosome, Mitochondrial, PseudoAutosomal, Unplaced, X, Y};
    use super::*;

    fn set(name: &str) -> ChromosomeSet {
        ChromosomeSet::of(name).unwrap()
    }

    #[test]
    fn names_and_codes_are_those_of_plink() {
        for (species, name, class) in [
            ("human", "1", Some(Autosome)),
            ("human", "chr22", Some(Autosome)),
            ("human", "07", Some(Autosome)),
            ("human", "23", Some(X)),
            ("human", "X", Some(X)),
            ("human", "chrx", Some(X)),
            ("human", "24", Some(Y)),
            ("human", "25", Some(PseudoAutosomal)),
            ("human", "XY", Some(PseudoAutosomal)),
            ("human", "PAR2", Some(PseudoAutosomal)),
            ("human", "28", Some(PseudoAutosomal)),
            ("human", "26", Some(Mitochondrial)),
            ("human", "chrM", Some(Mitochondrial)),
            ("human", "MT", Some(Mitochondrial)),
            ("human", "0", Some(Unplaced)),
            ("human", "Un", Some(Unplaced)),
            ("human", "scaffold_1", Some(Unplaced)),
            ("human", "1_random", Some(Unplaced)),
            ("human", "-9", Some(Unplaced)),
            ("human", "29", None),
            ("human", "chr31", None),
            ("human", "99999999999999999999999", None),
            ("cow", "29", Some(Autosome)),
            ("cow", "30", Some(X)),
            ("dog", "39", Some(X)),
            ("dog", "42", Some(Mitochondrial)),
            ("horse", "33", Some(Y)),
            ("Mouse", "20", Some(X)),
            ("mouse", "22", Some(PseudoAutosomal)),
            ("sheep", "27", Some(X)),
            ("rice", "12", Some(Autosome)),
            ("rice", "13", None),
            ("mouse", "24", None),
            ("rice", "X", Some(Unplaced)),
            ("rice", "Mt", Some(Mitochondrial)),
            ("5", "5", Some(Autosome)),
            ("5", "6", Some(X)),
            ("5", "10", None),
        ] {
            assert_eq!(set(species).class_of_name(name), class, "{species} {name}");
        }
        for wrong in ["", "cat", "0", "96", "-3", "22.5"] {
            assert_eq!(ChromosomeSet::of(wrong), None, "{wrong}");
        }
        assert_eq!(
            set("mouse").to_string(),
            "mouse: 19 autosomes, X (20), Y (21), XY (22) and MT (23)"
        );
    }

    #[test]
    fn positions_in_the_pseudo_autosomal_regions_of_x_are_diploid() {
        let at = |set: &ChromosomeSet, chr, ps| {
            set.class(Snp {
                chr,
                rs: "rs",
                ps,
                allele1: "A",
                allele0: "C",
            })
        };
        let hg38 = set("human").with_par(ParRanges::of_build("GRCh38").unwrap());
        for (ps, class) in [
            (1, PseudoAutosomal),
            (2_781_479, PseudoAutosomal),
            (2_781_480, X),
            (155_701_382, X),
            (155_701_383, PseudoAutosomal),
        ] {
            assert_eq!(at(&hg38, "chrX", ps), class, "{ps}");
            assert_eq!(at(&hg38, "Y", ps), Y);
            assert_eq!(at(&hg38, "2", ps), Autosome);
        }
        let own = set("cow").with_par(ParRanges::parse("10-20, 40-40").unwrap());
        let classes = [9, 10, 20, 21, 40, 41].map(|ps| at(&own, "X", ps) == X);
        assert_eq!(classes, [true, false, false, true, false, true]);
        for wrong in ["", "10", "20-10", "10-20,", "a-b", "-5-7"] {
            assert_eq!(ParRanges::parse(wrong), None, "{wrong}");
        }
        assert_eq!(ParRanges::of_build("hg17"), None);
    }
}
