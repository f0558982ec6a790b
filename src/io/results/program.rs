//! Recognises a table of associations by the names of its columns.

/// The program whose columns a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// GEMMA, and jamma with GEMMA's columns.
    Gemma,
    /// REGENIE, step 2.
    Regenie,
    /// REGENIE with `--htp`.
    Htp,
    /// PLINK 2, `--glm`.
    Plink2,
    /// PLINK 1.9, `--linear` and `--assoc`.
    Plink1,
    /// SAIGE.
    Saige,
    /// GCTA, `--mlma` and `--fastGWA`.
    Gcta,
    /// GWAS-SSF.
    Ssf,
    /// A table with METAL's names, or another with columns of usual names.
    Other,
}

impl Program {
    /// The name for messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemma => "GEMMA",
            Self::Regenie => "REGENIE",
            Self::Htp => "REGENIE (HTP)",
            Self::Plink2 => "PLINK 2",
            Self::Plink1 => "PLINK 1.9",
            Self::Saige => "SAIGE",
            Self::Gcta => "GCTA",
            Self::Ssf => "GWAS-SSF",
            Self::Other => "unknown program",
        }
    }
}

/// The columns of a table by what they contain, as indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recognised {
    pub(super) program: Program,
    /// The trait, in a table of several.
    pub(super) of_trait: Option<usize>,
    pub(super) chr: Option<usize>,
    pub(super) ps: Option<usize>,
    pub(super) id: Option<usize>,
    pub(super) effect: Option<usize>,
    pub(super) other: Option<usize>,
    /// The test of a row: PLINK and REGENIE write several rows of a SNP, such as those of its covariates.
    pub(super) test_of_row: Option<usize>,
    /// With these two alleles, the other allele is the one that is not the effect allele.
    pub(super) pair: Option<[usize; 2]>,
    /// Columns of numbers with their names, under which the same numbers of other programs have the same name.
    pub(super) numbers: Vec<(usize, String)>,
    /// The tests: name, and indices of p and of −log₁₀ p.
    pub(super) tests: Vec<(String, Option<usize>, Option<usize>)>,
}

/// Columns of texts that are not compared.
const TEXTS: [&str; 15] = [
    "firth?",
    "is.spa",
    "is.spa.bin",
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
];

/// The columns called `names`; `None` if neither an id nor a position, or no p-value, is among them.
pub(super) fn recognise(names: &[String]) -> Option<Recognised> {
    let names: Vec<String> = (names.iter())
        .map(|name| name.trim().trim_start_matches('#').to_ascii_lowercase())
        .collect();
    let find = |known: &[&str]| {
        let mut known = known.iter();
        known.find_map(|one| names.iter().position(|name| name == one))
    };
    let has = |name: &str| find(&[name]).is_some();
    let program = if has("allele1") && has("allele0") && has("rs") {
        Program::Gemma
    } else if has("genpos") {
        Program::Regenie
    } else if has("lci_effect") {
        Program::Htp
    } else if has("base_pair_location") {
        Program::Ssf
    } else if has("obs_ct") {
        Program::Plink2
    } else if has("af_allele2") || has("markerid") {
        Program::Saige
    } else if has("nmiss") {
        Program::Plink1
    } else if has("a1") && has("a2") {
        Program::Gcta
    } else {
        Program::Other
    };
    let (effect, other, pair) = match program {
        Program::Gemma | Program::Regenie => (find(&["allele1"]), find(&["allele0"]), None),
        Program::Htp => (find(&["alt"]), find(&["ref"]), None),
        Program::Ssf => (find(&["effect_allele"]), find(&["other_allele"]), None),
        Program::Plink2 => {
            let pair = find(&["ref"]).zip(find(&["alt"]));
            let pair = pair.map(|(one, two)| [one, two]);
            (find(&["a1"]), find(&["omitted"]), pair)
        }
        Program::Saige => (find(&["allele2"]), find(&["allele1"]), None),
        Program::Plink1 | Program::Gcta => (find(&["a1"]), find(&["a2"]), None),
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
        ]),
        id: find(&[
            "rs",
            "id",
            "snp",
            "snpid",
            "markerid",
            "marker",
            "markername",
            "name",
            "variant_id",
            "rsid",
        ]),
        effect,
        other,
        test_of_row: find(&["test"]),
        pair: pair.filter(|_| other.is_none()),
        numbers: Vec::new(),
        tests: Vec::new(),
    };
    let texts = [
        found.of_trait,
        found.chr,
        found.ps,
        found.id,
        found.effect,
        found.other,
    ];
    for (index, name) in names.iter().enumerate() {
        let is_text = texts.contains(&Some(index))
            || (found.pair.is_some_and(|pair| pair.contains(&index)))
            || TEXTS.contains(&name.as_str())
            || matches!(name.as_str(), "ref" | "alt" | "rsid" | "a1" | "omitted");
        if is_text && !(name == "info" && program != Program::Htp) {
            continue;
        }
        if !found.add_test(index, name) {
            found.numbers.push((index, common_name(name).to_owned()));
        }
    }
    let is_placed = found.id.is_some() || found.chr.is_some() && found.ps.is_some();
    (is_placed && !found.tests.is_empty()).then_some(found)
}

impl Recognised {
    /// Adds a column if it is one of p-values or of −log₁₀ p.
    fn add_test(&mut self, index: usize, name: &str) -> bool {
        let (test, is_log) = match name {
            "p" | "pval" | "pvalue" | "p-value" | "p.value" | "p_value" => ("p", false),
            "log10p" | "log10_p" | "neg_log10_p" | "neg_log_10_p_value" | "mlog10p" => ("p", true),
            name => match name.strip_prefix("neg_log10_p_") {
                Some(_) => (&name["neg_log10_".len()..], true),
                None if name.starts_with("p_") => (name, false),
                None => return false,
            },
        };
        let known = self.tests.iter().position(|(known, ..)| known == test);
        let at = known.unwrap_or_else(|| {
            self.tests.push((test.to_owned(), None, None));
            self.tests.len() - 1
        });
        let (_, p, log) = &mut self.tests[at];
        *(if is_log { log } else { p }) = Some(index);
        true
    }
}

/// The name in GEMMA's tables of what other programs call differently.
fn common_name(name: &str) -> &str {
    match name {
        "a1freq"
        | "a1_freq"
        | "af_allele2"
        | "freq"
        | "freq1"
        | "af1"
        | "aaf"
        | "eaf"
        | "effect_allele_frequency" => "af",
        "b" | "effect" => "beta",
        "standard_error" | "stderr" => "se",
        "obs_ct" | "n_obs" | "num_cases" => "n",
        "n_mis" => "n_miss",
        "mach_r2" => "info",
        "logl_h1" => "logl_H1",
        name => name,
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
                "CHR SNP BP A1 TEST NMISS BETA STAT P",
                Program::Plink1,
                Some(3),
                None,
            ),
            (
                "MARKER CHR POS ALLELE1 ALLELE2 FREQ N EFFECT STDERR PVALUE",
                Program::Other,
                Some(3),
                Some(4),
            ),
        ] {
            let of = found(names);
            assert_eq!((of.program, of.effect, of.other), (program, effect, other));
        }
        assert!(recognise(&["a".into(), "b".into()]).is_none());
    }

    #[test]
    fn numbers_have_the_same_name_whatever_the_program_calls_them() {
        let of = found("CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA");
        let names: Vec<&str> = of.numbers.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["af", "n", "beta", "se", "chisq"]);
        assert_eq!(of.tests, [("p".to_owned(), None, Some(11))]);
        let of = found("chr rs ps allele1 allele0 p_wald p_lrt neg_log10_p_wald");
        let expected = [
            ("p_wald".to_owned(), Some(5), Some(7)),
            ("p_lrt".to_owned(), Some(6), None),
        ];
        assert_eq!(of.tests, expected);
    }
}
