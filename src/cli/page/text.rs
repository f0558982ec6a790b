//! The name and the help of `jamma report`.

/// The name of the command.
pub(crate) const NAME: &str = "report";
/// What the command does.
pub(crate) const ABOUT: &str =
    "Write an HTML report of finished runs from their tables and logs: PREFIX.report.html";

/// The help, after what the command does.
pub(super) const HELP: &str = "\
Usage: jamma report PREFIX [PREFIX2 ...] [-bfile GENOTYPES] [-o OUT]

Reads PREFIX.assoc.txt (or another format, or the tables of several traits) and PREFIX.log.txt, of jamma or GEMMA, or a table of
GEMMA, REGENIE, PLINK, SAIGE, GCTA, BOLT-LMM, FaST-LMM, EMMAX (.ps) or METAL, and writes PREFIX.report.html: one file with
interactive plots and tables, which opens offline. A PREFIX without a directory is also looked for in output/. Several runs are
shown together, by default in comparison.report.html; chr1, 01 and 1 are then the same chromosome.

Options:
  -bfile GENOTYPES    Colour the regional plots by r² with the lead SNP, over all individuals of these PLINK files; also
                      --pfile, --bgen, --vcf, -g, --numeric and --zarr with their options, as for `jamma lmm`
  --chr-set SPECIES   Chromosomes of the species, as for `jamma lmm`: with human, 23 and X are the same [default: that of the
                      runs]
  -o OUT              Write OUT.report.html; OUT may contain a directory

The plots of the phenotype and of the kinship need more than these files; `jamma lmm --report` and `jamma lm --report` write a
report with them.";
