"""The documentation holds together: links, headings that code cites, examples, and the settings that it names."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.task_types.samples import NO_WORKFLOWS, flat
from zoo_dag.exports.subject_data import subject_ids
from zoo_dag.exports.talk import read_comments
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import FLATTENED

ROOT = Path(__file__).parents[1]
FOLDERS = ("zoo_dag", "tests", "benchmarks", "docs", "deploy", ".ci")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
SOURCES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".md", ".service", "") and path.is_file()
)

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
# The table of the flattened stage that the examples below a heading of docs/exports.md go to.
EXAMPLES = {
    "Questions": "question_annotations",
    "Texts": "text_annotations",
    "Sliders": "slider_annotations",
    "Dropdowns": "dropdown_annotations",
    "Drawings": "drawing_annotations",
    "Answers about marks": "drawing_annotations",
    "Transcriptions": "drawing_annotations",
    "Surveys": "survey_annotations",
    "Combos": "question_annotations",
    "Highlights": "highlight_annotations",
    "Crops and spans": "drawing_annotations",
    # Of one subject alone it is not known what the grid showed.
    "Grids of subjects": "other_annotations",
    "Other task types": "other_annotations",
}
# Their values mean nothing without a definition: that of `tests.task_types.samples`.
NEED_A_DEFINITION = ("Sliders", "Combos")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def headings(text: str) -> list[str]:
    """The headings of a page in order; a line inside a block of code is not a heading."""
    return [title.strip() for _, title in _HEADING.findall(_FENCED.sub("", text))]


def anchors(text: str) -> set[str]:
    """What links to the headings of a page end in, as GitHub makes it of their texts."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings(text)}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def broken_links(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    for target in _LINK.findall(_FENCED.sub("", text)):
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (path.parent / file).resolve() if file else path
        if not there.exists():
            yield f"{target}: no such file"
        elif anchor and anchor not in anchors(there.read_text(encoding="utf-8")):
            yield f"{target}: no such heading"


def json_examples(heading: str) -> list[Any]:
    """The JSON examples of docs/exports.md between a heading and the next."""
    section = re.split(r"^#+ ", page("exports.md"), flags=re.MULTILINE)
    (own,) = (part for part in section if part.startswith(f"{heading}\n"))
    return [json.loads(body) for kind, body in _FENCED.findall(own) if kind == "json"]


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_links_lead_somewhere(path: Path) -> None:
    assert not list(broken_links(path))


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_headings_of_a_page_have_anchors_of_their_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(anchors(text)) == len(headings(text))


def test_headings_that_code_cites_are_there() -> None:
    unknown = []
    for path in SOURCES:
        # A citation may go on in the next line of a comment.
        text = re.sub(r"\n\s*(# )?", " ", path.read_text(encoding="utf-8"))
        for cited in re.finditer(r"docs/(exports|consensus)\.md, (?=[A-Z])", text):
            said = text[cited.end() :]
            known = headings(page(f"{cited[1]}.md"))
            if not any(re.match(rf"{re.escape(heading)}\b", said) for heading in known):
                unknown.append(f"{named(path)}: {cited[0]}{said[:30]}")
    assert not unknown, "\n".join(unknown)


def test_pages_that_code_names_are_there() -> None:
    missing = [
        f"{named(path)}: {found}"
        for path in SOURCES
        if path.suffix == ".py" and path != Path(__file__)
        for found in re.findall(r"\b(?:docs|benchmarks)/\w+\.md\b", path.read_text(encoding="utf-8"))
        if not (ROOT / found).is_file()
    ]
    assert not missing, "\n".join(missing)


def test_tests_that_pages_name_are_there() -> None:
    missing = [
        f"{named(path)}: {found}"
        for path in PAGES
        for found in re.findall(r"\btests/[\w/]+\.py\b", path.read_text(encoding="utf-8"))
        if not (ROOT / found).is_file()
    ]
    assert not missing, "\n".join(missing)


def test_no_text_cites_documents_that_are_not_in_the_repository() -> None:
    """Working papers of the authors, by name and section, and numbered lists that readers do not have."""
    papers = "EXPORTS|DESIGN|CONSENSUS2?|STYLE|TRAPS|REVIEW|WISHES|FORMATS|SERVICES"
    cited = re.compile(rf"\b({papers})(\.md| \d)|\b(of|in|see) ({papers})\b|\b([Tt]raps?|[Pp]itfalls?) \d")
    numbered = re.compile(r"def test_(trap|pitfall)s?_?\d")
    found = [
        f"{named(path)}: {match[0]}"
        for path in SOURCES
        if path != Path(__file__)
        for pattern in (cited, numbered)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


def test_settings_that_the_page_on_consensus_names_are_there() -> None:
    known = {f"{name}.{field}" for name, section in Settings() for field in type(section).model_fields}
    written = set(re.findall(r"`([a-z_]+\.[a-z_]+)[`\s]", page("consensus.md")))
    assert written
    assert written <= known


def test_every_example_of_the_exports_page_is_tested() -> None:
    with_json = {heading for heading in headings(page("exports.md")) if json_examples(heading)}
    assert with_json == EXAMPLES.keys() | {"Subject data", "Tasks and strings", "Annotations", "Talk"}


@pytest.mark.parametrize(("heading", "table"), EXAMPLES.items())
def test_an_example_of_the_exports_page_is_read_into_its_table(heading: str, table: str) -> None:
    workflows = None if heading in NEED_A_DEFINITION else NO_WORKFLOWS
    for example in json_examples(heading):
        elements: Sequence[Any] = example if isinstance(example, list) else [example]
        found = flat(elements, workflows=workflows)
        rows = {name: found.tables[name] for name in FLATTENED if found.tables[name].height}
        assert found.quarantine.is_empty()
        assert rows.keys() == {table}
        assert rows[table].filter(pl.col("status").is_in(["malformed", "unknown_label"])).is_empty()
        assert found.row_accounting()["balanced"]


def test_comments_as_on_the_exports_page_are_read(tmp_path: Path) -> None:
    (example,) = json_examples("Talk")
    (tmp_path / "comments.json").write_text(json.dumps(example))
    comments = read_comments(tmp_path / "comments.json")
    assert comments.select("subject_id", "tags").rows() == [(1001, ["fox"])]


def test_subject_data_as_on_the_exports_page_name_the_subject() -> None:
    (example,) = json_examples("Subject data")
    assert subject_ids(json.dumps(example)) == "5026478"
