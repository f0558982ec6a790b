//! Typed words to a validated [`Job`].

use super::options::as_typed;
use super::threads::threads;
use super::values::Words;
use crate::assoc::lmm::Tests;
use crate::error::{Error, Result};
use crate::kernels::Precision;
use crate::kinship::{KinshipKind, KinshipLayout};
use crate::null::LambdaRange;
use crate::output::matrix::MatrixFormat;
use crate::output::text::Packing;
use crate::pipeline::{Analysis, FilterOptions, Job, KinshipSource, Places, QcOn, StudyFiles};
use clap::ArgMatches;

/// Intervals of λ: each costs four columns of n numbers and more with covariates; ten settle nearly every curve.
const MAX_REGION: usize = 1000;
/// λ beyond which λd overflows in the sums.
const MAX_LAMBDA: f64 = 1e15;

/// The job that `matches` of `command` (`None` in GEMMA's spelling) describe.
///
/// Fails with [`Error::InvalidOption`] naming the option and the value.
pub(super) fn job(command: Option<&str>, matches: &ArgMatches, typed: String) -> Result<Job> {
    let m = Words(matches);
    let analysis = m.analysis(command)?;
    let bfile = m.path("bfile")?.ok_or_else(|| {
        Error::option(
            "-bfile",
            "no genotypes are given",
            "give the prefix of PLINK files: -bfile PREFIX",
        )
    })?;
    let kinship = m.kinship_source(analysis)?;
    if m.flag("save-kinship") && !matches!(kinship, KinshipSource::Genotypes(_)) {
        return Err(Error::option(
            "--save-kinship",
            "this run reads its kinship and computes none",
            "leave out --save-kinship, or leave out -k, -d and -u",
        ));
    }
    if m.is_given("ksnps") && !matches!(kinship, KinshipSource::Genotypes(_)) {
        return Err(Error::option(
            "-ksnps",
            "this run reads its kinship and computes none",
            "leave out -ksnps, or leave out -k, -d and -u",
        ));
    }
    m.refuse_useless(analysis)?;
    let threads = threads(matches)?;
    Ok(Job {
        analysis,
        study: StudyFiles {
            bfile,
            phenotypes: m.path("p")?,
            phenotype: m.phenotype()?,
            covariates: m.path("c")?,
        },
        filter: m.filter()?,
        kinship_qc: m.choice(
            "kinship-qc",
            &[("analysed", QcOn::Analysed), ("all", QcOn::All)],
        )?,
        kinship,
        save_kinship: m.flag("save-kinship"),
        range: m.range()?,
        rotation: m.choice(
            "rotation",
            &[("f64", Precision::F64), ("f32", Precision::F32)],
        )?,
        log10p: m.flag("log10p"),
        format: m.format()?,
        packing: m.packing(),
        places: Some(places(matches, "result")?),
        threads: threads.count,
        block_snps: m.count("block-snps")?,
        memory: memory(matches)?,
        command: typed,
        notes: m.notes().into_iter().chain(threads.notes).collect(),
    })
}

/// Where files go; `prefix` unless `-o` says otherwise.
pub(super) fn places(matches: &ArgMatches, prefix: &str) -> Result<Places> {
    let m = Words(matches);
    let prefix = m.text("o").unwrap_or(prefix);
    if prefix.is_empty() || prefix.ends_with('/') {
        return Err(Error::option(
            "-o",
            "the prefix of the output files is empty",
            "give a name: -o NAME",
        ));
    }
    let directory = m.path("outdir")?.unwrap_or_else(|| "output".into());
    Ok(Places {
        directory,
        prefix: prefix.to_owned(),
    })
}

/// `--memory`, in bytes.
fn memory(matches: &ArgMatches) -> Result<Option<u64>> {
    const NOT_GIVEN: f64 = 0.0;
    let gigabytes = Words(matches).number("memory", NOT_GIVEN, 0.001..=1e9)?;
    Ok((gigabytes != NOT_GIVEN).then_some((gigabytes * 1e9) as u64))
}

impl Words<'_> {
    /// What GEMMA passes over in silence.
    fn notes(&self) -> Vec<String> {
        let beside_k = ["d", "u", "kinship-qc"]
            .into_iter()
            .filter(|name| self.is_given("k") && self.is_given(name))
            .map(|name| {
                format!(
                    "{} is not used beside -k, which gives the kinship",
                    as_typed(name)
                )
            });
        let maf = (self.flag("notsnp") && self.is_given("maf"))
            .then(|| "-maf has no effect beside -notsnp, as in GEMMA".to_owned());
        let memory = (self.text("memory"))
            .filter(|text| {
                text.parse::<f64>()
                    .is_ok_and(|gigabytes| gigabytes >= 1000.0)
            })
            .map(|text| {
                format!("--memory {text} is {text} GB: it counts in GB here, in MB in PLINK")
            });
        beside_k.chain(maf).chain(memory).collect()
    }

    /// Options of ours that have nothing to act on are refused, not ignored.
    fn refuse_useless(&self, analysis: Analysis) -> Result<()> {
        let is_kinship = matches!(analysis, Analysis::Kinship(_));
        let needs_no_phenotype = is_kinship && self.text("kinship-qc") == Some("all");
        let has_table = matches!(analysis, Analysis::Association(_) | Analysis::Residuals);
        let useless = [
            (
                "gz",
                !has_table && self.text("format") == Some("npy"),
                "with --format npy this run writes no text to compress",
            ),
            ("save-kinship", is_kinship, "-gk always writes its kinship"),
            (
                "log10p",
                !matches!(analysis, Analysis::Association(_)),
                "this run tests no SNP",
            ),
            (
                "rotation",
                !matches!(analysis, Analysis::Association(_)),
                "this run tests no SNP",
            ),
            (
                "d",
                is_kinship,
                "-gk computes a kinship and reads no eigenvalues",
            ),
            (
                "u",
                is_kinship,
                "-gk computes a kinship and reads no eigenvectors",
            ),
            (
                "p",
                needs_no_phenotype,
                "with --kinship-qc all a kinship needs no phenotype",
            ),
            (
                "n",
                needs_no_phenotype,
                "with --kinship-qc all a kinship needs no phenotype",
            ),
            (
                "c",
                needs_no_phenotype,
                "with --kinship-qc all a kinship needs no covariates",
            ),
        ];
        match useless
            .into_iter()
            .find(|(name, is_useless, _)| *is_useless && self.is_given(name))
        {
            None => Ok(()),
            Some((name, _, why)) => Err(Error::option(as_typed(name), why, "leave the option out")),
        }
    }

    fn packing(&self) -> Packing {
        if self.flag("gz") {
            Packing::Gzip
        } else {
            Packing::Plain
        }
    }

    fn format(&self) -> Result<MatrixFormat> {
        let text = match self.packing() {
            Packing::Plain => MatrixFormat::Text,
            Packing::Gzip => MatrixFormat::Gzip,
        };
        self.choice("format", &[("txt", text), ("npy", MatrixFormat::Npy)])
    }

    fn analysis(&self, command: Option<&str>) -> Result<Analysis> {
        let kind = self.choice(
            "gk",
            &[
                ("1", KinshipKind::Centred),
                ("2", KinshipKind::Standardised),
            ],
        )?;
        if self.is_given("eigen") && self.text("eigen") != Some("1") {
            return Err(Self::wrong(
                "eigen",
                "1 or no value",
                self.text("eigen").unwrap_or_default(),
            ));
        }
        let modes: Vec<&str> = ["gk", "eigen", "lmm"]
            .into_iter()
            .filter(|mode| self.is_given(mode))
            .collect();
        let mode = match (command, modes.as_slice()) {
            (Some(command), _) => command,
            (None, [mode]) => mode,
            (None, []) => {
                return Err(Error::option(
                    "command line",
                    "no analysis is asked for",
                    "write a command (jamma lmm -bfile ...) or one of -gk, -eigen, -lmm",
                ));
            }
            (None, _) => {
                return Err(Error::option(
                    format!("-{}", modes[1]),
                    "only one of -gk -eigen -lmm options is allowed",
                    "run them one after the other, or let `jamma lmm` compute the kinship itself",
                ));
            }
        };
        Ok(match mode {
            "gk" => Analysis::Kinship(kind),
            "eigen" => Analysis::Eigen,
            _ => self.choice(
                "lmm",
                &[
                    ("1", Analysis::Association(Tests::Wald)),
                    ("2", Analysis::Association(Tests::Lrt)),
                    ("3", Analysis::Association(Tests::Score)),
                    ("4", Analysis::Association(Tests::All)),
                    ("5", Analysis::Residuals),
                    ("9", Analysis::Association(Tests::LrtWithEffect)),
                ],
            )?,
        })
    }

    fn kinship_source(&self, analysis: Analysis) -> Result<KinshipSource> {
        let layout = self.choice(
            "km",
            &[("1", KinshipLayout::Square), ("2", KinshipLayout::Triplets)],
        )?;
        let kind = self.choice(
            "gk",
            &[
                ("1", KinshipKind::Centred),
                ("2", KinshipKind::Standardised),
            ],
        )?;
        if let Some(path) = self.path("k")? {
            return if matches!(analysis, Analysis::Kinship(_)) {
                Err(Error::option(
                    "-k",
                    "-gk computes a kinship and reads none",
                    "leave out -k",
                ))
            } else {
                Ok(KinshipSource::File(path, layout))
            };
        }
        match (self.path("d")?, self.path("u")?) {
            (Some(values), Some(vectors)) => Ok(KinshipSource::Eigen { values, vectors }),
            (None, None) => Ok(KinshipSource::Genotypes(kind)),
            (values, _) => {
                let (given, missing) = if values.is_some() {
                    ("-d", "-u")
                } else {
                    ("-u", "-d")
                };
                Err(Error::option(
                    given,
                    format!("missing relatedness file: {given} needs {missing} too"),
                    "give eigenvalues with -d and eigenvectors with -u, or a kinship with -k",
                ))
            }
        }
    }

    fn phenotype(&self) -> Result<usize> {
        let columns: Vec<&str> = match self.0.try_get_many::<String>("n") {
            Ok(Some(words)) => words.map(String::as_str).collect(),
            _ => return Ok(1),
        };
        let column = |text: &str| match text.parse::<usize>() {
            Ok(column) if column >= 1 => Ok(column),
            _ => Err(Self::wrong("n", "a phenotype column from 1", text)),
        };
        let numbers = columns
            .iter()
            .map(|text| column(text))
            .collect::<Result<Vec<_>>>()?;
        match numbers.as_slice() {
            [one] => Ok(*one),
            many => {
                let repeated = many
                    .iter()
                    .enumerate()
                    .find(|(i, c)| many[..*i].contains(c));
                Err(repeated.map_or_else(
                    || {
                        Error::option(
                            "-n",
                            format!("{} phenotype columns ask for the multivariate model, which is not supported yet", many.len()),
                            "run once for each column",
                        )
                    },
                    |(_, c)| Error::option("-n", format!("identical phenotype columns: {c}"), "give one phenotype column"),
                ))
            }
        }
    }

    fn filter(&self) -> Result<FilterOptions> {
        let default = FilterOptions::default();
        let maf = self.number("maf", default.min_maf.unwrap_or(0.0), 0.0..=0.5)?;
        Ok(FilterOptions {
            max_missing: self.number("miss", default.max_missing, 0.0..=1.0)?,
            min_maf: (!self.flag("notsnp")).then_some(maf),
            min_hwe: self.number("hwe", default.min_hwe, 0.0..=1.0)?,
            max_r2: self.number("r2", default.max_r2, 0.0..=1.0)?,
            is_r2_centred: self.flag("r2-centred"),
            snps: self.path("snps")?,
            kinship_snps: self.path("ksnps")?,
        })
    }

    fn range(&self) -> Result<LambdaRange> {
        let default = LambdaRange::default();
        let min = self.number("lmin", default.min, 0.0..=MAX_LAMBDA)?;
        let max = self.number("lmax", default.max, 0.0..=MAX_LAMBDA)?;
        if max < min {
            return Err(Error::option(
                "-lmax",
                format!("the largest lambda {max} is below the smallest {min}"),
                "give -lmin below -lmax",
            ));
        }
        let intervals = match self.text("region") {
            None => default.intervals,
            Some(text) => match text.parse() {
                Ok(count) if count <= MAX_REGION => count,
                _ => {
                    return Err(Self::wrong(
                        "region",
                        &format!("a whole number from 0 to {MAX_REGION}"),
                        text,
                    ));
                }
            },
        };
        Ok(LambdaRange {
            min,
            max,
            intervals,
        })
    }
}
