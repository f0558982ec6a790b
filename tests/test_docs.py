"""Every command and every piece of Python in README.md and docs/ runs, in order, on small files of the names that they use.

`documents.py` describes the directives, `document_files.py` makes the files. A failure gives page and line.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

import document_files
from conftest import environment
from documents import PAGES, ROOT, Block, MalformedError, Page, inline_commands, page_of

NEW_SKIPS = "a block more or less is skipped: look at its reason, then change SKIPPED"
SKIPPED = 30
"""Blocks that are never run, each with its reason in the page; others are skipped only if a program is missing."""
BY_NAME = {page.name: page for page in map(page_of, PAGES)}
BLOCKS = [block for page in BY_NAME.values() for block in page.blocks]
RUNNING = [page for page in BY_NAME.values() if any(block.language for block in page.blocks)]
RUNNING.sort(key=lambda page: not any(block.language == "python" for block in page.blocks))


def missing(block: Block) -> str:
    """Why the block is not run here; empty if it is."""
    if block.skip:
        return block.skip
    absent = [program for program in block.needs if not is_installed(program)]
    return f"not installed: {', '.join(absent)}" if absent else ""


@cache
def is_installed(program: str) -> bool:
    """A program, or with R:NAME a package of R."""
    _, is_package, package = program.partition("R:")
    if not is_package:
        return shutil.which(program) is not None
    asked = ["Rscript", "-e", f"quit(status = !requireNamespace('{package}', quietly = TRUE))"]
    return (
        shutil.which("Rscript") is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0
    )


class Session:
    """A directory in which the blocks of a page run, one after the other, with the same Python names."""

    def __init__(self, page: Page, directory: Path) -> None:
        self.directory = directory
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.printed = ""
        tools = directory / ".bin"
        tools.mkdir()
        for name, command in (("jamma", "-m jamma"), ("python3", ""), ("python", "")):
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n')
            (tools / name).chmod(0o755)
        # The package under test, wherever it is imported from.
        self.environment = environment(
            PATH=f"{tools}{os.pathsep}{os.environ['PATH']}", PYTHONPATH=os.pathsep.join(filter(None, sys.path))
        )
        (directory / "reference").symlink_to(ROOT / "reference")
        for name in page.files:
            document_files.make(name, directory)

    def run(self, block: Block) -> None:
        if block.is_output:
            self.compare(block)
        elif block.language in ("sh", "r"):
            self.script(block)
        elif block.language == "python":
            self.python(block)

    def script(self, block: Block) -> None:
        """The lines of the script are those of the page, so that bash names them."""
        trap = "trap 'failed=$?; echo \"line $LINENO: exit status $failed: $BASH_COMMAND\" >&2' ERR"
        first = trap if block.language == "sh" else ""
        (self.directory / ".script").write_text("\n".join([first, *[""] * (block.line - 2), block.code, ""]))
        program = ["bash", "-eEu", "-o", "pipefail"] if block.language == "sh" else ["Rscript"]
        found = subprocess.run(
            [*program, ".script"],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        self.printed = found.stdout + found.stderr
        assert found.returncode == block.status, (
            f"{block.where}: exit status {found.returncode}, expected {block.status}\n{block.code}\n{self.printed}"
        )

    def python(self, block: Block) -> None:
        code = "\n" * (block.line - 1) + block.code
        try:
            exec(compile(code, block.page, "exec"), self.names)
        except Exception as error:
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == block.page]
            line = frames[-1].lineno if frames else getattr(error, "lineno", block.line)
            pytest.fail(f"{block.page}:{line}: {type(error).__name__}: {error}\n{traceback.format_exc()}")

    def compare(self, block: Block) -> None:
        """Each line that the page shows was printed, whatever the spaces between its words; `...` stands for any lines."""
        printed = {" ".join(line.split()) for line in self.printed.splitlines()}
        for number, line in enumerate(block.code.splitlines()):
            wanted = " ".join(line.split())
            if wanted not in ("", "...", "…") and wanted not in printed:
                pytest.fail(f"{block.page}:{block.line + number}: not printed: {wanted}\n{self.printed}")


def run_page(page: Page, directory: Path) -> None:
    session = Session(page, directory)
    for block in page.blocks:
        if not missing(block):
            session.run(block)


@pytest.fixture(scope="session")
def beside(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[None]]]:
    """The selected pages without Python, which run in two threads beside the tests; those with Python need the process."""
    selected = [item.callspec.params["page"] for item in request.session.items if "beside" in item.fixturenames]
    shell = [page for page in selected if not any(block.language == "python" for block in page.blocks)]
    pool = ThreadPoolExecutor(2)
    yield {page.name: pool.submit(run_page, page, tmp_path_factory.mktemp("page")) for page in shell}
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("page", RUNNING, ids=lambda page: page.name)
def test_page_runs(
    page: Page, beside: dict[str, Future[None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if page.name in beside:
        beside[page.name].result()
        return
    monkeypatch.chdir(tmp_path)
    run_page(page, tmp_path)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.skip or block.needs], ids=lambda block: block.where
)
def test_block_is_not_skipped(block: Block) -> None:
    """Names every block that was not run, so that the summary of pytest counts them."""
    if reason := missing(block):
        pytest.skip(f"{block.where}: {reason}")


def test_skips_are_counted() -> None:
    skipped = [f"{block.where}: {block.skip}" for block in BLOCKS if block.skip]
    assert len(skipped) == SKIPPED, "\n".join([NEW_SKIPS, *skipped])


def test_most_blocks_are_run() -> None:
    commands = [block for block in BLOCKS if block.language]
    assert len(commands) > 60
    assert sum(bool(block.skip) for block in commands) < len(commands) / 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- test: skip -->\n```sh\nx\n```", r"page.md:1: unknown directive 'skip' \(a skip needs a reason"),
        ("a\n<!-- test: needs gemma -->\nb", "page.md:2: no block follows"),
        ("```\njamma lmm -bfile x\n```", "page.md:2: a command in a block that is not run: jamma lmm"),
        ("```text\n$ jamma gk -bfile x\n```", "page.md:2: a command in a block that is not run"),
        ("```julia\nx\n```", "page.md:2: blocks of julia are not run"),
        ("```r\nx\n```", "page.md:2: R is run only if it is installed"),
        ("<!-- test: output", "page.md:1: the comment has no end"),
    ],
)
def test_malformed_page_is_an_error(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.ROOT", tmp_path)
    path = tmp_path / "page.md"
    path.write_text(text)
    with pytest.raises(MalformedError, match=message):
        page_of(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n\n```sh\ntrue\nfalse\n```", "page.md:4: exit status 1.*line 5: exit status 1: false"),
        ("```sh\nfalse | cat\n```", "exit status 1"),
        ("<!-- test: exits with 1 -->\n```sh\ntrue\n```", "page.md:3: exit status 0, expected 1"),
        ("a\n```python\nx = 1\nraise ValueError('no')\n```", "page.md:4: ValueError: no"),
        ("```python\nx = = 1\n```", "page.md:2: SyntaxError"),
        ("```sh\necho a\n```\n<!-- test: output -->\n```\n\nb\n```", "page.md:7: not printed: b"),
    ],
)
def test_failing_block_gives_page_and_line(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.ROOT", tmp_path)
    path = tmp_path / "page.md"
    path.write_text(text)
    page = page_of(path)
    session = Session(page, tmp_path)
    for block in page.blocks[:-1]:
        session.run(block)
    with pytest.raises((AssertionError, pytest.fail.Exception)) as raised:
        session.run(page.blocks[-1])
    assert re.search(message, str(raised.value), re.DOTALL), raised.value


def test_commands_in_prose_have_known_options(capfd: pytest.CaptureFixture[str]) -> None:
    """`jamma lmm --loco` in a sentence; those of `jamma plot` are checked in test_plot_command.py."""
    from jamma.cli import main

    found = [(f"{path.relative_to(ROOT)}:{line}", text) for path in PAGES for line, text in inline_commands(path)]
    assert len(found) > 80
    asked = {}
    for where, text in found:
        command, *words = text.split()[1:]
        options = [word.lstrip("-") for word in [command, *words] if re.match(r"--?[a-z]", word)]
        # The other commands have options of their own.
        if (
            command not in ("gk", "eigen", "lmm", "lm", "help") and not command.startswith("-")
        ) or command == "--version":
            continue
        options = [name for name in options if name not in ("h", "help")]
        topics = options if command.startswith("-") else [command, *options] if command != "help" else words
        asked |= dict.fromkeys(topics, f"{where}: {text}")
    for topic, where in asked.items():
        assert main(["help", topic]) == 0, where
    capfd.readouterr()


def test_links_lead_to_files() -> None:
    """Links between pages, as GitHub resolves them; `mkdocs build --strict` checks the headings."""
    for path in PAGES:
        text = re.sub(r"^( *)(```+).*?^\1\2", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
            found = (path.parent / target).resolve()
            assert found.exists(), f"{path.relative_to(ROOT)}: there is no {target}"
