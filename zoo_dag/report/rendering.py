"""The report as one HTML file, by Jinja2. Every text is escaped: volunteers wrote some of them.

The file asks for nothing from elsewhere and runs nothing, which its content security policy says, too. Links to
pictures of subjects are links; the pictures are shown only where that is asked for.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from zoo_dag import __version__
from zoo_dag.errors import ReportError
from zoo_dag.report.parts import LINK, WORDS, Chart, Group, Part, Picture, Section, Table
from zoo_dag.report.workflow import WorkflowReport
from zoo_dag.wording.markdown import is_web_address

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_KINDS: Mapping[type[Part], str] = {Table: "table", Chart: "chart", Picture: "picture", Group: "group"}
_FIGURES = ("chart", "picture")


def render(
    imported: Section, workflows: Sequence[WorkflowReport], *, until: datetime | None, pictures: bool
) -> str:
    """The HTML of a report. `until` is the time of the newest import; `pictures` shows those of the subjects.

    Raises ReportError where the extra `report` is not installed.
    """
    try:
        # Extras; loading the code location leaves them alone.
        import jinja2  # noqa: PLC0415

        from zoo_dag.report.charts import draw  # noqa: PLC0415
    except ImportError as error:
        raise ReportError(f'A report needs {error.name}. Install it with: pip install "zoo_dag[report]"') from None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("zoo_dag.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": _number,
        "pieces": _pieces,
        "runs": _runs,
        "svg": draw,
        "elements": lambda picture: "".join(picture.elements),
    }
    environment.tests["address"] = is_web_address
    environment.globals |= {"kind_of": _kind_of, "cell_kind": _cell_kind}
    policy = _POLICY + ("; img-src https: http:" if pictures else "")
    return environment.get_template("report.html").render(
        imported=imported,
        workflows=workflows,
        until=until,
        pictures=pictures,
        policy=policy,
        version=__version__,
    )


def _kind_of(part: Part) -> str:
    return _KINDS[type(part)]


def _runs(parts: Sequence[Part]) -> Iterator[tuple[str, list[Part]]]:
    """The parts in their order; figures that follow each other stand side by side."""
    for is_figure, run in itertools.groupby(parts, lambda part: _kind_of(part) in _FIGURES):
        yield "figures" if is_figure else "others", list(run)


def _cell_kind(dtype: pl.DataType) -> str:
    if dtype == LINK:
        return "link"
    if dtype == WORDS:
        return "words"
    return "number" if dtype.is_numeric() else "text"


def _number(value: Any) -> str:
    """A value for people; a dash where there is none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) >= 100 else f"{value:.3g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def _pieces(sentence: str) -> list[tuple[str, bool]]:
    """A sentence in pieces, each with whether it stands between backticks."""
    return [(piece, place % 2 == 1) for place, piece in enumerate(sentence.split("`"))]
