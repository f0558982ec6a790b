"""The fenced blocks of Markdown pages, and the directives that say how `test_docs.py` runs them.

Blocks ```sh, ```bash, ```python and ```r are run. A directive is a comment, which no reader sees:

    <!-- test: files study traits.tsv -->          the files that the page needs, made by `document_files.py`
    <!-- test: needs gemma -->                     the next block is run only if the program is installed; R:arrow is
                                                   a package of R
    <!-- test: skip because it takes an hour -->   the next block is not run
    <!-- test: exits with 1 -->                    the last command of the next block ends with this status
    <!-- test: output -->                          the lines of the next block were printed by the block before
    <!-- test: python ... -->                      Python that is run in this place
    <!-- test: sh ... -->                          the same, shell
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The pages of the reference are generated from the program; its examples are tested there.
PAGES = [
    ROOT / "README.md",
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if path.parent.name != "reference"),
]
RUN = {"sh": "sh", "bash": "sh", "python": "python", "r": "r"}
"""The languages of blocks that are run, and how."""

_DIRECTIVE = re.compile(r"^<!-- test:\s*(.*?)-->", re.DOTALL)
_FENCE = re.compile(r"^( *)(`{3,})\s*([^\s`]*)\s*$")
_COMMAND = re.compile(r"^\s*(\$ )?jamma\s+[-a-z]")


class MalformedError(Exception):
    """A directive or a block that cannot be understood; the message has page and line."""


@dataclass
class Block:
    """A fenced block, or the code in a directive."""

    page: str
    line: int
    """Line of the page on which the code starts."""
    language: str
    code: str
    is_output: bool = False
    needs: list[str] = field(default_factory=list)
    skip: str = ""
    status: int = 0

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass
class Page:
    """A page with its blocks in order, and the names of the files that it needs."""

    name: str
    files: list[str]
    blocks: list[Block]


def page_of(path: Path) -> Page:
    """The blocks of a page.

    Raises MalformedError for an unknown directive, one without a block, and a command in a block that is not run.
    """
    page = Page(str(path.relative_to(ROOT)), [], [])
    lines = path.read_text(encoding="utf-8").splitlines()
    waiting: list[tuple[int, str]] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("<!-- test:"):
            end = next((k for k in range(number, len(lines)) if "-->" in lines[k]), None)
            if end is None:
                raise MalformedError(f"{page.name}:{number + 1}: the comment has no end")
            found = _DIRECTIVE.match("\n".join(lines[number : end + 1]))
            assert found is not None
            text = found[1].strip()
            word, _, rest = text.partition("\n" if text.startswith(("python\n", "sh\n")) else " ")
            if word == "files":
                page.files += rest.split()
            elif word in RUN:
                page.blocks.append(Block(page.name, number + 2, RUN[word], rest))
            else:
                waiting.append((number + 1, text))
            number = end + 1
            continue
        fence = _FENCE.match(line)
        if fence is None:
            number += 1
            continue
        end = next((k for k in range(number + 1, len(lines)) if lines[k].strip() == fence[2]), len(lines))
        indent = len(fence[1])
        code = "\n".join(one[indent:] for one in lines[number + 1 : end])
        block = Block(page.name, number + 2, RUN.get(fence[3], ""), code)
        for at, text in waiting:
            _apply(text, block, f"{page.name}:{at}")
        waiting = []
        _check(block, fence[3])
        page.blocks.append(block)
        number = end + 1
    if waiting:
        raise MalformedError(f"{page.name}:{waiting[0][0]}: no block follows the directive")
    return page


def _apply(text: str, block: Block, where: str) -> None:
    """Set what a directive says about the block after it."""
    if text.startswith("skip because "):
        block.skip = text.removeprefix("skip because ").strip()
    elif text.startswith("needs "):
        block.needs += text.split()[1:]
    elif text.startswith("exits with "):
        block.status = int(text.removeprefix("exits with "))
    elif text == "output":
        block.is_output = True
    else:
        raise MalformedError(f"{where}: unknown directive {text!r} (a skip needs a reason: skip because ...)")


def _check(block: Block, language: str) -> None:
    """A block that is not run must not have commands, or give the reason."""
    if language == "r" and not any(program.startswith("R") for program in block.needs):
        raise MalformedError(
            f"{block.where}: R is run only if it is installed: use `needs Rscript` or `needs R:package`"
        )
    if block.language or block.skip or block.is_output:
        return
    if language not in ("", "text", "math", "yaml", "toml", "json"):
        raise MalformedError(f"{block.where}: blocks of {language} are not run; give a reason (skip because ...)")
    command = next((one for one in block.code.splitlines() if _COMMAND.match(one)), None)
    if command is not None:
        raise MalformedError(f"{block.where}: a command in a block that is not run: {command.strip()}")


def inline_commands(path: Path) -> list[tuple[int, str]]:
    """The commands of jamma in the prose of a page, with their lines; without those that are patterns (`...`)."""
    found, is_code = [], False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code:
            found += [(number, text) for text in re.findall(r"`(jamma [^`]+)`", line) if "..." not in text]
    return found
