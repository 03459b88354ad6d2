"""The site of the documentation: it builds without a warning, has all pages, and loads nothing from elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from docs.write_site import ELSEWHERE, site_links, write_site

ROOT = Path(__file__).parents[1]
# Elements whose number says whether a page is understood in the same way.
_ELEMENT = re.compile(r"<(h1|h2|h3|li|table|tr|pre)[ >]")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `pages` and the `site` made of them. A link or an anchor without a target fails here."""
    folder = tmp_path_factory.mktemp("site")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").replace("build/", "")
    (folder / "mkdocs.yml").write_text(settings, encoding="utf-8")
    write_site(folder / "pages")
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(  # noqa: S603
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def article(page: Path) -> str:
    """What is on a page of the site, without the navigation around it."""
    (found,) = re.findall(r"<article.*?</article>", page.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def counted(html: str) -> dict[str, int]:
    names = _ELEMENT.findall(html)
    return {name: names.count(name) for name in sorted(set(names))}


def test_every_page_is_in_the_navigation_once() -> None:
    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """Reads settings that name Python functions, without them."""

    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)
    settings = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)  # noqa: S506
    entries = [entry for section in settings["nav"] for entries in section.values() for entry in entries]
    named = [next(iter(entry.values())) if isinstance(entry, dict) else entry for entry in entries]
    pages = [path.name for path in (ROOT / "docs").glob("*.md")]
    assert sorted(named) == sorted([*pages, *(name for name in ELSEWHERE.values() if name.endswith(".md"))])


def test_pages_have_the_headings_lists_and_tables_that_they_have_on_github(site: Path) -> None:
    github = MarkdownIt("commonmark").enable("table")
    pages = sorted((site / "pages").glob("*.md"))
    assert len(pages) > 25
    for page in pages:
        expected = counted(github.render(page.read_text(encoding="utf-8")))
        assert counted(article(site / "site" / f"{page.stem}.html")) == expected, page.name


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    loaded = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
    for page in (site / "site").glob("*.html"):
        assert loaded.findall(page.read_text(encoding="utf-8")) == [], page.name


def test_links_between_files_become_links_between_pages() -> None:
    titles = {"report.md": "The report", "tables.md": "Tables"}
    for source, text, expected in (
        ("docs/index.md", "[a](../SECURITY.md) [b](notebook.ipynb)", "[a](security.md) [b](notebook.md)"),
        (
            "docs/index.md",
            "[tables.md](tables.md#raw) docs/report.md",
            "[Tables](tables.md#raw) [The report](report.md)",
        ),
        ("docs/index.md", "`docs/tables.md`", "`docs/tables.md`"),
        (
            "docs/index.md",
            "```\n[a](../SECURITY.md) docs/report.md\n```",
            "```\n[a](../SECURITY.md) docs/report.md\n```",
        ),
        ("benchmarks/README.md", "[a](../docs/events.md#rates)", "[a](events.md#rates)"),
        ("SECURITY.md", "[a](https://zooniverse.org/x)", "[a](https://zooniverse.org/x)"),
    ):
        assert site_links(text, source, titles) == expected
