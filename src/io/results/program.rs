//! The programs whose tables of associations are recognised.

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
    /// PLINK 1.9, `--linear`, `--logistic` and `--assoc`.
    Plink1,
    /// SAIGE, step 2.
    Saige,
    /// GCTA, `--mlma` and `--fastGWA-mlm`.
    Gcta,
    /// BOLT-LMM.
    Bolt,
    /// FaST-LMM.
    FastLmm,
    /// EMMAX, `.ps`, which has no header and no alleles.
    Emmax,
    /// METAL.
    Metal,
    /// GWAS-SSF.
    Ssf,
    /// Another table with columns of usual names.
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
            Self::Bolt => "BOLT-LMM",
            Self::FastLmm => "FaST-LMM",
            Self::Emmax => "EMMAX",
            Self::Metal => "METAL",
            Self::Ssf => "GWAS-SSF",
            Self::Other => "unknown program",
        }
    }

    /// The program with these columns, whose names are in lower case.
    pub(super) fn of(names: &[String]) -> Self {
        let has = |name: &str| names.iter().any(|known| known == name);
        let tests: [(Self, bool); 12] = [
            (Self::Gemma, has("allele1") && has("allele0") && has("rs")),
            // GENPOS is a genetic position in BOLT-LMM, and the position in REGENIE.
            (Self::Bolt, has("genpos") && has("bp")),
            (Self::Regenie, has("genpos")),
            (Self::Htp, has("lci_effect")),
            (Self::Ssf, has("base_pair_location")),
            (Self::Plink2, has("obs_ct")),
            (Self::Saige, has("af_allele2") || has("markerid")),
            (Self::Plink1, has("nmiss") || has("f_a") && has("f_u")),
            (Self::FastLmm, has("snpweight")),
            (
                Self::Metal,
                (has("markername") || has("marker")) && (has("zscore") || has("stderr")),
            ),
            (Self::Gcta, has("a1") && has("a2")),
            (Self::Other, true),
        ];
        let found = tests.into_iter().find(|(_, is_it)| *is_it);
        found.map_or(Self::Other, |(program, _)| program)
    }
}
