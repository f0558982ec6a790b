"""The command `jamma plot`: its arguments, its help, and its errors in the style of the other commands."""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from . import arguments, drawing
from .drawing import CommandLineError

NAME = "plot"
ABOUT = (
    "Draw figures of results with matplotlib: Manhattan, QQ and regional plots, kinship, PVE, effects of two analyses"
)

_SEE_HELP = "see `jamma plot --help`, or `jamma plot manhattan --help` for one figure"
_EXAMPLES = """\
PREFIX is what was given to -o (with -outdir before it, if it is not `output`), or the file of a table. Tables of jamma and
of GEMMA, and those of REGENIE, PLINK 2 and GWAS-SSF are recognised. A file's extension, .png, .svg or .pdf, is its format.

Examples:
  jamma plot manhattan mouse -o manhattan.pdf
  jamma plot manhattan mouse --trait weight,glucose --layout mirrored -o two.png
  jamma plot qq mouse -o qq.svg
  jamma plot regional mouse --bfile mouse_hs1940 --snp rs13482968 --window 2e6 --genes genes.gff3.gz -o locus.pdf
  jamma plot kinship-heatmap output/mouse.cXX.txt -o kinship.png
  jamma plot pve-profile mouse -o pve.pdf
  jamma plot effect-compare old new -o effects.pdf"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=120)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or "Usage: ")

    def start_section(self, heading: str | None) -> None:
        super().start_section(heading.capitalize() if heading else heading)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        message = message.replace("the following arguments are required", "missing")
        if found := re.search(r"argument KIND: invalid choice: '([^']*)'", message):
            near = get_close_matches(found[1], list(KINDS), 1, 0.4)
            kinds = f"the figures are {', '.join(KINDS)}"
            raise CommandLineError(
                f"{found[1]}: no such figure", f"did you mean {near[0]}? Otherwise {kinds}" if near else kinds
            )
        raise CommandLineError(re.sub(r"^argument ", "", message), _SEE_HELP)


def run(words: Sequence[str]) -> int:
    """Run the command.

    Parameters
    ----------
    words : sequence of str
        The arguments after `jamma`, of which the first is `plot`, or `help plot`.

    Returns
    -------
    int
        Exit status: 0 success, 1 the figure could not be drawn, 2 wrong command line.
    """
    try:
        given = list(words[1:]) if words[0] == NAME else ["--help"]
        args = _parsed(given)
        if args is None:
            return 0
        _draw(args)
    except CommandLineError as error:
        return _report(str(error), error.hint or _SEE_HELP, 2)
    except ImportError as error:
        return _report(*_with_hint(str(error)), 1)
    except (OSError, ValueError, TypeError, ArithmeticError, MemoryError) as error:
        notes = getattr(error, "__notes__", [])
        return _report(_text(error), notes[0] if notes else "", 1)
    return 0


def _text(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror.lower()}"
    return str(error) or type(error).__name__


def _with_hint(text: str) -> tuple[str, str]:
    text, _, hint = text.partition(": ")
    return text, hint


def _report(text: str, hint: str, code: int) -> int:
    print(f"error: {text}", file=sys.stderr)
    if hint:
        print(f"  hint: {hint.removeprefix('hint: ')}", file=sys.stderr)
    return code


def _parsed(given: list[str]) -> argparse.Namespace | None:
    """The arguments; None if the help was printed."""
    parser, kinds = _parser()
    given = [_normal(word) for word in given]
    if given and not given[0].startswith("-"):
        given[0] = _ALIASES.get(given[0].replace("_", "-").lower(), given[0].replace("_", "-").lower())
    if not given or given == ["help"]:
        given = ["--help"]
    if given[-1] == "help" and len(given) == 2:
        given[-1] = "--help"
    if given[0] in kinds:
        _reject_names_of_others(given[1:], kinds[given[0]])
    try:
        args, unknown = parser.parse_known_args(given)
    except SystemExit:
        return None
    if unknown:
        word = unknown[0].partition("=")[0]
        # Without dashes, which would make all short names alike.
        names = [name.lstrip("-") for name in kinds[args.kind]._option_string_actions if len(name) > 2]
        near = get_close_matches(word.lstrip("-"), names, 1)
        raise CommandLineError(f"{word}: unrecognized argument", f"did you mean --{near[0]}?" if near else _SEE_HELP)
    from .style import format_of

    for path in args.output:
        try:
            format_of(Path(path))
        except ValueError as error:
            raise CommandLineError(str(error), _SEE_HELP) from error
    return args


def _reject_names_of_others(given: Sequence[str], figure: argparse.ArgumentParser) -> None:
    """Fail at an option of another program, or of other figures, whose equivalent this figure has under another name."""
    own = figure._option_string_actions
    for word in given:
        name = word.partition("=")[0].lower()
        meant = _MEANT.get(name)
        if meant in own and name not in own:
            raise CommandLineError(f"{word.partition('=')[0]}: unrecognized argument; use {meant}", _SEE_HELP)


_MEANT = {
    name: meant
    for meant, names in {
        "-o": "out outfile out-file output-file prefix save png pdf svg",
        "--title": "main name",
        "--p": "pval pvalue p-value p-col pcol pval-col column test",
        "--trait": "traits pheno phenotype pheno-name",
        "--threshold": "genomewideline sig significance significant alpha cutoff genome-wide",
        "--suggestive": "suggestiveline",
        "--labels": "label annotate annotatetop annotatepval annotate-top",
        "--highlight": "highlights snps",
        "--cut": "ylim ymax y-max",
        "--window": "flank flanking kb distance",
        "--snp": "refsnp ref-snp lead lead-snp index-snp",
        "--region": "chr chrom range",
        "--r2": "ld ld-file",
        "--bfile": "plink bed genotypes b pfile",
        "--genes": "gff gff3 gtf annotation gene",
        "--recombination": "map genetic-map recomb recombination-map",
        "--size": "figsize figure-size width height",
        "--dpi": "resolution",
        "--names": "legend labels-of-runs run-names",
    }.items()
    for name in (f"--{name}" for name in names.split())
}
"""Names of options in other programs (qqman, LocusZoom, PLINK), with those of the figures."""


def _normal(word: str) -> str:
    """Options may be written with one dash or two."""
    if re.fullmatch(r"-[a-z][a-z_-]+(=.*)?", word) and not word.startswith("--"):
        word = f"-{word}"
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        word = name.replace("_", "-") + equals + value
    return word


_ALIASES = {
    "kinship": "kinship-heatmap",
    "heatmap": "kinship-heatmap",
    "pve": "pve-profile",
    "compare": "effect-compare",
}


def _parser() -> tuple[_Parser, dict[str, _Parser]]:
    """The parser of the command, and those of its figures."""
    parser = _Parser(
        prog="jamma plot", description=ABOUT, epilog=_EXAMPLES, usage="jamma plot KIND PREFIX... -o FILE [OPTIONS]"
    )
    kinds = parser.add_subparsers(title="figures", dest="kind", metavar="KIND", required=True, prog="jamma plot")
    found = {}
    for name, (about, add, _) in KINDS.items():
        of = found[name] = kinds.add_parser(name, help=about, description=about.replace("%%", "%"))
        add(of)
        inputs = " ".join(_shown(action) for action in of._positionals._group_actions)
        of.usage = f"jamma plot {name} {inputs} -o FILE [OPTIONS]"
        common = of.add_argument_group("output")
        common.add_argument(
            "-o",
            "--output",
            metavar="FILE",
            required=True,
            action="append",
            help="the figure: .png, .svg or .pdf; may be given several times",
        )
        common.add_argument("--title", metavar="TEXT", help="title of the plot")
        common.add_argument(
            "--dpi",
            type=arguments.positive,
            metavar="N",
            help="dots per inch of PNG, and of points in SVG and PDF [default: 450]",
        )
        common.add_argument("--size", type=arguments.size, metavar="W,H", help="width and height in inches")
    return parser, found


def _shown(action: argparse.Action) -> str:
    return f"{action.metavar}..." if action.nargs in ("+", "*") else str(action.metavar)


def _draw(args: argparse.Namespace) -> None:
    from .style import DPI, check_directory, needs_matplotlib, save

    needs_matplotlib()
    for path in args.output:
        check_directory(Path(path))
    import matplotlib

    matplotlib.use("Agg")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drawn = KINDS[args.kind][2](args)
    from ..notes import JammaWarning

    for one in caught:
        if issubclass(one.category, JammaWarning):
            print(f"note: {one.message}", file=sys.stderr)
    first = drawn[0] if isinstance(drawn, list) else drawn
    if args.size is not None:
        first.figure.set_size_inches(*args.size)
    for path in args.output:
        print(f"wrote {save(first, path, dpi=args.dpi or DPI)}")


KINDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], Any]]] = {
    "manhattan": (
        "-log10 p along the genome, of one trait or several",
        arguments.add_manhattan,
        drawing.draw_manhattan,
    ),
    "qq": ("observed against expected -log10 p, with a 95 %% band and lambda_GC", arguments.add_qq, drawing.draw_qq),
    "regional": (
        "one locus: r² with the lead SNP, genes, recombination",
        arguments.add_regional,
        drawing.draw_regional,
    ),
    "kinship-heatmap": ("the kinship matrix as a heatmap", arguments.add_kinship, drawing.draw_kinship),
    "pve-profile": (
        "proportion of variance explained: intervals, or likelihood profile",
        arguments.add_pve,
        drawing.draw_pve,
    ),
    "effect-compare": ("the effects of the same SNPs in two analyses", arguments.add_effects, drawing.draw_effects),
}
"""What each figure is, its arguments, and how it is drawn."""
