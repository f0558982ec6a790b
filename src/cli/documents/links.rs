//! Where the documentation explains an option: pages and headings of `docs/`.

/// The page that explains the option called `name`, relative to `docs/`; `None` if its help says everything.
pub(super) fn link(name: &str) -> Option<&'static str> {
    let found = LINKS.iter().find(|(names, _)| names.contains(&name));
    found.map(|(_, link)| *link)
}

#[rustfmt::skip]
const LINKS: &[(&[&str], &str)] = &[
    (&["bfile"], "genotypes.md#plink-files-at-urls"),
    (&["g", "a", "bgen", "sample", "bgen-ref", "pfile", "vcf", "dosage", "numeric", "snp-map", "ploidy", "no-dosage-range", "zarr", "hard-call-threshold"], "genotypes.md"),
    (&["p", "c"], "files.md#ids-in--p-and--c"),
    (&["traits", "long", "fail-fast"], "options.md#several-phenotypes"),
    (&["pheno", "pheno-name", "covar", "covar-name", "cat-covar", "missing-code", "rint", "standardize"], "tables.md"),
    (&["gxe", "gxe-file", "gxe-effects"], "models.md#gene-environment-interaction"),
    (&["interaction"], "models.md#interaction-of-snps"),
    (&["widv", "weights", "gemma-widv"], "models.md#weights"),
    (&["replicates"], "models.md#repeated-records"),
    (&["k", "km"], "kinship.md"),
    (&["k2", "km2"], "models.md#two-kinships"),
    (&["keep", "remove"], "options.md#choosing-individuals"),
    (&["chr-set", "x-model", "par", "sex-from"], "chromosomes.md"),
    (&["lm"], "linear.md"),
    (&["model"], "models.md#genetic-models"),
    (&["lmin", "lmax", "region"], "options.md"),
    (&["loco", "loco-min-snps"], "options.md#leave-one-chromosome-out"),
    (&["permutations", "seed"], "permutations.md"),
    (&["condition"], "diagnostics.md#conditioning-on-snps"),
    (&["stepwise", "stepwise-max"], "diagnostics.md#stepwise-selection-of-snps"),
    (&["effective-tests"], "diagnostics.md#effective-number-of-tests"),
    (&["odds"], "diagnostics.md#binary-traits"),
    (&["effect-allele"], "options.md#the-counted-allele"),
    (&["info", "with-info"], "options.md#imputation-quality"),
    (&["extract", "exclude", "chr", "from-bp", "to-bp"], "options.md#choosing-snps"),
    (&["output-format"], "outputs.md#formats"),
    (&["columns"], "outputs.md#columns"),
    (&["all-snps"], "files.md#status"),
    (&["report"], "report.md"),
    (&["eigen-cache"], "options.md#cache-of-decompositions"),
    (&["backend"], "python.md#backends"),
    (&["part", "merge"], "parts.md"),
    (&["dask"], "howto/cluster.md"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options::is_known;
    use std::path::Path;

    /// The anchor of a heading, as GitHub and MkDocs make it.
    fn anchor(heading: &str) -> String {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    }

    #[test]
    fn every_link_leads_to_a_heading() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        for (names, link) in LINKS {
            assert!(names.iter().all(|name| is_known(name)), "{names:?}");
            let (page, heading) = link.split_once('#').unwrap_or((link, ""));
            let text = std::fs::read_to_string(docs.join(page)).unwrap();
            let mut headings = text
                .lines()
                .filter(|line| line.starts_with('#'))
                .map(anchor);
            assert!(
                heading.is_empty() || headings.any(|known| known == heading),
                "{link}"
            );
        }
    }
}
