//! The table of options: spelling, commands, values and help text, one row per option.

use super::args::{Args, BackendName, Command, LmmMode};
use super::threads::MAX_THREADS;
use super::values::Takes::{
    Choice, Columns, Flag, Ignored, List, Mode, Names, Number, Path, PathOrUrl, Text, Whole, Word,
    WordOrNone,
};
use super::values::{Takes, Value};
use crate::assoc::lm;
use crate::assoc::lmm::Tests;
use crate::error::{Error, Result};
use crate::genotype::{GeneticModel, XModel};
use crate::kernels::Precision;
use crate::kinship::{KinshipKind, KinshipLayout};
use crate::output::column_set::ColumnSet;
use crate::output::matrix::MatrixFormat;
use crate::pipeline::{QcOn, Replicates};
use crate::sources::{BgenReference, VcfField};

/// The commands that have an option; `None` is GEMMA's spelling, without a command.
type Commands = &'static [Option<Command>];

const GK: Option<Command> = Some(Command::Gk);
const DECOMPOSE: Option<Command> = Some(Command::Eigen);
const ASSOCIATE: Option<Command> = Some(Command::Lmm);
const REGRESS: Option<Command> = Some(Command::Lm);
const DEMO: Option<Command> = Some(Command::Demo);

const EVERYWHERE: Commands = &[GK, DECOMPOSE, ASSOCIATE, REGRESS, DEMO, None];
const ANALYSES: Commands = &[GK, DECOMPOSE, ASSOCIATE, REGRESS, None];
const WITH_KINSHIP: Commands = &[GK, DECOMPOSE, ASSOCIATE, None];
const AFTER_KINSHIP: Commands = &[DECOMPOSE, ASSOCIATE, None];
const EIGEN: Commands = &[DECOMPOSE, None];
const TESTS: Commands = &[ASSOCIATE, REGRESS, None];
const LMM: Commands = &[ASSOCIATE, None];
const PARTED: Commands = &[GK, ASSOCIATE, REGRESS, None];
const MERGED: Commands = &[GK, None];
const LM: Commands = &[REGRESS, None];

const INPUT: &str = "Input";
const MODEL: &str = "Analysis";
const FILTERS: &str = "SNP filters (evaluated over the analysed individuals, bounds inclusive)";
const OUTPUT: &str = "Output";
const RUN: &str = "Run";
const NO_EFFECT: &str = "Accepted for compatibility with GEMMA and ignored (checks are always on)";

/// Largest number of λ intervals. Each needs four columns of n numbers, more with covariates; ten suffice for nearly every SNP.
const MAX_REGION: usize = 1000;
/// Largest number of permutations: their maxima are kept for each trait.
const MAX_PERMUTATIONS: usize = 1_000_000;
/// Largest number of SNPs that are selected: each is a covariate and needs another scan.
const MAX_STEPS: usize = 1000;
/// Largest ploidy of a numeric matrix.
const MAX_PLOIDY: usize = 64;
/// Largest λ that is accepted: beyond it, λd overflows in the sums.
const MAX_LAMBDA: f64 = 1e15;

/// An option: its name as users type it (GEMMA's with one dash, ours with two), the name of its value (empty for a flag), the
/// commands that have it, its heading, its help text, and the values that it accepts.
pub(super) struct Entry(
    &'static str,
    &'static str,
    Commands,
    &'static str,
    &'static str,
    Takes,
);

#[rustfmt::skip]
pub(super) const TABLE: &[Entry] = &[
    Entry("-bfile", "PREFIX", ANALYSES, INPUT, "Genotypes: the PLINK files PREFIX.bed, PREFIX.bim and PREFIX.fam, local or at a URL (https://, s3://, gs://)",
        PathOrUrl(|a| &mut a.bfile)),
    Entry("-g", "FILE", ANALYSES, INPUT, "Genotypes: BIMBAM mean genotypes (id, allele1, allele0 and one dosage of allele1 per individual), plain or compressed; the phenotypes are those of -p",
        Path(|a| &mut a.bimbam)),
    Entry("-a", "FILE", ANALYSES, INPUT, "With -g: positions and chromosomes of the SNPs (id, position, chromosome)",
        Path(|a| &mut a.annotation)),
    Entry("--bgen", "FILE", ANALYSES, INPUT, "Genotypes: a BGEN file (1.1 to 1.3)",
        Path(|a| &mut a.bgen)),
    Entry("--sample", "FILE", ANALYSES, INPUT, "With --bgen: the .sample file with the ids of the individuals [default: the ids in the BGEN file]",
        Path(|a| &mut a.sample)),
    Entry("--bgen-ref", "first|last", ANALYSES, INPUT, "With --bgen: which allele is REF; the other one is counted [default: first]",
        Choice(&[("first", |a| a.bgen_ref = Some(BgenReference::First)), ("last", |a| a.bgen_ref = Some(BgenReference::Last))])),
    Entry("--pfile", "PREFIX", ANALYSES, INPUT, "Genotypes: the PLINK 2 files PREFIX.pgen, PREFIX.pvar (or .pvar.zst) and PREFIX.psam",
        Path(|a| &mut a.pfile)),
    Entry("--vcf", "FILE", ANALYSES, INPUT, "Genotypes: a VCF or BCF file, plain or compressed",
        Path(|a| &mut a.vcf)),
    Entry("--dosage", "DS|GP", ANALYSES, INPUT, "With --vcf or --zarr: read dosages (DS) or genotype probabilities (GP) instead of hard calls (GT)",
        Choice(&[("DS", |a| a.dosage = Some(VcfField::Ds)), ("GP", |a| a.dosage = Some(VcfField::Gp))])),
    Entry("--numeric", "FILE", ANALYSES, INPUT, "Genotypes: a matrix of dosages with ids (TSV, CSV or Parquet; individuals in rows or in columns), or HapMap text",
        Path(|a| &mut a.numeric)),
    Entry("--snp-map", "FILE", ANALYSES, INPUT, "With --numeric: a table with the id, chromosome, position and alleles of each SNP",
        Path(|a| &mut a.snp_map)),
    Entry("--ploidy", "N", ANALYSES, INPUT, "With --numeric: dosages are from 0 to N; they are scaled to 0 to 2 [default: 2]",
        Whole(1..=MAX_PLOIDY, |a| &mut a.ploidy)),
    Entry("--no-dosage-range", "", ANALYSES, INPUT, "With --numeric: accept any number from -1e7 to 1e7, such as a copy number or an expression level; -maf and -hwe are off",
        Flag(|a| &mut a.no_dosage_range)),
    Entry("--zarr", "DIR", ANALYSES, INPUT, "Genotypes: a VCF Zarr store",
        Path(|a| &mut a.zarr)),
    Entry("--hard-call-threshold", "DISTANCE", ANALYSES, INPUT, "Turn dosages into hard calls: a dosage at most this far from 0, 1 or 2 is called, any other is missing",
        Number(0.0..=0.499_999, |a| &mut a.hard_call_threshold)),
    Entry("-p", "FILE", ANALYSES, INPUT, "Phenotypes, instead of column 6 of the .fam. No header. One row per individual in the order of the .fam, or rows that start with FID and IID (or IID alone) in any order. NA or an empty cell is missing, -9 is a value",
        Path(|a| &mut a.phenotypes)),
    Entry("-n", "COLUMN", ANALYSES, INPUT, "Phenotype column; one column per run. Column 1 is column 6 of the .fam or column 1 of the -p file, whose id columns count (FID IID value: -n 3) [default: 1]",
        Columns(|a| &mut a.phenotype_columns)),
    Entry("--traits", "all|LIST", TESTS, INPUT, "Analyse several phenotypes in one run, each with its own individuals and outputs: all columns, or those of a list such as 1,3,5-9, counted as by -n",
        List(|a| &mut a.traits)),
    Entry("-c", "FILE", ANALYSES, INPUT, "Covariates: rows as in the -p file. Individuals with a missing covariate (NA or an empty cell) are excluded. An intercept is added if there is none",
        Path(|a| &mut a.covariates)),
    Entry("--pheno", "FILE", ANALYSES, INPUT, "Phenotypes: a table with a header and ids (FID and IID, IID, #IID, id ...), rows in any order: text separated by tabs, commas or spaces, Parquet or Arrow. An empty cell, NA, nan and . are missing. -n and --traits do not count the columns of ids",
        Path(|a| &mut a.pheno)),
    Entry("--pheno-name", "LIST", ANALYSES, INPUT, "Phenotypes by the names of their columns in the --pheno file (or .psam), such as height,weight or T1-T9; several are analysed one by one, as with --traits",
        Names(|a| &mut a.pheno_names)),
    Entry("--covar", "FILE", ANALYSES, INPUT, "Covariates: a table as for --pheno, which may be the same file. Columns of words are categories, coded as columns of 0 and 1 with the most frequent level as reference. Individuals with a missing covariate are excluded. An intercept is added",
        Path(|a| &mut a.covar)),
    Entry("--covar-name", "LIST", ANALYSES, INPUT, "Covariates by the names of their columns in the --covar file, such as age,sex,PC1-PC10 [default: all columns]",
        Names(|a| &mut a.covar_names)),
    Entry("--cat-covar", "LIST", ANALYSES, INPUT, "Covariates of --covar whose numbers are the codes of categories",
        Names(|a| &mut a.cat_covars)),
    Entry("--gxe", "NAME", LMM, MODEL, "Test the interaction of each SNP with an environment, a column of the --covar (or --pheno) table: numbers, or words (or codes in --cat-covar), which are levels of a category. The environment is a covariate of these tests and no other covariate",
        Word(|a| &mut a.gxe)),
    Entry("--gxe-file", "FILE", LMM, MODEL, "Test the interaction of each SNP with an environment, the first column of a file without a header: rows as in the -p file. GEMMA's spelling is -gxe FILE",
        Path(|a| &mut a.gxe_file)),
    Entry("--interaction", "SNP", LMM, MODEL, "Test the interaction of each SNP with this SNP, named by its id: it is the environment, as for --gxe, and its missing genotypes are replaced by the mean",
        Word(|a| &mut a.interaction)),
    Entry("--gxe-effects", "", LMM, MODEL, "With --gxe, -gxe or --interaction and -lmm 1 or 4: also output the main effect, its covariance with the interaction, and a joint test of both",
        Flag(|a| &mut a.gxe_effects)),
    Entry("-widv", "FILE", LMM, MODEL, "Weights of the individuals, the first column of a file without a header: rows as in the -p file. The residual variance of an individual is divided by its weight",
        Path(|a| &mut a.widv)),
    Entry("--weights", "NAME", LMM, MODEL, "Weights of the individuals: a column of the --covar (or --pheno) table, which is then no covariate",
        Word(|a| &mut a.weights)),
    Entry("--gemma-widv", "", LMM, MODEL, "Scale the kinship by the weights as GEMMA does, which is not the model of weighted residuals; for comparisons with GEMMA",
        Flag(|a| &mut a.gemma_widv)),
    Entry("--replicates", "mean|weighted", TESTS, MODEL, "Allow several rows of an individual in the --pheno table: analyse the mean of their values; weighted also uses the number of values as the weight of the individual, for which lm has no model. Covariates, environment and weights must be the same in all rows of an individual",
        Choice(&[("mean", |a| a.replicates = Some(Replicates::Mean)), ("weighted", |a| a.replicates = Some(Replicates::Weighted))])),
    Entry("--missing-code", "LIST", ANALYSES, INPUT, "Further missing values in --pheno and --covar files (and in a .psam), such as -9,-99",
        Names(|a| &mut a.missing_codes)),
    Entry("--rint", "", TESTS, MODEL, "Replace the phenotype by normal quantiles of its ranks among the analysed individuals (rank-based inverse normal transform)",
        Flag(|a| &mut a.rint)),
    Entry("--standardize", "", TESTS, MODEL, "Scale the phenotype to mean 0 and variance 1 over the analysed individuals; after --rint",
        Flag(|a| &mut a.standardize)),
    Entry("-k", "FILE", AFTER_KINSHIP, INPUT, "Kinship matrix: text (plain or gzipped) or .npy; or of PLINK (.rel, .rel.bin), GCTA (.grm.bin, .grm.gz), EMMAX (.kinf), R or TASSEL (text with names), matched by id [default: computed in this run]",
        Path(|a| &mut a.kinship)),
    Entry("-km", "1|2", AFTER_KINSHIP, INPUT, "Layout of the -k file: 1 square matrix, 2 lines of `id1 id2 value` [default: 1]",
        Choice(&[("1", |a| a.kinship_layout = Some(KinshipLayout::Square)), ("2", |a| a.kinship_layout = Some(KinshipLayout::Triplets))])),
    Entry("-k2", "FILE", LMM, INPUT, "Second kinship matrix, such as one of households or of dominance, with a variance component of its own: any format of -k. The ratio of the two kinships is estimated for each phenotype in the null model, and SNPs are tested with the combined kinship",
        Path(|a| &mut a.second_kinship)),
    Entry("-km2", "1|2", LMM, INPUT, "Layout of the -k2 file, as -km for -k [default: 1]",
        Choice(&[("1", |a| a.second_layout = Some(KinshipLayout::Square)), ("2", |a| a.second_layout = Some(KinshipLayout::Triplets))])),
    Entry("--keep", "FILE", ANALYSES, INPUT, "Analyse only the listed individuals, as if the genotypes had been written without the others: FID and IID, or IID, one individual per line, perhaps after a header (#FID IID, #IID)",
        Path(|a| &mut a.keep)),
    Entry("--remove", "FILE", ANALYSES, INPUT, "Exclude the listed individuals from the study; a list as for --keep",
        Path(|a| &mut a.remove)),
    Entry("--sex-from", "fam|FILE", ANALYSES, INPUT, "Read the sex of the individuals (1 or M, 2 or F) from column 5 of the .fam (fam; also the column SEX of a .psam or .sample file), or from a table with the columns FID, IID and SEX; with --chr-set, the tests on X and Y use it, and fam is the default",
        Path(|a| &mut a.sex_from)),
    Entry("--chr-set", "SPECIES|N", ANALYSES, INPUT, "The chromosomes of the species (human, mouse, rat, cow, dog, goat, horse, pig, rice, sheep), or the number N of its autosomes: a computed kinship then uses autosomes only, and X, Y and MT are tested by the ploidy of the individuals [default: every chromosome is treated alike, as in GEMMA]",
        Word(|a| &mut a.chr_set)),
    Entry("--x-model", "2|1|none", TESTS, MODEL, "With --chr-set: a male has 0 or 2 copies of an allele on X (2), or 0 or 1 (1), or SNPs on X are not tested (none) [default: 2]",
        Choice(&[("2", |a| a.x_model = Some(XModel::Two)), ("1", |a| a.x_model = Some(XModel::One)), ("none", |a| a.x_model = Some(XModel::Skip))])),
    Entry("--par", "BUILD|RANGES", TESTS, INPUT, "With --chr-set: the pseudo-autosomal positions of X, at which males have two copies: hg18, hg19 or hg38 (with human; also b36, b37, b38), or ranges such as 10001-2781479,155701383-156030895",
        Text(|a| &mut a.par)),
    Entry("-d", "FILE", AFTER_KINSHIP, INPUT, "Eigenvalues from an earlier run; used with -u, instead of -k",
        Path(|a| &mut a.eigenvalues)),
    Entry("-u", "FILE", AFTER_KINSHIP, INPUT, "Eigenvectors from an earlier run; used with -d, instead of -k",
        Path(|a| &mut a.eigenvectors)),
    Entry("-gk", "1|2", WITH_KINSHIP, MODEL, "Kinship: 1 centred (.cXX), 2 standardised (.sXX) [default: 1]",
        Mode(&[("1", |a| a.kinship_kind = Some(KinshipKind::Centred)), ("2", |a| a.kinship_kind = Some(KinshipKind::Standardised))])),
    Entry("-eigen", "1", EIGEN, MODEL, "Decompose the kinship into eigenvalues (.eigenD) and eigenvectors (.eigenU)",
        Mode(&[("1", |a| a.eigen = true)])),
    Entry("-lmm", "MODE", LMM, MODEL, "Tests: 1 Wald, 2 likelihood ratio, 3 score, 4 all three, 5 none (null model and residuals), 9 likelihood ratio with effect size [default: 1]",
        Mode(&[("1", |a| a.lmm = Some(LmmMode::Tests(Tests::Wald))), ("2", |a| a.lmm = Some(LmmMode::Tests(Tests::Lrt))), ("3", |a| a.lmm = Some(LmmMode::Tests(Tests::Score))), ("4", |a| a.lmm = Some(LmmMode::Tests(Tests::All))), ("5", |a| a.lmm = Some(LmmMode::Residuals)), ("9", |a| a.lmm = Some(LmmMode::Tests(Tests::LrtWithEffect)))])),
    Entry("-lm", "MODE", LM, MODEL, "Tests of the linear model, which has no kinship: 1 Wald, 2 likelihood ratio, 3 score, 4 all three [default: 1]",
        Mode(&[("1", |a| a.lm = Some(lm::Tests::Wald)), ("2", |a| a.lm = Some(lm::Tests::Lrt)), ("3", |a| a.lm = Some(lm::Tests::Score)), ("4", |a| a.lm = Some(lm::Tests::All))])),
    Entry("--model", "MODEL", TESTS, MODEL, "Effect of the genotypes, counted for allele1: additive, dominant (one or two copies against none), recessive (two against one or none), overdominant (one against none or two), or genotypic (additive effect and dominance deviation, tested together). Filters and kinship use the additive genotypes [default: additive]",
        Choice(&[("additive", |a| a.model = Some(GeneticModel::Additive)), ("dominant", |a| a.model = Some(GeneticModel::Dominant)), ("recessive", |a| a.model = Some(GeneticModel::Recessive)), ("overdominant", |a| a.model = Some(GeneticModel::Overdominant)), ("genotypic", |a| a.model = Some(GeneticModel::Genotypic))])),
    Entry("-lmin", "LAMBDA", LMM, MODEL, "Lower bound of lambda = vg/ve [default: 1e-5]",
        Number(0.0..=MAX_LAMBDA, |a| &mut a.lmin)),
    Entry("-lmax", "LAMBDA", LMM, MODEL, "Upper bound of lambda [default: 1e5]",
        Number(0.0..=MAX_LAMBDA, |a| &mut a.lmax)),
    Entry("-region", "COUNT", LMM, MODEL, "Number of intervals, equal in log lambda, that are searched for a maximum of the likelihood [default: 10]",
        Whole(0..=MAX_REGION, |a| &mut a.region)),
    Entry("--rotation", "f64|f32", LMM, MODEL, "Precision of the genotype rotation: f64, or f32, which is faster, with an error of up to about 5e-8 of the Euclidean norm of the genotype vector [default: f64]",
        Choice(&[("f64", |a| a.rotation = Some(Precision::F64)), ("f32", |a| a.rotation = Some(Precision::F32))])),
    Entry("--kinship-qc", "WHO", WITH_KINSHIP, MODEL, "Individuals over which the SNP filters of a computed kinship are evaluated: analysed (as in GEMMA) or all; with all, gk needs no phenotype [default: analysed]",
        Choice(&[("analysed", |a| a.kinship_qc = Some(QcOn::Analysed)), ("all", |a| a.kinship_qc = Some(QcOn::All))])),
    Entry("-loco", "CHR", WITH_KINSHIP, MODEL, "Leave one chromosome out of the kinship. Without CHR: test every chromosome against the kinship without it, in one run. With CHR: test only that chromosome, or, with gk and eigen, leave it out",
        WordOrNone(|a| &mut a.loco)),
    Entry("--loco-min-snps", "N", WITH_KINSHIP, MODEL, "With -loco, leave chromosome 0 and all scaffolds with fewer SNPs than this out together; names such as 1, chrX, LG3, 2L or IV are chromosomes, all others scaffolds [default: 100]",
        Whole(0..=usize::MAX, |a| &mut a.loco_min_snps)),
    Entry("--permutations", "N", LMM, MODEL, "Compute genome-wide thresholds from the largest statistic in each of N permutations of the decorrelated residuals",
        Whole(1..=MAX_PERMUTATIONS, |a| &mut a.permutations)),
    Entry("--condition", "LIST|FILE", TESTS, MODEL, "Add SNPs as covariates: ids separated by commas, or a file with one id per line. Missing genotypes are replaced by the mean and exclude no individual",
        Text(|a| &mut a.condition)),
    Entry("--stepwise", "P", TESTS, MODEL, "Select SNPs: add the SNP with the smallest p-value (of the Wald test, if there are several) to the covariates if it is below P, such as 5e-8, and test all SNPs again, until none is. The kinship and its decomposition stay the same. The table is that of the last scan; PREFIX.stepwise.txt lists the SNPs that were added",
        Number(0.0..=1.0, |a| &mut a.stepwise)),
    Entry("--stepwise-max", "N", TESTS, MODEL, "With --stepwise, add at most N SNPs [default: 20]",
        Whole(1..=MAX_STEPS, |a| &mut a.stepwise_max)),
    Entry("--effective-tests", "", TESTS, MODEL, "Compute the effective number of tests from the correlations between SNPs (Li and Ji 2005), and its threshold of p",
        Flag(|a| &mut a.effective_tests)),
    Entry("-miss", "FRACTION", ANALYSES, FILTERS, "Maximum fraction of missing calls [default: 0.05]",
        Number(0.0..=1.0, |a| &mut a.miss)),
    Entry("-maf", "FREQUENCY", ANALYSES, FILTERS, "Minimum minor allele frequency [default: 0.01]",
        Number(0.0..=0.5, |a| &mut a.maf)),
    Entry("-hwe", "P", ANALYSES, FILTERS, "Minimum exact Hardy-Weinberg p-value; 0 turns the filter off [default: 0]",
        Number(0.0..=1.0, |a| &mut a.hwe)),
    Entry("-r2", "FRACTION", ANALYSES, FILTERS, "Maximum R2 of the regression of a SNP on the covariates, uncentred as in GEMMA [default: 0.9999]",
        Number(0.0..=1.0, |a| &mut a.r2)),
    Entry("--r2-centred", "", ANALYSES, FILTERS, "Compute the R2 of -r2 about the SNP's mean, so that it does not depend on which allele is counted",
        Flag(|a| &mut a.r2_centred)),
    Entry("-notsnp", "", ANALYSES, FILTERS, "Turn off the -maf and -hwe filters",
        Flag(|a| &mut a.notsnp)),
    Entry("-snps", "FILE", ANALYSES, FILTERS, "Test only the listed SNPs, one id per line; with gk, compute the kinship only from them",
        Path(|a| &mut a.snps)),
    Entry("-ksnps", "FILE", WITH_KINSHIP, FILTERS, "Compute the kinship only from the listed SNPs, one id per line [default: all SNPs that pass the filters; for gk, those of -snps]",
        Path(|a| &mut a.kinship_snps)),
    Entry("--effect-allele", "FILE", ANALYSES, INPUT, "The allele to count (allele1) of the listed SNPs, whose effect is estimated: SNP id and allele on each line [default: column 5 of the .bim, ALT of VCF and .pvar]",
        Path(|a| &mut a.effect_allele)),
    Entry("--info", "QUALITY", ANALYSES, FILTERS, "Minimum imputation quality, MaCH's r2: the variance of the dosages divided by 2p(1 - p), where p is the allele frequency [default: off]",
        Number(0.0..=1.0, |a| &mut a.info)),
    Entry("--extract", "FILE", ANALYSES, FILTERS, "Test only these SNPs: ids, one per line, or ranges (BED, or PLINK: chromosome, start, end). This and the next four options do not restrict a computed kinship",
        Path(|a| &mut a.extract)),
    Entry("--exclude", "FILE", ANALYSES, FILTERS, "Do not test these SNPs; a file as for --extract",
        Path(|a| &mut a.exclude)),
    Entry("--chr", "LIST", ANALYSES, FILTERS, "Test only the SNPs of these chromosomes, such as 1-5,X; chr1 and 1 are the same",
        Word(|a| &mut a.chr)),
    Entry("--from-bp", "POSITION", ANALYSES, FILTERS, "With one chromosome in --chr, test only SNPs from this position on",
        Whole(0..=usize::MAX, |a| &mut a.from_bp)),
    Entry("--to-bp", "POSITION", ANALYSES, FILTERS, "With one chromosome in --chr, test only SNPs up to this position",
        Whole(0..=usize::MAX, |a| &mut a.to_bp)),
    Entry("-o", "PREFIX", EVERYWHERE, OUTPUT, "Prefix of the output files [default: result]",
        Text(|a| &mut a.prefix)),
    Entry("-outdir", "DIR", EVERYWHERE, OUTPUT, "Directory of the output files, created if needed [default: output]",
        Path(|a| &mut a.outdir)),
    Entry("--format", "txt|npy", WITH_KINSHIP, OUTPUT, "Format of kinship and eigen files: GEMMA's text, or NumPy's binary format [default: txt]",
        Choice(&[("txt", |a| a.format = Some(MatrixFormat::Text)), ("npy", |a| a.format = Some(MatrixFormat::Npy))])),
    Entry("--gz", "", ANALYSES, OUTPUT, "Compress text outputs other than the log (.assoc.txt.gz, .cXX.txt.gz and so on) as BGZF, which gzip, bgzip and tabix read",
        Flag(|a| &mut a.gz)),
    Entry("--output-format", "LIST", TESTS, OUTPUT, "Formats of tables of associations, several separated by commas: gemma (.assoc.txt), tsv.gz (.assoc.tsv.gz), bgz (.assoc.tsv.bgz with an index for tabix), parquet (.assoc.parquet), ssf (GWAS-SSF 1.0: .ssf.tsv.gz with its metadata) [default: gemma]",
        Names(|a| &mut a.output_formats)),
    Entry("--columns", "SET", TESTS, OUTPUT, "Columns of tables in the formats tsv.gz, bgz and parquet: gemma, or those that other programs write or read: regenie, plink2, metal, htp [default: gemma]",
        Choice(&[("gemma", |a| a.columns = Some(ColumnSet::Gemma)), ("regenie", |a| a.columns = Some(ColumnSet::Regenie)), ("plink2", |a| a.columns = Some(ColumnSet::Plink2)), ("metal", |a| a.columns = Some(ColumnSet::Metal)), ("htp", |a| a.columns = Some(ColumnSet::Htp))])),
    Entry("--effects", "", TESTS, OUTPUT, "Add columns beta and se to the likelihood ratio test (-lmm 2, -lm 2), which has none in GEMMA; with -lmm 2 they are estimated at the lambda of the null model, as with -lmm 9",
        Flag(|a| &mut a.effects)),
    Entry("--save-kinship", "", AFTER_KINSHIP, OUTPUT, "Also write the kinship computed in this run",
        Flag(|a| &mut a.save_kinship)),
    Entry("--log10p", "", TESTS, OUTPUT, "Add columns neg_log10_p_*: -log10 p, accurate even if p underflows to 0",
        Flag(|a| &mut a.log10p)),
    Entry("--odds", "", TESTS, OUTPUT, "For a binary phenotype (0 and 1, or 1 and 2), add columns log_odds and se_log_odds: the effect on the log-odds scale, an approximation from the linear model, mixed or not (Lloyd-Jones et al. 2018)",
        Flag(|a| &mut a.odds)),
    Entry("--with-info", "", TESTS, OUTPUT, "Add a column `info` after `af`: the imputation quality, as for --info",
        Flag(|a| &mut a.with_info)),
    Entry("--all-snps", "", TESTS, OUTPUT, "Also write the SNPs excluded by the filters, as rows of nan with the reason in column `status`",
        Flag(|a| &mut a.all_snps)),
    Entry("--long", "", TESTS, OUTPUT, "With --traits, write one table of all traits, whose first column is `trait`, instead of one table for each",
        Flag(|a| &mut a.long)),
    Entry("--report", "", TESTS, OUTPUT, "Also write PREFIX.report.html: one HTML file with interactive plots, the top loci and the facts of the run, which opens offline",
        Flag(|a| &mut a.report)),
    Entry("--backend", "rust|jax", EVERYWHERE, RUN, "Compute on the CPU (rust), or on a GPU (jax; needs the Python package and JAX) [default: JAMMA_BACKEND, else jax if the Python package finds a usable GPU, else rust]",
        Choice(&[("rust", |a| a.backend = Some(BackendName::Rust)), ("jax", |a| a.backend = Some(BackendName::Jax))])),
    Entry("--threads", "N", EVERYWHERE, RUN, "Number of threads, at most four per core [default: RAYON_NUM_THREADS, OMP_NUM_THREADS or SLURM_CPUS_PER_TASK, else the cores available to this process]",
        Whole(1..=MAX_THREADS, |a| &mut a.threads)),
    Entry("--block-snps", "N", ANALYSES, RUN, "SNPs read at a time, at most as many as the file has; results do not depend on it [default: 512 per thread, at least 4096, or 2048 if there are more than 4096 individuals]",
        Whole(1..=usize::MAX, |a| &mut a.block_snps)),
    Entry("--memory", "GB", ANALYSES, RUN, "Memory limit in 1e9 bytes; a run that needs more is rejected at startup [default: the memory that is free on the machine and within its container's limit]",
        Number(0.001..=1e9, |a| &mut a.memory)),
    Entry("--eigen-cache", "DIR", AFTER_KINSHIP, RUN, "Keep decompositions in this directory, and reuse them in later runs with the same kinship and individuals",
        Path(|a| &mut a.eigen_cache)),
    Entry("--part", "I/N", PARTED, RUN, "Compute part I of N parts of the run, for job arrays on a cluster, and write it to PREFIX.part-I-of-N.jammapart; `jamma merge` makes the outputs of all parts, with the bytes of a run in one piece",
        Word(|a| &mut a.part)),
    Entry("--merge", "PARTS", MERGED, RUN, "Make the kinship from its parts: all files that `jamma gk --part` wrote, in any order",
        Names(|a| &mut a.merge)),
    Entry("--dask", "ADDRESS", &[ASSOCIATE, REGRESS, None], RUN, "Compute on the Dask cluster whose scheduler is at ADDRESS, such as tcp://host:8786; all workers need the inputs and the output directory under the same paths (needs the Python package with the extra dask)",
        Word(|a| &mut a.dask)),
    Entry("--fail-fast", "", TESTS, RUN, "With --traits, stop at the first trait that cannot be analysed, instead of analysing the others and exiting with status 1",
        Flag(|a| &mut a.fail_fast)),
    Entry("-silence", "", EVERYWHERE, RUN, "Print errors only (also --quiet)",
        Flag(|a| &mut a.silence)),
    Entry("-check", "", ANALYSES, NO_EFFECT, "", Ignored),
    Entry("-no-check", "", ANALYSES, NO_EFFECT, "", Ignored),
    Entry("-no-fpe-check", "", ANALYSES, NO_EFFECT, "", Ignored),
    Entry("-strict", "", ANALYSES, NO_EFFECT, "", Ignored),
    Entry("-legacy", "", ANALYSES, NO_EFFECT, "", Ignored),
    Entry("-debug", "", ANALYSES, NO_EFFECT, "", Ignored),
    Entry("-pace", "N", ANALYSES, NO_EFFECT, "", Ignored),
    Entry("-seed", "N", ANALYSES, RUN, "Seed of --permutations; without them it has no effect, as in GEMMA [default: 1]",
        Word(|a| &mut a.seed)),
    Entry("-issue", "N", ANALYSES, NO_EFFECT, "", Ignored),
];

impl Entry {
    /// The name without dashes.
    pub(super) fn name(&self) -> &'static str {
        self.0.trim_start_matches('-')
    }

    /// The option as users type it: GEMMA's with one dash, ours with two.
    pub(super) fn typed(&self) -> &'static str {
        self.0
    }

    /// The name of the value; empty for a flag.
    pub(super) fn value_name(&self) -> &'static str {
        self.1
    }

    /// Whether `command` has the option.
    pub(super) fn is_of(&self, command: Option<Command>) -> bool {
        self.2.contains(&command)
    }

    /// The heading in the help.
    pub(super) fn heading(&self) -> &'static str {
        self.3
    }

    /// The help.
    pub(super) fn help(&self) -> &'static str {
        self.4
    }

    /// The values that the option accepts.
    pub(super) fn takes(&self) -> &Takes {
        &self.5
    }

    /// Sets the option in `args`. Fails with an [`Error::InvalidOption`] that names the option and the value.
    pub(super) fn set(&self, args: &mut Args, value: &Value) -> Result<()> {
        self.takes()
            .set(args, value)
            .map_err(|wrong| Error::option(self.0, wrong, explained(self)))
    }
}

/// The option called `name`, without dashes.
fn entry(name: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.name() == name)
}

/// Sets the option called `name`, without dashes, in `args`; `None` if their command has no such option.
pub fn set(args: &mut Args, name: &str, value: &Value) -> Option<Result<()>> {
    let entry = entry(name).filter(|entry| entry.is_of(args.command))?;
    Some(entry.set(args, value))
}

/// The option as users write it: GEMMA's with one dash, ours with two.
pub(super) fn as_typed(name: &str) -> String {
    match entry(name) {
        Some(entry) => entry.0.to_owned(),
        None if ["help", "version"].contains(&name) => format!("--{name}"),
        None => format!("-{name}"),
    }
}

/// Names of all options.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(Entry::name)
}

/// Whether there is an option of this name.
pub(super) fn is_known(name: &str) -> bool {
    entry(name).is_some()
}

/// Whether the option takes a value.
pub(super) fn takes_value(name: &str) -> bool {
    entry(name).is_some_and(|entry| !entry.value_name().is_empty())
}

/// The commands that have the option; none if there is no such option.
pub(super) fn commands_with(name: &str) -> Vec<&'static str> {
    let commands = entry(name).map_or(&[][..], |entry| entry.2);
    commands
        .iter()
        .flatten()
        .map(|command| command.name())
        .collect()
}

/// The help text of an option, as the hint for a wrong value.
pub(super) fn explanation(name: &str) -> String {
    explained(entry(name).expect("an option of the table"))
}

fn explained(entry: &Entry) -> String {
    let value = match entry.value_name() {
        "" => String::new(),
        value => format!(" {value}"),
    };
    let help = match entry.heading() {
        NO_EFFECT => NO_EFFECT,
        _ => entry.help(),
    };
    format!("{}{value}: {help}", entry.0)
}
