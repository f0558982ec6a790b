//! The tables of other programs: their headers and rows.

/// A row of a run, perhaps with exchanged alleles or those of the other strand.
pub(super) struct Row {
    pub(super) chr: String,
    pub(super) ps: String,
    pub(super) rs: String,
    pub(super) effect: String,
    pub(super) other: String,
    pub(super) af: f64,
    pub(super) n: String,
    pub(super) beta: f64,
    pub(super) se: String,
    pub(super) p: String,
}

/// A table of a program: what it is called, its file, its header, a row, and whether alleles and positions are in it.
pub(super) type Program = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Row) -> String,
    [bool; 2],
);

pub(super) const PROGRAMS: [Program; 11] = [
    (
        "REGENIE",
        "y.regenie",
        "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA\n",
        |r| {
            let chisq = (r.beta / r.se.parse::<f64>().unwrap()).powi(2);
            let log = -r.p.parse::<f64>().unwrap().log10();
            format!(
                "{} {} {} {} {} {} {} ADD {:e} {} {chisq} {log} NA",
                r.chr, r.ps, r.rs, r.other, r.effect, r.af, r.n, r.beta, r.se
            )
        },
        [true, true],
    ),
    (
        "BOLT-LMM",
        "y.bolt",
        "SNP\tCHR\tBP\tGENPOS\tALLELE1\tALLELE0\tA1FREQ\tF_MISS\tBETA\tSE\tP_BOLT_LMM_INF\tP_BOLT_LMM\n",
        |r| {
            format!(
                "{}\t{}\t{}\t0.01\t{}\t{}\t{}\t0\t{:e}\t{}\t0.5\t{}",
                r.rs, r.chr, r.ps, r.effect, r.other, r.af, r.beta, r.se, r.p
            )
        },
        [true, true],
    ),
    (
        "SAIGE",
        "y.saige",
        "CHR\tPOS\tMarkerID\tAllele1\tAllele2\tAC_Allele2\tAF_Allele2\tMissingRate\tBETA\tSE\tTstat\tvar\tp.value\tN\n",
        |r| {
            let count = 2.0 * r.n.parse::<f64>().unwrap() * r.af;
            format!(
                "{}\t{}\t{}\t{}\t{}\t{count:.0}\t{}\t0\t{:e}\t{}\t{:e}\t1\t{}\t{}",
                r.chr, r.ps, r.rs, r.other, r.effect, r.af, r.beta, r.se, r.beta, r.p, r.n
            )
        },
        [true, true],
    ),
    (
        "GCTA",
        "y.mlma",
        "Chr\tSNP\tbp\tA1\tA2\tFreq\tb\tse\tp\n",
        |r| {
            format!(
                "{}\t{}\t{}\t{}\t{}\t{}\t{:e}\t{}\t{}",
                r.chr, r.rs, r.ps, r.effect, r.other, r.af, r.beta, r.se, r.p
            )
        },
        [true, true],
    ),
    (
        "GCTA",
        "y.fastGWA",
        "CHR\tSNP\tPOS\tA1\tA2\tN\tAF1\tBETA\tSE\tP\n",
        |r| {
            format!(
                "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:e}\t{}\t{}",
                r.chr, r.rs, r.ps, r.effect, r.other, r.n, r.af, r.beta, r.se, r.p
            )
        },
        [true, true],
    ),
    (
        "PLINK 2",
        "y.glm.linear",
        "#CHROM\tPOS\tID\tREF\tALT\tA1\tTEST\tOBS_CT\tBETA\tSE\tT_STAT\tP\tERRCODE\n",
        |r| {
            // ALT is the effect allele of every second SNP; the rows of a covariate are left out.
            let [first, second] = if r.ps.ends_with("80000") {
                [&r.effect, &r.other]
            } else {
                [&r.other, &r.effect]
            };
            let start = format!(
                "{}\t{}\t{}\t{first}\t{second}\t{}",
                r.chr, r.ps, r.rs, r.effect
            );
            format!(
                "{start}\tADD\t{n}\t{:e}\t{}\t1\t{}\t.\n{start}\tage\t{n}\t9\t9\t9\t0.9\t.",
                r.beta,
                r.se,
                r.p,
                n = r.n
            )
        },
        [true, true],
    ),
    (
        "PLINK 1.9",
        "y.assoc.linear",
        " CHR         SNP         BP   A1       TEST    NMISS       BETA       SE         STAT            P \n",
        |r| {
            format!(
                "   {}   {}   {}    {}        ADD      {}     {:e}     {}    1    {} ",
                r.chr, r.rs, r.ps, r.effect, r.n, r.beta, r.se, r.p
            )
        },
        [true, true],
    ),
    (
        "METAL",
        "y.tbl",
        "MarkerName\tAllele1\tAllele2\tFreq1\tFreqSE\tMinFreq\tMaxFreq\tEffect\tStdErr\tP-value\tDirection\n",
        |r| {
            format!(
                "{}\t{}\t{}\t{af}\t0\t{af}\t{af}\t{:e}\t{}\t{}\t++",
                r.rs,
                r.effect.to_lowercase(),
                r.other.to_lowercase(),
                r.beta,
                r.se,
                r.p,
                af = r.af
            )
        },
        [true, false],
    ),
    (
        "FaST-LMM",
        "y.fastlmm",
        "sid_index\tSNP\tChr\tGenDist\tChrPos\tPValue\tSnpWeight\tSnpWeightSE\n",
        |r| {
            format!(
                "7\t{}\t{}\t0.0\t{}.0\t{}\t{:e}\t{}",
                r.rs, r.chr, r.ps, r.p, r.beta, r.se
            )
        },
        [false, true],
    ),
    (
        "EMMAX",
        "y.ps",
        "",
        |r| format!("{}\t{:e}\t{}\t{}", r.rs, r.beta, r.se, r.p),
        [false, false],
    ),
    (
        "unknown program",
        "y.csv",
        "chromosome,position,id,ea,nea,eaf,beta,se,pvalue\n",
        |r| {
            format!(
                "chr{},{},{},{},{},{},{:e},{},{}",
                r.chr, r.ps, r.rs, r.effect, r.other, r.af, r.beta, r.se, r.p
            )
        },
        [true, true],
    ),
];
