//! What the columns of a table of associations contain, by their names.

use super::program::Program;

/// The columns of a table by what they contain, as indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recognised {
    pub(super) program: Program,
    /// The trait, in a table of several.
    pub(super) of_trait: Option<usize>,
    pub(super) chr: Option<usize>,
    pub(super) ps: Option<usize>,
    pub(super) id: Option<usize>,
    pub(super) effect: Option<usize>,
    pub(super) other: Option<usize>,
    /// Why a row has no statistics.
    pub(super) status: Option<usize>,
    /// The test of a row: PLINK and REGENIE write several rows of a SNP, such as those of its covariates.
    pub(super) test_of_row: Option<usize>,
    /// With these two alleles, the other allele is the one that is not the effect allele.
    pub(super) pair: Option<[usize; 2]>,
    /// Columns of numbers with their names, under which the same numbers of other programs have the same name.
    pub(super) numbers: Vec<(usize, String)>,
    /// The tests: name, and indices of p and of −log₁₀ p.
    pub(super) tests: Vec<(String, Option<usize>, Option<usize>)>,
}

/// Columns of texts, and of numbers that do not depend on the analysis. None is compared.
const TEXTS: [&str; 29] = [
    "firth?",
    "is.spa",
    "is.spa.bin",
    "is.spa.converge",
    "converge",
    "test",
    "errcode",
    "extra",
    "status",
    "provisional_ref?",
    "model",
    "trait",
    "cohort",
    "info",
    "ref_allele",
    "hm_code",
    "direction",
    "ref",
    "alt",
    "rsid",
    "snpid",
    "variant_id",
    "a1",
    "a2",
    "ax",
    "omitted",
    "sid_index",
    "gendist",
    "geneticdistance",
];

/// Columns that must contain numbers. Others of which a cell is a word are left out.
pub(super) const NUMBERS: [&str; 5] = ["af", "beta", "se", "or", "n_miss"];

/// The columns called `names`; `None` if neither an id nor a position, or no p-value, is among them.
pub(super) fn recognise(names: &[String]) -> Option<Recognised> {
    let names: Vec<String> = (names.iter())
        .map(|name| name.trim().trim_start_matches('#').to_ascii_lowercase())
        .collect();
    let find = |known: &[&str]| {
        let mut known = known.iter();
        known.find_map(|one| names.iter().position(|name| name == one))
    };
    let program = Program::of(&names);
    let (effect, other, pair) = match program {
        Program::Gemma | Program::Regenie | Program::Bolt => {
            (find(&["allele1"]), find(&["allele0"]), None)
        }
        Program::Htp => (find(&["alt"]), find(&["ref"]), None),
        Program::Ssf => (find(&["effect_allele"]), find(&["other_allele"]), None),
        Program::Plink2 => {
            let pair = find(&["ref"]).zip(find(&["alt"]));
            let pair = pair.map(|(one, two)| [one, two]);
            (find(&["a1"]), find(&["omitted", "ax"]), pair)
        }
        Program::Saige => (find(&["allele2"]), find(&["allele1"]), None),
        Program::Metal => (find(&["allele1"]), find(&["allele2"]), None),
        Program::Plink1 | Program::Gcta => (find(&["a1"]), find(&["a2"]), None),
        Program::FastLmm | Program::Emmax => (None, None, None),
        Program::Other => (
            find(&["effect_allele", "ea", "allele1", "a1", "alt"]),
            find(&["other_allele", "nea", "allele2", "a2", "ref"]),
            None,
        ),
    };
    let mut found = Recognised {
        program,
        of_trait: find(&["trait"]).filter(|&at| program == Program::Gemma || at == 0),
        chr: find(&["chr", "chrom", "chromosome"]),
        ps: find(&[
            "ps",
            "pos",
            "bp",
            "genpos",
            "base_pair_location",
            "position",
            "chrpos",
        ]),
        id: find(&[
            "rs",
            "id",
            "snp",
            "markerid",
            "snpid",
            "marker",
            "markername",
            "name",
            "variant_id",
            "rsid",
        ]),
        effect,
        other,
        status: find(&["status", "errcode", "extra"]),
        test_of_row: find(&["test"]),
        pair: pair.filter(|_| other.is_none()),
        numbers: Vec::new(),
        tests: Vec::new(),
    };
    let of_snp = [
        found.of_trait,
        found.chr,
        found.ps,
        found.id,
        found.effect,
        found.other,
    ];
    for (index, name) in names.iter().enumerate() {
        let is_text = of_snp.contains(&Some(index))
            || TEXTS.contains(&name.as_str())
            || name == "genpos" && program == Program::Bolt;
        // The imputation quality, except in REGENIE's list of further values.
        if is_text && !(name == "info" && program != Program::Htp) {
            continue;
        }
        if !found.add_test(index, name) {
            let name = common_name(program, name).to_owned();
            found.numbers.push((index, name));
        }
    }
    found.tests.sort_by_key(|(name, ..)| rank(name));
    let is_placed = found.id.is_some() || found.chr.is_some() && found.ps.is_some();
    (is_placed && !found.tests.is_empty()).then_some(found)
}

/// The columns of EMMAX's `.ps`, which has no header: id, effect, perhaps its standard error, p. `None` for another number.
pub(super) fn of_emmax(n_columns: usize) -> Option<Recognised> {
    let numbers = match n_columns {
        3 => vec![(1, "beta".to_owned())],
        4 => vec![(1, "beta".to_owned()), (2, "se".to_owned())],
        _ => return None,
    };
    Some(Recognised {
        program: Program::Emmax,
        of_trait: None,
        chr: None,
        ps: None,
        id: Some(0),
        effect: None,
        other: None,
        status: None,
        test_of_row: None,
        pair: None,
        numbers,
        tests: vec![("p".to_owned(), Some(n_columns - 1), None)],
    })
}

/// The order of tests whose columns are not in the order in which they are of interest: p-values of BOLT-LMM's mixed model are
/// first, and those that ignore an imbalance of cases and controls last.
fn rank(test: &str) -> usize {
    match test {
        "p_bolt_lmm_inf" => 2,
        "p_linreg" | "p_nospa" => 3,
        "p_bolt_lmm" => 0,
        _ => 1,
    }
}

impl Recognised {
    /// Adds a column if it is one of p-values or of −log₁₀ p.
    fn add_test(&mut self, index: usize, name: &str) -> bool {
        let (test, is_log) = match name {
            "p" | "pval" | "pvalue" | "p-value" | "p.value" | "p_value" => ("p".to_owned(), false),
            "log10p" | "log10_p" | "neg_log10_p" | "neg_log_10_p_value" | "mlog10p" => {
                ("p".to_owned(), true)
            }
            // Several traits in one table of REGENIE.
            name if name.starts_with("log10p.") => {
                (format!("p.{}", &name["log10p.".len()..]), true)
            }
            name => match name.strip_prefix("neg_log10_p_") {
                Some(_) => (name["neg_log10_".len()..].to_owned(), true),
                None if name.starts_with("p_") => (name.to_owned(), false),
                None => return false,
            },
        };
        let known = self.tests.iter().position(|(known, ..)| *known == test);
        let at = known.unwrap_or_else(|| {
            self.tests.push((test, None, None));
            self.tests.len() - 1
        });
        let (_, p, log) = &mut self.tests[at];
        *(if is_log { log } else { p }) = Some(index);
        true
    }

    /// The indices of the columns to read: of the SNP, then numbers, then p and −log₁₀ p of the tests.
    pub(super) fn wanted(&self) -> Vec<usize> {
        let of_snp = [
            self.test_of_row,
            self.status,
            self.of_trait,
            self.chr,
            self.ps,
            self.id,
            self.effect,
            self.other,
        ];
        let of_snp = of_snp.into_iter().flatten();
        let pair = self.pair.into_iter().flatten();
        let numbers = self.numbers.iter().map(|(index, _)| *index);
        let tests = self.tests.iter();
        let tests = tests.flat_map(|(_, p, log)| [*p, *log].into_iter().flatten());
        of_snp.chain(pair).chain(numbers).chain(tests).collect()
    }

    /// The index of a number among the [numbers](Self::numbers).
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.numbers.iter().position(|(_, known)| known == name)
    }

    /// The name of the first test.
    pub(crate) fn first_test(&self) -> &str {
        &self.tests[0].0
    }

    /// Whether the table is of several traits.
    pub(crate) fn has_traits(&self) -> bool {
        self.of_trait.is_some()
    }
}

/// The name in GEMMA's tables of what other programs call differently.
fn common_name(program: Program, name: &str) -> &str {
    match (program, name) {
        // Individuals with a genotype.
        (Program::Plink1, "nmiss") | (_, "obs_ct" | "n_obs" | "num_cases") => "n",
        (Program::FastLmm, "snpweight") | (_, "b" | "effect") => "beta",
        (Program::FastLmm, "snpweightse") | (_, "standard_error" | "stderr" | "log(or)_se") => "se",
        (
            _,
            "a1freq"
            | "a1_freq"
            | "af_allele2"
            | "freq"
            | "freq1"
            | "af1"
            | "aaf"
            | "eaf"
            | "effect_allele_frequency",
        ) => "af",
        (_, "odds_ratio") => "or",
        (_, "n_mis") => "n_miss",
        (_, "mach_r2" | "imputationinfo") => "info",
        (_, "logl_h1") => "logl_H1",
        (_, name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &str) -> Recognised {
        let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
        recognise(&names).unwrap()
    }

    #[test]
    fn programs_are_recognised_by_their_columns() {
        for (names, program, effect, other) in [
            (
                "chr rs ps n_miss allele1 allele0 af beta se p_wald",
                Program::Gemma,
                Some(4),
                Some(5),
            ),
            (
                "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA",
                Program::Regenie,
                Some(4),
                Some(3),
            ),
            (
                "SNP CHR BP GENPOS ALLELE1 ALLELE0 A1FREQ F_MISS BETA SE P_BOLT_LMM_INF P_BOLT_LMM",
                Program::Bolt,
                Some(4),
                Some(5),
            ),
            (
                "#CHROM POS ID REF ALT A1 TEST OBS_CT BETA SE T_STAT P ERRCODE",
                Program::Plink2,
                Some(5),
                None,
            ),
            (
                "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 BETA SE p.value",
                Program::Saige,
                Some(4),
                Some(3),
            ),
            (
                "Chr SNP bp A1 A2 Freq b se p",
                Program::Gcta,
                Some(3),
                Some(4),
            ),
            (
                "CHR SNP POS A1 A2 N AF1 BETA SE P",
                Program::Gcta,
                Some(3),
                Some(4),
            ),
            (
                "CHR SNP BP A1 TEST NMISS BETA STAT P",
                Program::Plink1,
                Some(3),
                None,
            ),
            (
                "CHR SNP BP A1 F_A F_U A2 CHISQ P OR",
                Program::Plink1,
                Some(3),
                Some(6),
            ),
            (
                "CHR SNP BP NMISS BETA SE R2 T P",
                Program::Plink1,
                None,
                None,
            ),
            (
                "MARKER CHR POS ALLELE1 ALLELE2 FREQ N EFFECT STDERR PVALUE",
                Program::Metal,
                Some(3),
                Some(4),
            ),
            (
                "MarkerName Allele1 Allele2 Freq1 FreqSE MinFreq MaxFreq Effect StdErr P-value Direction HetPVal",
                Program::Metal,
                Some(1),
                Some(2),
            ),
            (
                "sid_index SNP Chr GenDist ChrPos PValue SnpWeight SnpWeightSE Nullh2",
                Program::FastLmm,
                None,
                None,
            ),
            (
                "chromosome position id ea nea eaf beta se p",
                Program::Other,
                Some(3),
                Some(4),
            ),
        ] {
            let of = found(names);
            assert_eq!(
                (of.program, of.effect, of.other),
                (program, effect, other),
                "{names}"
            );
        }
        assert!(recognise(&["a".into(), "b".into()]).is_none());
    }

    #[test]
    fn numbers_have_the_same_name_whatever_the_program_calls_them() {
        let names = |of: &Recognised| -> Vec<String> {
            of.numbers.iter().map(|(_, name)| name.clone()).collect()
        };
        let of = found("CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA");
        assert_eq!(names(&of), ["af", "n", "beta", "se", "chisq"]);
        assert_eq!(of.tests, [("p".to_owned(), None, Some(11))]);
        let of = found("chr rs ps allele1 allele0 p_wald p_lrt neg_log10_p_wald");
        let expected = [
            ("p_wald".to_owned(), Some(5), Some(7)),
            ("p_lrt".to_owned(), Some(6), None),
        ];
        assert_eq!(of.tests, expected);
        let of =
            found("SNP CHR BP GENPOS ALLELE1 ALLELE0 A1FREQ BETA SE P_BOLT_LMM_INF P_BOLT_LMM");
        assert_eq!(names(&of), ["af", "beta", "se"]);
        assert_eq!((of.ps, of.first_test()), (Some(2), "p_bolt_lmm"));
        let of = found("SNP Chromosome Position Pvalue N SNPWeight SNPWeightSE");
        assert_eq!(
            (names(&of), of.chr, of.ps),
            (
                vec!["n".into(), "beta".into(), "se".into()],
                Some(1),
                Some(2)
            )
        );
        let of = found("CHROM GENPOS ID ALLELE0 ALLELE1 BETA.y1 SE.y1 LOG10P.y1 BETA.y2 LOG10P.y2");
        assert_eq!(of.tests.len(), 2);
        assert_eq!(of.first_test(), "p.y1");
        assert_eq!(
            names(&found("CHR SNP BP A1 TEST NMISS BETA STAT P"))[0],
            "n"
        );
    }

    #[test]
    fn a_table_without_header_has_three_or_four_columns() {
        assert_eq!(of_emmax(3).unwrap().tests[0].1, Some(2));
        assert_eq!(of_emmax(4).unwrap().number("se"), Some(1));
        assert!(of_emmax(5).is_none());
    }
}
