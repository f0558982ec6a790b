"""The files of a run from its prefix, and what its log says."""

from __future__ import annotations

import glob
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..genome import natural_key

ENDINGS = (
    ".assoc.txt",
    ".assoc.txt.gz",
    ".assoc.parquet",
    ".assoc.tsv.gz",
    ".assoc.tsv.bgz",
    ".assoc.tsv",
    ".ssf.tsv.gz",
)
"""Endings of association tables, in the order in which they are chosen."""
_OUTPUT = "output"
"""The directory in which jamma and GEMMA write unless another is given."""


def tables_of(given: str | os.PathLike[str]) -> dict[str, Path]:
    """The association tables of a file or of the prefix of a run, by the name of the trait ("" if there is only one).

    `PREFIX` stands for PREFIX.assoc.txt and its other formats, and else for the tables PREFIX.TRAIT.assoc.txt of several
    traits. If there are none, the directory `output` is searched too.

    Raises
    ------
    FileNotFoundError
        If there is no table.
    """
    name = os.fspath(given)
    if Path(name).is_file():
        return {"": Path(name)}
    for prefix in (name, os.path.join(_OUTPUT, name)):
        known = _outputs(prefix)
        for ending in ENDINGS:
            if (path := Path(f"{prefix}{ending}")).is_file() and (known is None or path.name in known):
                return {"": path}
        if found := _of_traits(prefix, known):
            return found
    raise FileNotFoundError(
        f"{name}: no such file, and no association table of this prefix ({name}.assoc.txt or {name}.TRAIT.assoc.txt)"
    )


def _outputs(prefix: str) -> set[str] | None:
    """The names of the files that the last run of the prefix wrote, None without its record: others are of earlier runs."""
    try:
        record = json.loads(Path(f"{prefix}.run.json").read_text())
        return {os.path.basename(file["path"]) for file in record["outputs"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _of_traits(prefix: str, known: set[str] | None) -> dict[str, Path]:
    """The tables PREFIX.TRAIT.assoc.txt, in the order of the log, else in natural order."""
    base = os.path.basename(prefix)
    found: dict[str, Path] = {}
    for ending in ENDINGS:
        for path in sorted(glob.glob(f"{glob.escape(prefix)}.*{ending}")):
            trait = os.path.basename(path)[len(base) + 1 : -len(ending)]
            if known is None or os.path.basename(path) in known:
                found.setdefault(trait, Path(path))
    log = Path(f"{prefix}.log.txt")
    order = list(Log.read(log).traits) if log.is_file() else []
    names = sorted(found, key=lambda trait: (order.index(trait) if trait in order else len(order), natural_key(trait)))
    return {trait: found[trait] for trait in names}


def log_of(table: Path, trait: str = "") -> Path | None:
    """The log next to a table, if there is one: PREFIX.log.txt, for a table of one of several traits that of the run."""
    name = os.fspath(table)
    for ending in ENDINGS:
        if not name.endswith(ending):
            continue
        prefix = name.removesuffix(ending)
        stems = (prefix, prefix.removesuffix(f".{trait}")) if trait else (prefix, os.path.splitext(prefix)[0])
        for stem in stems:
            if (path := Path(f"{stem}.log.txt")).is_file():
                return path
    return None


def prefix_name(path: str | os.PathLike[str]) -> str:
    """The name of a run or file for a title: without directory and ending."""
    name = os.path.basename(os.fspath(path))
    for ending in (*ENDINGS, ".log.txt", ".gz", ".txt", ".tsv", ".csv", ".parquet"):
        name = name.removesuffix(ending)
    return name


@dataclass(frozen=True)
class Pve:
    """The proportion of variance that a kinship explains, from a log.

    Attributes
    ----------
    pve, se : float
        The estimate and its standard error.
    interval : (float, float), optional
        The interval of the profile likelihood with a confidence of 95 %; logs of GEMMA do not have it.
    """

    pve: float
    se: float
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Facts:
    """What a log says about one trait: `label = value` of each line.

    Attributes
    ----------
    lines : dict of str to str
        The values by label.
    """

    lines: dict[str, str] = field(default_factory=dict)

    def number(self, label: str) -> float | None:
        """The number at the beginning of a value; None if the log does not have the line."""
        found = re.match(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", self.lines.get(label, ""))
        return None if found is None else float(found[0])

    @property
    def n_permutations(self) -> int | None:
        count = self.number("permutations")
        return None if count is None else int(count)

    @property
    def permutation_threshold(self) -> float | None:
        return self.number("genome-wide threshold of p at 5 %")

    @property
    def effective_threshold(self) -> float | None:
        return self.number("threshold of p at 5 % for the effective number of tests")

    def pve(self, of: str = "") -> Pve | None:
        """The PVE of the null model; `of` is what its lines begin with."""
        pve = self.number(f"{of}pve estimate in the null model")
        if pve is None:
            return None
        se = self.number(f"{of}se(pve) in the null model")
        ends = re.findall(r"[-+.\de]+(?= to|$| \()|(?<=to )[-+.\de]+", self._interval(of))
        numbers = [float(end) for end in ends if re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", end)]
        interval = (numbers[0], numbers[1]) if len(numbers) == 2 else None
        return Pve(pve, float("nan") if se is None else se, interval)

    def _interval(self, of: str) -> str:
        text = self.lines.get(f"{of}95 % profile-likelihood interval of pve", "")
        return text.replace(" (end of the range of lambda)", "")

    def chromosomes(self) -> dict[str, Pve]:
        """With leave one chromosome out, the PVE without each chromosome."""
        found: dict[str, Pve] = {}
        for label in self.lines:
            match = re.fullmatch(r"(without chromosome (.*): )pve estimate in the null model", label)
            if match and (pve := self.pve(match[1])):
                found[match[2]] = pve
        return found


@dataclass(frozen=True)
class Log:
    """A log of jamma or GEMMA.

    Attributes
    ----------
    traits : dict of str to Facts
        What it says about each trait, by name; the name is "" if there is only one.
    """

    traits: dict[str, Facts]

    @staticmethod
    def read(path: Path) -> Log:
        """Read a log.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        common: dict[str, str] = {}
        traits: dict[str, dict[str, str]] = {}
        lines = common
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            label, is_pair, value = line.lstrip("# ").partition(" = ")
            if not is_pair:
                continue
            if label == "trait":
                lines = traits.setdefault(value.strip(), {})
            lines[label.strip()] = value.strip()
        if not traits:
            return Log({"": Facts(common)})
        return Log({name: Facts(common | own) for name, own in traits.items()})

    def of(self, trait: str) -> Facts:
        """The facts on a trait; those of the only one under any name."""
        if len(self.traits) == 1:
            return next(iter(self.traits.values()))
        return self.traits.get(trait, Facts())
