"""Options that have the names of the command line: files, the selection of individuals and SNPs, and further results."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np

from .numeric import is_whole

PathLike: TypeAlias = str | os.PathLike[str]
Words: TypeAlias = str | float | Sequence[str | float]
"""One word or number, or a list of them."""


class FileOptions(TypedDict, total=False):
    """Keyword arguments that are options of the command line, with `_` for `-`.

    A list is what the command line separates by commas. `jamma lmm --help` describes each option. An option that the
    command does not have is a TypeError, and a wrong value is a ValueError with the message of the command line.

    Attributes
    ----------
    pfile : path
        Genotypes: the prefix of the PLINK 2 files .pgen, .pvar (or .pvar.zst) and .psam.
    bgen : path
        Genotypes: a BGEN file.
    sample : path
        With `bgen`: the .sample file with the ids of the individuals.
    bgen_ref : {"first", "last"}
        With `bgen`: which allele is REF; the other one is counted.
    vcf : path
        Genotypes: a VCF or BCF file.
    zarr : path
        Genotypes: the directory of a VCF Zarr store.
    dosage : {"DS", "GP"}
        With `vcf` or `zarr`: read dosages or genotype probabilities instead of hard calls.
    numeric : path
        Genotypes: a matrix of dosages with ids, or HapMap text.
    snp_map : path
        With `numeric`: a table with the id, chromosome, position and alleles of each SNP.
    ploidy : int
        With `numeric`: dosages are from 0 to this number.
    no_dosage_range : bool
        With `numeric`: accept any finite number.
    bimbam : path
        Genotypes: BIMBAM mean genotypes (the option -g).
    annotation : path
        With `bimbam`: positions and chromosomes of the SNPs (the option -a).
    hard_call_threshold : float
        Turn dosages into hard calls: a dosage at most this far from 0, 1 or 2 is called, any other is missing.
    pheno : path
        Phenotypes: a table with a header and ids, rows in any order.
    pheno_name : str or list of str
        The columns of `pheno` to analyse; several are analysed one by one.
    covar : path
        Covariates: a table as for `pheno`.
    covar_name : str or list of str
        The columns of `covar` to use. Default: all.
    cat_covar : str or list of str
        Columns of `covar` whose numbers are the codes of categories.
    missing_code : str, number or list
        Further missing values in `pheno` and `covar`.
    gxe : str, or array_like of shape (n,)
        Test the interaction of each SNP with an environment: a column of `covar` (or `pheno`), or values, numbers (NaN if
        missing) or words (None if missing), which are levels of a category. Rows that carry ids are matched by id.
    gxe_file : path
        The environment as the first column of a file without a header (GEMMA's -gxe).
    interaction : str
        Test the interaction of each SNP with this SNP, named by its id, whose missing genotypes are replaced by the mean.
    gxe_effects : bool
        With `tests` "wald" or "all": add the main effect, its covariance with the interaction, and a joint test.
    model : {"additive", "dominant", "recessive", "overdominant", "genotypic"}
        Effect of the genotypes, counted for allele1: of each copy; of one or two copies; of two copies; of one copy; or an
        additive effect and a dominance deviation, tested together (columns `beta_add`, `se_add`, `beta_dom`, `se_dom`).
    weights : str, or array_like of shape (n,)
        Weights of the individuals, by which the residual variance is divided: a column of `covar` (or `pheno`), or values.
    widv : path
        The weights as the first column of a file without a header.
    gemma_widv : bool
        Scale the kinship by the weights as GEMMA does.
    replicates : {"mean", "weighted"}
        Allow several rows of an individual in `pheno`: analyse the mean, or the mean weighted by the number of values.
        Covariates, environment and weights must be the same in all rows of an individual.
    rint : bool
        Replace the phenotype by normal quantiles of its ranks.
    standardize : bool
        Scale the phenotype to mean 0 and variance 1.
    keep, remove : path
        A list of the only individuals of the study, and of those to exclude.
    extract, exclude : path
        A list of the only SNPs to test, and of those not to test.
    chr : str, int or list
        The chromosomes of the SNPs to test.
    from_bp, to_bp : int
        With one chromosome in `chr`: the range of positions of the SNPs to test.
    info : float
        Minimum imputation quality.
    with_info : bool
        Add a column `info` with the imputation quality to the result.
    effect_allele : path
        The allele to count of each SNP: its id and the allele on each line.
    condition : str, path or list of str
        SNPs that are covariates: their ids, or a file that lists them.
    stepwise : float
        Add the SNP with the smallest p-value to the covariates if it is below this number, such as 5e-8, and test all SNPs
        again, until none is. The result is that of the last scan; its attribute `stepwise` has the SNPs that were added.
    stepwise_max : int
        With `stepwise`: the largest number of SNPs to add. Default: 20.
    odds : bool
        Add columns `log_odds` and `se_log_odds` to the result of a binary phenotype.
    effective_tests : bool
        Compute the effective number of tests; it is in `diagnostics`.
    output_format : str or list of str
        With `out`: formats of the tables, among "gemma" (default), "tsv.gz", "bgz", "parquet" and "ssf".
    columns : {"gemma", "regenie", "plink2", "metal", "htp"}
        With `out`: the columns of tables in the formats "tsv.gz", "bgz" and "parquet".
    effects : bool
        With `tests` "lrt": add the columns `beta` and `se` to the result.
    sex_from : path, or array_like of shape (n,)
        The sex of the individuals: "fam" for the .fam, .psam or .sample file, the path of a table, or values (1 or "M",
        2 or "F"; anything else is unknown).
    chr_set : str or int
        The species ("human", "mouse", "cow", ...) or the number of its autosomes: a computed kinship uses autosomes
        only, and X, Y and MT are tested by the ploidy of the individuals.
    x_model : {2, 1, "none"}
        With `chr_set`: a male has 0 or 2 copies of an allele on X (default), or 0 or 1, or SNPs on X are not tested.
    par : str or list of str
        With `chr_set`: the pseudo-autosomal positions of X: "hg19" or another build of the human genome, or ranges such as
        "10001-2781479".
    """

    pfile: PathLike
    bgen: PathLike
    sample: PathLike
    bgen_ref: Literal["first", "last"]
    vcf: PathLike
    zarr: PathLike
    dosage: Literal["DS", "GP"]
    numeric: PathLike
    snp_map: PathLike
    ploidy: int
    no_dosage_range: bool
    bimbam: PathLike
    annotation: PathLike
    hard_call_threshold: float
    pheno: PathLike
    pheno_name: Words
    covar: PathLike
    covar_name: Words
    cat_covar: Words
    missing_code: Words
    gxe: Any
    gxe_file: PathLike
    interaction: str
    gxe_effects: bool
    model: Literal["additive", "dominant", "recessive", "overdominant", "genotypic"]
    weights: Any
    widv: PathLike
    gemma_widv: bool
    replicates: Literal["mean", "weighted"]
    rint: bool
    standardize: bool
    keep: PathLike
    remove: PathLike
    extract: PathLike
    exclude: PathLike
    chr: Words
    from_bp: int
    to_bp: int
    info: float
    with_info: bool
    effect_allele: PathLike
    condition: PathLike | Sequence[str]
    stepwise: float
    stepwise_max: int
    odds: bool
    effective_tests: bool
    output_format: Words
    columns: Literal["gemma", "regenie", "plink2", "metal", "htp"]
    effects: bool
    sex_from: Any
    chr_set: str | int
    x_model: Literal[2, 1, "none"]
    par: Words


FORMATS = ("pfile", "bgen", "vcf", "zarr", "numeric", "bimbam")
"""The arguments that name genotypes, besides `bfile` and `genotypes`."""
_LISTS = ("pheno_name", "covar_name", "cat_covar", "missing_code", "chr", "condition", "par", "output_format")
VALUES = ("gxe", "weights", "sex_from")
"""The arguments that are the name of a column, or a value for each individual in memory."""
_GEMMA_NAMES = {"bimbam": "g", "annotation": "a"}
"""Options of GEMMA with a single letter, by their arguments."""
_OF_GENOTYPES = (
    "bfile",
    *(_GEMMA_NAMES.get(name, name) for name in FORMATS),
    *("a", "sample", "bgen_ref", "dosage", "snp_map", "ploidy", "no_dosage_range", "hard_call_threshold"),
)


def check_names(function: str, files: Mapping[str, object]) -> None:
    """Raise TypeError, as Python does, if `function` has no argument of one of these names."""
    for name in files:
        if name not in FileOptions.__annotations__:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")


def file_options(files: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the engine for the arguments `files`.

    Raises
    ------
    ValueError
        If a list is given to an option that takes one value, or a word in a list has a comma.
    """
    return {
        _GEMMA_NAMES.get(name, name): _value(name, given)
        for name, given in files.items()
        if given is not None and not is_in_memory(name, given)
    }


def is_in_memory(name: str, given: Any) -> bool:
    """Whether an argument is a value for each individual in memory, not an option of the engine."""
    return name in VALUES and given is not None and not isinstance(given, (str, os.PathLike))


def of_genotypes(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the engine's options that concern files of genotypes."""
    return {name: value for name, value in options.items() if name in _OF_GENOTYPES}


def _value(name: str, given: Any) -> Any:
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = given[()]
    if isinstance(given, os.PathLike):
        if name == "condition" and not os.path.exists(given):
            # As text, it would be taken for the id of a SNP.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(given))
        return os.fspath(given)
    is_one = isinstance(given, (str, bytes, bool, np.bool_)) or not isinstance(given, Iterable)
    if name in _LISTS and not isinstance(given, (bool, np.bool_)):
        if is_one:
            return _word(given)
        words = [_in_list(name, one) for one in given]
        # The comma says that a single word is the id of a SNP, not the name of a file.
        return ",".join(words) + ("," if name == "condition" and len(words) == 1 else "")
    if not is_one:
        raise ValueError(f"{name}: expected one value, found {given!r}")
    if isinstance(given, np.bool_):
        return bool(given)
    if isinstance(given, np.floating):
        return float(str(given))
    return int(given) if is_whole(given) and not isinstance(given, int) else given


def _in_list(name: str, one: Any) -> str:
    text = _word(one)
    if "," in text:
        raise ValueError(f"{name}: {text!r} has a comma, which separates the words of a list")
    return text


def _word(one: Any) -> str:
    """A word or a number as text; 7.0 becomes "7"."""
    if isinstance(one, (float, np.floating)) and float(one).is_integer():
        return str(int(one))
    return str(one)
