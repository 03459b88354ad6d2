"""Small tables to show, and what Dagster's pages would make of the Markdown."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import polars as pl
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from zoo_dag.plots import Other
from zoo_dag.tables import TABLES

SVG = "{http://www.w3.org/2000/svg}"
# What volunteers and project owners may write, with what could do harm somewhere on the way.
LABELS = st.one_of(
    st.text(max_size=60),
    st.text(st.sampled_from("`*_[]()<>!#&;\\|'\"%~: /=-x\n\t\x00\u2028\ufffe😀é漢"), max_size=60),
    st.sampled_from(
        (
            "<script>alert(1)</script>",
            "</text></svg><img src=x onerror=alert(1)>",
            ")![x](https://example.org/x.png",
            "](javascript:alert(1))",
            "&lt;b&gt; &#60;b&#62; %3Cb%3E",
            "a' onload='alert(1)",
            "![a bird](https://example.org/b.png =100x)",
            "]]>",
        )
    ),
)
_PARSER = MarkdownIt("commonmark").enable("table")
# Dagster shows images with data URIs, which this parser would not.
_PARSER.validateLink = lambda _url: True  # type: ignore[method-assign]


def tokens(markdown: str) -> list[Token]:
    """Everything inside the paragraphs, lists and tables of a Markdown text."""
    return [child for block in _PARSER.parse(markdown) for child in block.children or ()]


def image(markdown: str) -> ElementTree.Element:
    """The SVG of the only image of a text. Fails where there is another number of images, or the XML is no XML."""
    (found,) = [token for token in tokens(markdown) if token.type == "image"]
    source = str(found.attrs["src"])
    assert source.startswith("data:image/svg+xml,")
    return ElementTree.fromstring(unquote(source.removeprefix("data:image/svg+xml,")))  # noqa: S314


def texts(svg: ElementTree.Element) -> list[str]:
    """All words in a picture."""
    return [element.text or "" for element in svg.iter(f"{SVG}text")]


def paths(svg: ElementTree.Element) -> list[str]:
    """All paths of a picture."""
    return [element.attrib["d"] for element in svg.iter(f"{SVG}path")]


def caption(markdown: str) -> str:
    """What stands below a picture, as plain text."""
    return "".join(
        token.content for token in tokens(markdown) if token.type in ("text", "code_inline", "softbreak")
    )


def rows(table: str, found: Sequence[dict[str, Any]]) -> pl.LazyFrame:
    """Rows of a table; missing values are null. An open-ended table may get further columns."""
    empty = TABLES[table].empty()
    extra = {name: type(value) for row in found for name, value in row.items() if name not in empty.columns}
    frame = pl.DataFrame(list(found), schema_overrides=empty.schema)
    return (
        pl.concat([empty, frame.select(pl.col(c) for c in frame.columns)], how="diagonal")
        .select(*empty.columns, *extra)
        .lazy()
    )


def nothing(_name: str) -> pl.LazyFrame | None:
    """There is no other table."""
    return None


def others(**tables: pl.LazyFrame) -> Other:
    """These other tables are there."""
    return tables.get


def question(subject: int, answer: str | None, share: float, task: str = "T0", **columns: object) -> dict:
    """The first answer of a subject."""
    return {
        "subject_id": subject,
        "subject_ids": str(subject),
        "task": task,
        "task_revision": f"{task}@1.1",
        "task_label": "What is it?",
        "answer": answer,
        "votes": 10 * share,
        "agreement": share,
        "fraction": share,
        "rank": 1,
        "tied": False,
        "n_answered": 10,
    } | columns


def votes_at(*hours: float, subject: str = "1", excluded: str | None = None) -> list[dict[str, Any]]:
    """Classifications of a subject, so many hours after the begin of 2024-03-01."""
    begin = datetime(2024, 3, 1, tzinfo=UTC)
    return [
        {
            "classification_id": number,
            "created_at": begin + timedelta(hours=hour),
            "subject_ids": subject,
            "excluded": excluded,
        }
        for number, hour in enumerate(hours)
    ]
