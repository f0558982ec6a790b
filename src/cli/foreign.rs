//! Options of other programs (PLINK, REGENIE, GCTA, BOLT-LMM, SAIGE …): the equivalent option of jamma, or what to do instead.

use super::options::{as_typed, explanation};
use crate::error::Error;

/// What to use instead of an option of another program.
pub(super) enum Remedy {
    /// The option of jamma of this name.
    Ours(&'static str),
    /// Another way, as a hint.
    Instead(&'static str),
}
use Remedy::{Instead, Ours};

const KEEP_INDIVIDUALS: &str = "list the individuals with --keep, or make files of these individuals with PLINK 2 (plink2 --bfile PREFIX --keep FILE --make-bed --out NEW), or write NA for the phenotype of the others in a -p file";
const CHOOSE_SNPS: &str = "choose the SNPs to test with --chr 1-22, with --chr 1 --from-bp 1000000 --to-bp 2000000, or with a file of ids or ranges: --extract FILE";
const CONVERT: &str = "convert the genotypes with PLINK 2 (for example --pedmap PREFIX --make-bed --out NEW) and give -bfile NEW";
const BINARY: &str = "code the phenotype as 0 and 1 and use the linear mixed model, or use a program for case-control studies";
const MAKE_KINSHIP: &str =
    "use `jamma gk -bfile PREFIX`; `jamma lmm` computes the kinship itself if -k is not given";
const GRM: &str = "the model has one kinship with all its entries: give a matrix of GCTA with -k PREFIX.grm.bin, or compute it with `jamma gk -bfile PREFIX`; relatives are modelled, not removed";
const RUN_LMM: &str = "use `jamma lmm -bfile PREFIX`; -lmm 1 to 4 choose the tests";
const RUN_LM: &str = "use `jamma lm -bfile PREFIX` for the linear model without a kinship, or `jamma lmm -bfile PREFIX` for the mixed model";
const USE_PLINK: &str =
    "use PLINK 2 for this step and give its result to jamma with -bfile, -snps or -c";
const COLUMNS: &str = "choose covariates by name: --covar FILE --covar-name age,sex,PC1-PC10";
const IMPUTED: &str = "filter the genotypes with PLINK 2 beforehand (--mac, --max-maf, --extract-if-info with --make-bed)";

/// Names in lower case, with `-` for `_`, and the remedy.
#[rustfmt::skip]
const TABLE: &[(&[&str], Remedy)] = &[
    (&["covars", "cov", "covs", "covariate", "covariates", "covarfile", "covar-file", "covariate-file", "covariatefile", "covfile"], Ours("covar")),
    (&["qcovar"], Ours("c")),
    (&["phenos", "phenofile", "pheno-file", "phenotype", "phenotypes", "phenotype-file", "phenotypefile", "trait"], Ours("pheno")),
    (&["mpheno", "pheno-col-nums", "pheno-index", "pheno-number"], Ours("n")),
    (&["phenoname", "pheno-names", "phenocol", "pheno-col", "phenocollist", "phenocolumns", "trait-col"], Ours("pheno-name")),
    (&["covarname", "covar-names", "covar-col", "covarcol", "covarcollist", "covarcolumns", "qcovarcol", "qcovarcollist"], Ours("covar-name")),
    (&["catcovar", "catcovarlist", "cat-covars", "cat-covar-list"], Ours("cat-covar")),
    (&["missing-phenotype", "input-missing-phenotype", "missing-codes", "na", "na-string"], Ours("missing-code")),
    (&["apply-rint", "invnormalize", "inv-normal", "quantile-normalize", "pheno-quantile-normalize"], Ours("rint")),
    (&["variance-standardize"], Ours("standardize")),
    (&["condition-list", "condition-snps", "covar-snps", "conditional", "condition-file"], Ours("condition")),
    (&["cojo-slct", "forward-selection"], Ours("stepwise")),
    (&["snplist", "snp-list", "snp"], Ours("snps")),
    (&["min-info", "mininfo", "minimpv", "mach-r2-filter", "bgenmininfo"], Ours("info")),
    (&["a1-allele", "reference-allele", "alt1-allele", "alt-allele"], Ours("effect-allele")),
    (&["include-snps", "include", "extract-range", "range"], Ours("extract")),
    (&["exclude-snp", "exclude-snps", "exclude-range"], Ours("exclude")),
    (&["chrom", "chromosome", "chrlist"], Ours("chr")),
    (&["kinship", "kinshipfile", "kinship-file", "kin", "relatedness", "relatedness-matrix", "similarity", "kmatrix", "kmat", "rel", "king-table", "cxx", "sxx"], Ours("k")),
    (&["out", "output", "outprefix", "out-prefix", "outputprefix", "output-prefix", "prefix", "outfile", "out-file", "output-file", "outputfile", "statsfile", "saigeoutputfile", "statsfilebgensnps"], Ours("o")),
    (&["out-dir", "output-dir", "outputdir", "output-directory", "dir"], Ours("outdir")),
    (&["geno", "maxmissingpersnp", "max-missing", "missing-rate", "missingness", "call-rate", "geno-miss"], Ours("miss")),
    (&["min-maf", "minmaf", "maf-min", "maf-threshold", "mafthreshold", "bgenminmaf"], Ours("maf")),
    (&["hwe-p", "hwe-threshold"], Ours("hwe")),
    (&["bed", "bim", "fam", "bedfile", "bimfile", "famfile", "plink", "plinkfile", "plink-file", "plinkprefix", "plink-prefix", "bed-prefix", "file-prefix", "bprefix", "input", "in", "genotypes", "genotype"], Ours("bfile")),
    (&["t", "nthread", "nthreads", "n-threads", "num-threads", "numthreads", "thread-num", "cpus", "cpu", "ncpu", "ncpus", "cores", "ncores", "jobs", "parallel"], Ours("threads")),
    (&["silent", "q"], Ours("silence")),
    (&["mem", "max-memory", "maxmem"], Ours("memory")),
    (&["gzip", "zip", "compress", "bgz", "bgzip"], Ours("gz")),
    (&["lambda-min", "l-min"], Ours("lmin")),
    (&["lambda-max", "l-max"], Ours("lmax")),
    (&["block-size", "blocksize", "bsize", "batch-size", "chunk-size"], Ours("block-snps")),
    (&["device", "gpu", "cuda", "jax"], Ours("backend")),
    (&["eigenvalues", "eigenval"], Ours("d")),
    (&["eigenvectors", "eigenvec"], Ours("u")),
    (&["kinship-snps", "grm-snps", "modelsnps"], Ours("ksnps")),

    (&["keep-individuals", "keep-ids", "keep-indivs"], Ours("keep")),
    (&["remove-individuals", "remove-ids", "remove-indivs"], Ours("remove")),

    (&["keep-fam", "keep-if", "keep-cat", "filter", "filter-males", "filter-females", "keep-males", "keep-females"], Instead(KEEP_INDIVIDUALS)),
    (&["remove-fam", "remove-if", "filter-cases", "filter-controls", "phenoexcludelist"], Instead("list them with --remove, or make files without these individuals with PLINK 2 (plink2 --bfile PREFIX --remove FILE --make-bed --out NEW), or write NA for their phenotype in a -p file")),
    (&["mind", "maxmissingperindiv"], Instead("remove individuals with many missing calls with PLINK 2 (plink2 --bfile PREFIX --mind 0.1 --make-bed --out NEW); -miss filters SNPs")),
    (&["autosome", "autosome-xy", "not-chr", "from", "to", "from-kb", "to-kb", "from-mb", "to-mb", "window", "regions"], Instead(CHOOSE_SNPS)),
    (&["update-sex", "sexcol"], Ours("sex-from")),
    (&["sex", "infer-sex", "covar-sex", "impute-sex"], Instead("sex is not added as a covariate; give it as a column of the --covar or -c file")),
    (&["cow", "dog", "horse", "mouse", "rice", "sheep", "human", "autosome-num", "species", "nauto"], Ours("chr-set")),
    (&["xchr-model", "x-chr-model", "haploid-male"], Ours("x-model")),
    (&["split-par", "split-x", "merge-par", "merge-x", "par-region"], Ours("par")),
    (&["set-hh-missing", "set-mixed-mt-missing"], Instead("with --chr-set, heterozygous calls of haploids are set to missing and counted")),
    (&["allow-extra-chr", "aec", "nonfounders", "keep-allele-order", "real-ref-alleles", "allow-no-sex", "no-sex", "double-id", "const-fid"], Instead("omit the option: chromosomes may have any name, alleles stay as they are in the .bim, and every individual with a phenotype is analysed")),
    (&["max-maf", "mac", "min-mac", "minmac", "max-mac", "min-alleles", "max-alleles", "snps-only", "biallelic-only"], Instead(IMPUTED)),
    (&["bpfile", "pgen", "pvar", "psam", "pgenprefix"], Ours("pfile")),
    (&["bgenfile", "bgen-file"], Ours("bgen")),
    (&["samplefile", "sample-file"], Ours("sample")),
    (&["vcffile", "vcf-file", "bcf"], Ours("vcf")),
    (&["gen", "haps", "legend", "data", "file", "ped", "map", "tfile", "tped", "tfam", "lfile", "import-dosage", "mbgen", "dosagefile", "impute2filelist"], Instead(CONVERT)),
    (&["covar-number", "covar-col-nums", "parameters", "exclude-covar", "covarexcludelist", "qcovar-number"], Instead(COLUMNS)),
    (&["covar-variance-standardize"], Instead("omit the option: the tests do not depend on the scale of covariates")),
    (&["grm", "grm-bin"], Instead("use -k PREFIX.grm.bin; the ids are read from PREFIX.grm.id")),
    (&["grm-gz"], Instead("use -k PREFIX.grm.gz; the ids are read from PREFIX.grm.id")),
    (&["grm-sparse", "mgrm", "mgrm-bin", "multi-grm", "grm-cutoff", "grm-adj", "sparsegrmfile", "king-cutoff", "rel-cutoff"], Instead(GRM)),
    (&["make-grm", "make-grm-bin", "make-grm-gz", "make-grm-list", "make-grm-part", "make-rel", "make-king", "make-king-table", "make-kinship", "genome"], Instead(MAKE_KINSHIP)),
    (&["mlma", "fastgwa", "fastgwa-mlm", "gwas", "lmminfonly", "lmmforceonly", "mlm", "test", "step", "fastgwa-mlm-exact", "fastfam"], Instead(RUN_LMM)),
    (&["fastgwa-lr", "assoc", "association", "linear", "glm", "qassoc"], Instead(RUN_LM)),
    (&["mlma-loco", "leave-one-chromosome-out", "loocv", "use-loco"], Ours("loco")),
    (&["reml", "greml", "hsq", "heritability", "h2", "reml-no-constrain"], Instead("`jamma lmm -bfile PREFIX -lmm 5` fits only the null model; its heritability (pve) is in the log")),
    (&["bt", "qt", "firth", "spa", "logistic", "fastgwa-mlm-binary", "cc", "case-control", "traittype", "prevalence", "t2e", "is-firth-beta", "mincasecount", "cc12", "case-only"], Instead(BINARY)),
    (&["force-qt"], Instead("omit the option: every phenotype is analysed as a number")),
    (&["interaction-snp", "gxe-col", "gxe-name", "envname", "env-name", "env", "environment", "gei", "envir", "ge"], Ours("gxe")),
    (&["pheno-weights", "residual-weights", "weightcol", "error-weights"], Ours("weights")),
    (&["dominant", "recessive", "additive", "genotypic", "overdominant", "hethom", "dom", "rec", "genetic-model", "inheritance"], Ours("model")),
    (&["gxg", "epistasis", "epistasis-snp", "interact"], Ours("interaction")),
    (&["genedrop"], Instead("permutations are those of the decorrelated residuals: --permutations")),
    (&["pred", "ignore-pred", "lowmem", "lowmem-prefix", "ldscoresfile", "geneticmapfile", "gmmatmodelfile", "varianceratiofile", "nullmodel", "htp", "write-samples", "l0", "l1", "cv", "nb", "split", "starting-block", "force-step1", "early-exit", "use-relative-path", "approx", "pthresh", "h2gguess", "maxmodelsnps", "numleaveoutchunks", "ldscoresmatchbp", "ldscoresusechip", "skipmodelfitting", "iscatevarianceratio", "usesparsegrmtofitnull", "isoverwritevarianceratiofile", "tolpcg", "markers-per-chunk", "print-prs", "run-l0", "run-l1", "keep-l0", "model-only", "load-model", "est-vg", "h2-limit", "c-inf", "fastgwa-load-model"], Instead("omit the option: jamma fits the exact mixed model to each SNP in one step")),
    (&["vcffield"], Ours("dosage")),
    (&["alleleorder"], Ours("bgen-ref")),
    (&["bgi", "bgenfileindex", "vcffileindex", "with-bgi"], Instead("omit the option: an index next to the file is found by its name")),
    (&["anno-file", "set-list", "mask-def", "aaf-bins", "vc-tests", "build-mask", "groupfile", "annotation-in-groupfile", "maxmaf-in-grouptest"], Instead("tests of genes or sets of SNPs are not supported; jamma tests SNPs one by one")),
    (&["sampleidcolinphenofile", "iid-only", "id-col"], Instead("omit the option: the column of ids is found by its name, such as IID or sample (docs/tables.md)")),
    (&["phenousefam"], Instead("omit the option: column 6 of the .fam is the phenotype unless another is given")),
    (&["verbose", "verbosestats", "af-cc", "noblup", "nofilter", "nobgenidcheck"], Instead("omit the option: it is not needed")),
    (&["tp", "tped-prefix", "kinf"], Instead("give PLINK files with -bfile (plink2 --tfile PREFIX --make-bed --out NEW), and the matrix of EMMAX with -k FILE.kinf")),
    (&["make-bed", "make-pgen", "recode", "export", "freq", "missing", "hardy", "indep", "indep-pairwise", "indep-pairphase", "pca", "ld", "score", "clump", "r2-phased", "r2-unphased", "bmerge", "pmerge", "pmerge-list", "merge-list", "check-sex", "het", "ibc", "flip", "update-name", "update-ids", "set-all-var-ids", "rm-dup", "sort-vars", "write-snplist", "thin", "cojo-file", "bivar", "mbat-combo"], Instead(USE_PLINK)),
    (&["adjust", "bonferroni", "fdr", "manhattan", "qq", "plot"], Instead("correct for multiple tests from the association table; `jamma plot manhattan PREFIX -o manhattan.pdf` of the Python package draws figures")),
    (&["all-pheno", "allpheno", "multi-pheno", "multi-trait"], Ours("traits")),
    (&["mvlmm", "mtag"], Instead("the multivariate model is not supported yet; --traits analyses each phenotype by itself")),
    (&["perm", "mperm", "nperm"], Ours("permutations")),
];

/// The error for the option `typed` if it belongs to another program; `name` is `typed` without dashes and value.
pub(super) fn error(typed: &str, name: &str) -> Option<Error> {
    let option = typed.split('=').next().unwrap_or(typed);
    Some(match remedy(name)? {
        Ours(ours) => {
            let mut hint = explanation(ours);
            if name == "t" {
                hint.push_str(
                    "; EMMAX's -t PREFIX is -bfile, after plink2 --tfile PREFIX --make-bed",
                );
            }
            if *ours == "o" {
                hint = format!("{hint}; {}", explanation("outdir"));
            }
            let ours = as_typed(ours);
            let what = format!("not an option of jamma; use {ours}");
            Error::option(option, what, hint)
        }
        Instead(instead) => Error::option(
            option,
            "this option of another program is not supported",
            *instead,
        ),
    })
}

/// What the option of another program called `name` means in `jamma lmm` and the other analyses.
pub(super) fn remedy(name: &str) -> Option<&'static Remedy> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let (_, remedy) = TABLE
        .iter()
        .find(|(names, _)| names.contains(&name.as_str()))?;
    Some(remedy)
}

/// The names of jamma's options in other programs, each with jamma's name.
pub(super) fn synonyms() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().flat_map(|(names, remedy)| {
        let ours = match remedy {
            Ours(ours) => Some(*ours),
            Instead(_) => None,
        };
        names.iter().filter_map(move |name| Some((*name, ours?)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_is_foreign_and_unique_and_its_remedy_exists() {
        let mut seen = HashSet::new();
        for (names, remedy) in TABLE {
            for name in *names {
                assert!(seen.insert(*name), "{name} twice");
                assert!(!super::super::options::is_known(name), "{name} is ours");
                assert_eq!(name.to_ascii_lowercase().replace('_', "-"), **name);
            }
            if let Ours(ours) = remedy {
                explanation(ours);
            }
        }
    }
}
