"""Transcriptions as plain text: a file for each page, a line for each of its lines.

A page of several tasks has an empty line between them. A line break inside of a text stays one; other control
characters, which a terminal would obey, become U+FFFD.
"""

import re
from pathlib import Path

from zoo_dag.formats.pages import on_no_page, read_pages
from zoo_dag.formats.source import Source
from zoo_dag.wording.sentences import counted

_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]")
_BREAK = re.compile("\\r\\n?")


def write(source: Source, target: Path) -> list[str]:
    """Write the texts of each page to a file of a folder."""
    n_pages, n_lines, n_replaced = 0, 0, 0
    for page in read_pages(source):
        n_pages += 1
        texts = []
        for region in page.regions:
            lines = [_BREAK.sub("\n", str(row["text"])) for row in region.rows]
            n_lines += len(lines)
            text, n_here = _CONTROL.subn("\ufffd", "\n".join(lines))
            n_replaced += n_here
            texts.append(f"{text}\n")
        (target / f"{page.name}.txt").write_text("\n".join(texts), encoding="utf-8", newline="\n")
    said = [f"{counted(n_pages, 'pages')} with {counted(n_lines, 'texts')} in {target}", *on_no_page(source)]
    return said + ([f"Replaced: {counted(n_replaced, 'control characters')} by U+FFFD."] if n_replaced else [])
