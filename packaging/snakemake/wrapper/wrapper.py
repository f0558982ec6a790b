"""Snakemake wrapper of `jamma lmm`: see meta.yaml for its inputs, outputs and parameters."""

# ruff: noqa: F821  (Snakemake defines `snakemake`)

from os import path
from shlex import join

from snakemake.shell import shell

TABLE = ".assoc.txt"
# Inputs that are one file, with the options that name them.
FILES = {
    "bgen": "--bgen",
    "vcf": "--vcf",
    "kinship": "-k",
    "eigenvalues": "-d",
    "eigenvectors": "-u",
    "pheno": "--pheno",
    "covar": "--covar",
}
# Inputs that are three files with a common prefix.
PREFIXES = {"bfile": "-bfile", "pfile": "--pfile"}

table = snakemake.output.assoc
if not table.endswith(TABLE):
    raise ValueError(f"the output `assoc` must end with {TABLE}, found {table}")
words = ["jamma", "lmm"]
for name, option in PREFIXES.items():
    if files := snakemake.input.get(name):
        prefixes = {path.splitext(file)[0] for file in ([files] if isinstance(files, str) else files)}
        if len(prefixes) != 1:
            raise ValueError(f"the files of the input `{name}` must have a common prefix, found {sorted(prefixes)}")
        words += [option, *prefixes]
for name, option in FILES.items():
    if file := snakemake.input.get(name):
        words += [option, file]
words += ["-outdir", path.dirname(table) or ".", "-o", path.basename(table).removesuffix(TABLE)]
words += ["--threads", str(snakemake.threads)]
if memory := snakemake.resources.get("mem_mb"):
    words += ["--memory", str(int(memory) / 1000)]
extra = snakemake.params.get("extra", "")
log = snakemake.log_fmt_shell(stdout=True, stderr=True)
shell(f"{join(words)} {{extra}} {{log}}")
