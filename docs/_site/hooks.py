"""Hooks of MkDocs: pages made from README.md, CHANGELOG.md and CONTRIBUTING.md, links between them and docs/, formulas.

The links in all Markdown files are those that work on GitHub. Formulas are blocks ```math with LaTeX, which GitHub shows
too; here they become MathML, so that the pages need no script for them.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.structure.files import File, Files

PAGES = {"README.md": "readme.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
"""Files at the top of the repository that are pages of the site, and their names there."""

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")
_FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^\1\2`*[ \t]*$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\|.*$", re.MULTILINE)
_CODE = re.compile(r"`[^`]*`")
_SHORT = re.compile(r"<code>([^<]{1,36})</code>")
_COMMENT = re.compile(r"<!-- test:.*?-->\n?", re.DOTALL)


def formula(source: str, language: str, css_class: str, options: dict[str, Any], md: Any, **_: Any) -> str:
    """A block of LaTeX as MathML."""
    return f'<div class="{css_class}">{convert(source.strip(), display="block")}</div>'


def on_config(config: Any) -> Any:
    """Add the blocks of formulas to the Markdown extension for fenced blocks."""
    fences = {"custom_fences": [{"name": "math", "class": "math", "format": formula}]}
    config.mdx_configs["pymdownx.superfences"] = fences
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are not in docs/."""
    top = Path(config.config_file_path).parent
    for name, page in PAGES.items():
        files.append(File.generated(config, page, content=(top / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Rewrite links between docs/ and the rest of the repository; remove the directives of tests/test_docs.py."""
    here = page.file.src_uri
    source = next((name for name, generated in PAGES.items() if generated == here), f"docs/{here}")
    prose = re.sub(_COMMENT, "", markdown)
    parts, end = [], 0
    for fence in _FENCE.finditer(prose):
        parts += [_rewrite(prose[end : fence.start()], source, here), fence.group()]
        end = fence.end()
    return "".join(parts) + _rewrite(prose[end:], source, here)


def on_page_content(html: str, page: Any, config: Any, files: Files) -> str:
    """Mark short pieces of code, which assets/site.css does not break after a hyphen."""
    return _SHORT.sub(r'<code class="short">\1</code>', html)


def _rewrite(text: str, source: str, here: str) -> str:
    def link(found: re.Match[str]) -> str:
        image, label, target, anchor = found.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path in PAGES:
            path = f"docs/{PAGES[path]}"
        if not path.startswith("docs/") or not posixpath.splitext(path)[1]:
            # A file or a folder of the repository, which the site does not have.
            return label
        shown = posixpath.relpath(path.removeprefix("docs/"), posixpath.dirname(here) or ".")
        return f"{image}[{label}]({shown}{anchor or ''})"

    # GitHub needs \| for a bar in code in a table; Python-Markdown shows the backslash.
    return _ROW.sub(lambda row: _CODE.sub(_with_bars, row.group()), _LINK.sub(link, text))


def _with_bars(code: re.Match[str]) -> str:
    return code.group().replace("\\|", "|")
