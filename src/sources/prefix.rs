//! Recognises what else was given to `-bfile` than a prefix of PLINK files, and how to convert it.

use crate::error::{Error, escaped};
use std::path::Path;

/// Genotype formats by the ending of the file name: the format, and the PLINK 2 options that read the file `{}` or the
/// files with the prefix `{}`; after `=`, the options of jamma that do.
const FORMATS: &[(&str, &str, &str)] = &[
    (".vcf", "a VCF file", "=--vcf {}.vcf"),
    (".vcf.gz", "a VCF file", "=--vcf {}.vcf.gz"),
    (".vcf.bgz", "a VCF file", "=--vcf {}.vcf.bgz"),
    (".vcf.zst", "a VCF file", "--vcf {}.vcf.zst"),
    (".bcf", "a BCF file", "=--vcf {}.bcf"),
    (".bcf.gz", "a BCF file", "=--vcf {}.bcf.gz"),
    (".bgen", "a BGEN file", "=--bgen {}.bgen --sample {}.sample"),
    (".pgen", "a PLINK 2 file", "=--pfile {}"),
    (".pvar", "a PLINK 2 file", "=--pfile {}"),
    (".psam", "a PLINK 2 file", "=--pfile {}"),
    (".pvar.zst", "a PLINK 2 file", "=--pfile {}"),
    (".ped", "a PLINK text file", "--pedmap {}"),
    (".map", "a PLINK text file", "--pedmap {}"),
    (
        ".tped",
        "a transposed PLINK text file",
        "--tped {}.tped --tfam {}.tfam",
    ),
    (
        ".tfam",
        "a transposed PLINK text file",
        "--tped {}.tped --tfam {}.tfam",
    ),
    (
        ".gen",
        "an Oxford .gen file",
        "--gen {}.gen ref-unknown --sample {}.sample",
    ),
    (
        ".gen.gz",
        "an Oxford .gen file",
        "--gen {}.gen.gz ref-unknown --sample {}.sample",
    ),
    (
        ".haps",
        "an Oxford .haps file",
        "--haps {}.haps ref-unknown --sample {}.sample",
    ),
    (
        ".sample",
        "an Oxford .sample file",
        "--gen {}.gen ref-unknown --sample {}.sample",
    ),
];
/// Formats that PLINK 2 does not read.
const OTHERS: &[(&str, &str)] = &[
    (".hmp.txt", "a HapMap file: give it with --numeric instead"),
    (
        ".gds",
        "a GDS file: convert it in R with SNPRelate::snpgdsGDS2BED",
    ),
    (".h5ad", "an AnnData file: it contains no genotypes"),
    (
        ".hdf5",
        "an HDF5 file: pass the genotypes as an array in Python",
    ),
    (
        ".h5",
        "an HDF5 file: pass the genotypes as an array in Python",
    ),
    (
        ".zarr",
        "a Zarr store: pass the genotypes as an array in Python",
    ),
    (
        ".bimbam",
        "a BIMBAM file: give it with -g, its annotation with -a, and the phenotypes with -p instead",
    ),
];
/// Extensions of the files of a prefix, and of their compression.
const PLINK: [&str; 3] = [".bed", ".bim", ".fam"];
const COMPRESSED: [&str; 4] = [".gz", ".bgz", ".zst", ".zip"];

/// Why `prefix` is not a prefix of PLINK files, with a hint; `None` if it looks like one.
///
/// Called when one of the three files cannot be opened.
pub(crate) fn mistake(prefix: &Path) -> Option<Error> {
    let given = prefix.to_string_lossy();
    if let Some((what, hint)) = explain(&given) {
        let is_plink = PLINK.iter().any(|extension| given.ends_with(extension));
        let what = if is_plink && prefix.exists() {
            "a file"
        } else {
            &what
        };
        return Some(wrong(&given, what, hint));
    }
    if prefix.is_dir() {
        return Some(wrong(&given, "a directory", in_directory(prefix)));
    }
    if PLINK.iter().any(|extension| exists(&given, extension)) {
        // One file of a study is missing; the error of the operating system names it.
        return None;
    }
    let (extension, what, options) = FORMATS
        .iter()
        .find(|(extension, ..)| exists(&given, extension))?;
    let given = escaped(&given);
    Some(Error::option(
        "-bfile",
        format!("there is no {given}.bed; {given}{extension} is {what}"),
        conversion(&given, options),
    ))
}

/// What a file of this name is if it is not a prefix of PLINK files, and a hint.
#[must_use]
pub(crate) fn explain(given: &str) -> Option<(String, String)> {
    let lower = given.to_ascii_lowercase();
    let stem = |extension: &str| &given[..given.len() - extension.len()];
    let ends = |extension: &str| lower.ends_with(extension) && lower.len() > extension.len();
    if let Some(extension) = PLINK.into_iter().find(|extension| ends(extension)) {
        let prefix = escaped(stem(extension));
        return Some((
            "the name of one file".into(),
            format!("omit the extension: -bfile {prefix}"),
        ));
    }
    for compressed in COMPRESSED {
        for extension in PLINK {
            let both = format!("{extension}{compressed}");
            if ends(&both) {
                let prefix = escaped(stem(&both));
                return Some((
                    "a compressed file".into(),
                    format!("decompress the three files and give their prefix: -bfile {prefix}"),
                ));
            }
        }
    }
    let format = FORMATS.iter().find(|(extension, ..)| ends(extension));
    if let Some((extension, what, options)) = format {
        return Some((
            (*what).to_owned(),
            conversion(&escaped(stem(extension)), options),
        ));
    }
    if let Some((_, what)) = OTHERS.iter().find(|(extension, _)| ends(extension)) {
        let (what, hint) = what.split_once(':').unwrap_or((what, ""));
        return Some((
            what.to_owned(),
            format!(
                "{}; -bfile takes the prefix of .bed, .bim and .fam",
                hint.trim()
            ),
        ));
    }
    let prefix = given.trim_end_matches('.');
    let is_name = !prefix.is_empty() && !prefix.ends_with('/');
    (is_name && prefix.len() < given.len()).then(|| {
        (
            "a prefix that ends with a dot".into(),
            format!("omit the dot: -bfile {}", escaped(prefix)),
        )
    })
}

/// The error for a name that ends like one of the three files, or like one of them compressed.
pub(crate) fn name_of_one_file(given: &str) -> Option<Error> {
    let lower = given.to_ascii_lowercase();
    let is_compressed = COMPRESSED
        .iter()
        .find_map(|extension| lower.strip_suffix(extension));
    let name = is_compressed.unwrap_or(&lower);
    if !PLINK.iter().any(|extension| name.ends_with(extension)) {
        return None;
    }
    explain(given).map(|(what, hint)| wrong(given, &what, hint))
}

fn wrong(given: &str, what: &str, hint: String) -> Error {
    let given = escaped(given);
    Error::option(
        "-bfile",
        format!("{given} is {what}; expected the prefix of PLINK files (.bed, .bim, .fam)"),
        hint,
    )
}

fn conversion(prefix: &str, options: &str) -> String {
    let options = options.replace("{}", prefix);
    if let Some(own) = options.strip_prefix('=') {
        return format!("jamma reads this format: give {own} instead of -bfile");
    }
    let trailing = prefix.rsplit('/').next().unwrap_or(prefix);
    format!(
        "convert it with PLINK 2: plink2 {options} --make-bed --out {trailing}, then use -bfile {trailing}"
    )
}

fn exists(prefix: &str, extension: &str) -> bool {
    Path::new(&format!("{prefix}{extension}")).exists()
}

/// The prefix of the `.bed` files in a directory.
fn in_directory(directory: &Path) -> String {
    let mut prefixes: Vec<String> = std::fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "bed"))
        .map(|path| escaped(&path.with_extension("").to_string_lossy()))
        .collect();
    prefixes.sort_unstable();
    match prefixes.as_slice() {
        [] => "it contains no .bed file; give the prefix of PLINK files: -bfile DIRECTORY/PREFIX"
            .into(),
        [one] => format!("give the prefix of the files in it: -bfile {one}"),
        [one, rest @ ..] => format!(
            "give the prefix of the files in it, for example -bfile {one} (one of {})",
            rest.len() + 1
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_come_with_the_command_that_converts_them() {
        for (given, what, hint) in [
            (
                "d/x.bgen",
                "a BGEN file",
                "give --bgen d/x.bgen --sample d/x.sample instead of -bfile",
            ),
            ("x.vcf.gz", "a VCF file", "give --vcf x.vcf.gz instead"),
            ("x.vcf.zst", "a VCF file", "plink2 --vcf x.vcf.zst"),
            ("x.bcf", "a BCF file", "give --vcf x.bcf instead"),
            (
                "x.pgen",
                "a PLINK 2 file",
                "give --pfile x instead of -bfile",
            ),
            (
                "a.b.ped",
                "a PLINK text file",
                "plink2 --pedmap a.b --make-bed --out a.b",
            ),
            ("x.bed", "the name of one file", "-bfile x"),
            ("x.bim.gz", "a compressed file", "-bfile x"),
            ("x.", "ends with a dot", "-bfile x"),
            ("x..", "ends with a dot", "-bfile x"),
            ("x.hmp.txt", "a HapMap file", "--numeric"),
        ] {
            let (found, remedy) = explain(given).unwrap_or_else(|| panic!("{given}"));
            assert!(found.contains(what), "{given}: {found}");
            assert!(remedy.contains(hint), "{given}: {remedy}");
        }
        for prefix in [
            "x",
            "a.b",
            ".",
            "..",
            "../",
            ".bed",
            "x.bed2",
            "pgen",
            "mouse.v1.vcfs",
        ] {
            assert!(explain(prefix).is_none(), "{prefix}");
        }
    }
}
