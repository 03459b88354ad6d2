"""Write the pages of the site: `python docs/write_site.py`, and then `zensical build --strict`.

They come from this folder, and some from others. Links between files of the repository become links between pages,
and the notebook becomes a page. `mkdocs.yml` has their order.
"""

import json
import posixpath
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# Files of other folders that pages link to, and the notebook, with their names on the site.
ELSEWHERE = {
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
    "deploy/nginx.conf": "nginx.conf",
    "deploy/zoo-dag.service": "zoo-dag.service",
    "docs/notebook.ipynb": "notebook.md",
}
_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^][]*)\]\(([^)#\s:]+)(#[^)\s]*)?\)")
# A page that a description of a table or setting names without a link.
_NAMED = re.compile(r"(?<![\w`/])docs/(\w+\.md)")


def write_site(folder: Path) -> None:
    """Write all pages and pictures into a folder, which is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "images", folder / "images")
    names = {f"docs/{path.name}": path.name for path in (ROOT / "docs").glob("*.md")} | ELSEWHERE
    texts = {source: _text(ROOT / source) for source in names}
    titles = {name: texts[source].partition("\n")[0].removeprefix("# ") for source, name in names.items()}
    for source, name in names.items():
        page = site_links(texts[source], source, titles) if name.endswith(".md") else texts[source]
        (folder / name).write_text(page, encoding="utf-8")


def _text(path: Path) -> str:
    return notebook_page(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")


def site_links(text: str, source: str, titles: Mapping[str, str]) -> str:
    """The text of a Markdown file with links as they are on the site.

    `source` is the path of the file in the repository. A link that is called like its file is called like the page
    there, by `titles`.
    """
    folder = posixpath.dirname(source)

    def link(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, found[2]))
        name = ELSEWHERE.get(path, path.removeprefix("docs/"))
        called = titles.get(name, found[1]) if found[1] in path else found[1]
        return f"[{called}]({name}{found[3] or ''})"

    def named(found: re.Match[str]) -> str:
        return f"[{titles.get(found[1], found[1])}]({found[1]})"

    # Every second part is a block of code.
    parts = _FENCED.split(text)
    parts[::2] = [_NAMED.sub(named, _LINK.sub(link, part)) for part in parts[::2]]
    return "".join(parts)


def notebook_page(path: Path) -> str:
    """A notebook as Markdown: its texts, its code, and what each cell showed."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join(part for cell in cells for part in _parts(cell)) + "\n"


def _parts(cell: dict[str, Any]) -> list[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return [source]
    shown = ["".join(output.get("text") or output["data"]["text/plain"]) for output in cell["outputs"]]
    return [f"```python\n{source}\n```", *(f"```text\n{text.rstrip()}\n```" for text in shown)]


if __name__ == "__main__":
    write_site(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "pages")
