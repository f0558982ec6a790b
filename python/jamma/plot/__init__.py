"""Figures for papers, with matplotlib (the extra `plot`: `pip install '.[plot]'` in a checkout).

Each function draws on `ax`, or on a new figure of the width of a page or a column, and returns the axes. `save` writes PNG,
SVG and PDF. docs/figures.md shows the figures; the command `jamma plot` draws the same ones.
"""

from .effects import effect_compare
from .genes import Gene
from .kinship import kinship_heatmap
from .manhattan import manhattan
from .pve import pve_profile
from .qq import qq
from .regional import regional
from .style import COLOURS, HIGHLIGHT, save
from .values import GENOME_WIDE, SUGGESTIVE, inflation

__all__ = [
    "COLOURS",
    "GENOME_WIDE",
    "HIGHLIGHT",
    "SUGGESTIVE",
    "Gene",
    "effect_compare",
    "inflation",
    "kinship_heatmap",
    "manhattan",
    "pve_profile",
    "qq",
    "regional",
    "save",
]
