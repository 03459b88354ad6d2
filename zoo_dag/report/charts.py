"""Charts as static SVG, by Altair and vl-convert: the extra `report`.

Colours are variables of the page's style sheet, so that the same chart is right in light and dark pages. Names of
columns and expressions of Vega are never made from data.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any, TypeAlias

import altair as alt
import polars as pl
import vl_convert

from zoo_dag.plots.picture import width_of
from zoo_dag.report.parts import Bars, Chart, Columns, Curve, Intervals
from zoo_dag.wording.markdown import plain

_Drawn: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart
WIDTH = 400
_HEIGHT, _ROW, _LABEL, _LONGEST = 190, 21, 165, 40
_LEGEND_COLUMNS = 3
_INK, _FAINT, _LINE = "var(--ink)", "var(--faint)", "var(--line)"
# The colours of stacked parts by their number, in the style sheet's numbering: neighbours differ in lightness,
# too.
_COLOURS = {1: (1,), 2: (1, 3), 4: (1, 3, 5, 4), 5: (1, 2, 3, 4, 5)}
_CONFIG: Mapping[str, Any] = {
    "aria": False,
    "background": "transparent",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "gridColor": _LINE,
        "domainColor": _FAINT,
        "tickColor": _FAINT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {
        "labelColor": _INK,
        "labelFontSize": 12,
        "title": None,
        "orient": "bottom",
        "columns": _LEGEND_COLUMNS,
    },
}


def draw(chart: Chart) -> str:
    """A chart as SVG."""
    spec = _chart(chart.form, chart.numbers).to_dict()
    spec["config"], spec["autosize"] = dict(_CONFIG), {"type": "fit", "contains": "padding"}
    return str(vl_convert.vegalite_to_svg(spec, show_warnings=False))


@singledispatch
def _chart(form: object, numbers: pl.DataFrame) -> _Drawn:
    raise TypeError(f"no chart is drawn as {form!r} of {numbers.columns}")


@_chart.register
def _(form: Bars, numbers: pl.DataFrame) -> alt.Chart:
    labels = _labels(numbers[form.label])
    height = _ROW * numbers.height + 40 + _legend_height(form.parts)
    x = alt.X("n:Q", title=form.unit, axis=_counting(numbers, form.parts))
    return _bars(labels, numbers, form.parts).encode(y=_names(labels), x=x).properties(width=WIDTH, height=height)


@_chart.register
def _(form: Columns, numbers: pl.DataFrame) -> alt.Chart:
    labels = _labels(numbers[form.place])
    axis = alt.Axis(labelAngle=-35, labelOverlap="greedy", grid=False)
    x = alt.X("place:O", sort=None, title=form.place, axis=axis, scale=alt.Scale(domain=labels))
    y = alt.Y("n:Q", title=form.unit, axis=_counting(numbers, form.parts))
    height = _HEIGHT + _legend_height(form.parts)
    return _bars(labels, numbers, form.parts).encode(x=x, y=y).properties(width=WIDTH, height=height)


@_chart.register
def _(form: Curve, numbers: pl.DataFrame) -> _Drawn:
    points = numbers.select(x=form.x, y=form.y, size=form.size or pl.lit(1)).to_dicts()
    share = alt.Scale(domain=[0, 1])
    x, y = (alt.X("x:Q", title=form.x, scale=share), alt.Y("y:Q", title=form.y, scale=share))
    diagonal = alt.Chart(alt.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color=_FAINT, strokeDash=[4, 4], strokeWidth=1
    )
    through = alt.Chart(alt.InlineData(values=points))
    if form.size:
        size = alt.Size("size:Q", scale=alt.Scale(range=[30, 400]), legend=None)
        drawn = through.mark_circle(color=_colour(1), opacity=0.9).encode(size=size)
    else:
        drawn = through.mark_line(color=_colour(1), strokeWidth=2)
    layers = alt.layer(diagonal.encode(x=x, y=y), drawn.encode(x=x, y=y))
    return layers.properties(width=WIDTH, height=_HEIGHT + 60)


@_chart.register
def _(form: Intervals, numbers: pl.DataFrame) -> _Drawn:
    labels = _labels(numbers[form.label])
    rows = numbers.select(place=pl.Series(labels, dtype=pl.String), n=form.value, low=form.low, high=form.high)
    y = _names(labels)
    known = rows.drop_nulls(["low", "high"])
    ends = [0.0, *(value for name in ("n", "low", "high") for value in rows[name].drop_nulls())]
    domain = [min(ends), max(ends) if form.end is None else form.end]
    x = alt.X("n:Q", title=form.value, scale=alt.Scale(domain=domain), axis=alt.Axis(tickCount=5))
    bounds = alt.Chart(alt.InlineData(values=[{"at": bound} for bound in form.bounds]))
    dashed = bounds.mark_rule(color=_FAINT, strokeDash=[4, 4]).encode(x="at:Q")
    lines = alt.Chart(alt.InlineData(values=known.to_dicts())).mark_rule(color=_colour(1), strokeWidth=2)
    dots = alt.Chart(alt.InlineData(values=rows.to_dicts())).mark_circle(color=_colour(1), size=60, opacity=1)
    drawn = alt.layer(
        dots.encode(x=x, y=y), lines.encode(x="low:Q", x2="high:Q", y=y), dashed if form.bounds else alt.layer()
    )
    return drawn.properties(width=WIDTH, height=_ROW * rows.height + 45)


def _bars(labels: Sequence[str], numbers: pl.DataFrame, parts: Sequence[str]) -> alt.Chart:
    """Bars in the colours of the parts, which are stacked in their order; a part without any is left out."""
    rows = [
        {"place": place, "part": part, "order": order, "n": n}
        for order, part in enumerate(parts)
        for place, n in zip(labels, numbers[part], strict=True)
        if n
    ]
    colours = alt.Scale(domain=list(parts), range=[_colour(each) for each in _COLOURS[len(parts)]])
    legend = alt.Legend() if len(parts) > 1 else None
    bars = alt.Chart(alt.InlineData(values=rows)).mark_bar(stroke="var(--paper)", strokeWidth=0.5)
    colour = alt.Color("part:N", scale=colours, legend=legend)
    stacked: alt.Chart = bars.encode(color=colour, order=alt.Order("order:O"))
    return stacked


def _labels(texts: pl.Series) -> list[str]:
    """The texts on one line, cut, and each another one: bars of the same name would be one bar."""
    taken: dict[str, None] = {}
    seen: Counter[str] = Counter()
    for text in texts:
        label = name = _cut("(none)" if text is None else str(text))
        while label in taken:
            seen[name] += 1
            label = f"{name} ({seen[name] + 1})"
        taken[label] = None
    return list(taken)


def _cut(text: str) -> str:
    line = plain(text, _LONGEST) or "(blank)"
    while width_of(line) > _LABEL:
        line = plain(line, len(line) - 1)
    return line


def _names(labels: Sequence[str]) -> alt.Y:
    """The vertical axis of labels, with room for them in any font."""
    room = max(map(width_of, labels), default=0)
    axis = alt.Axis(minExtent=room, labelLimit=2 * _LABEL)
    return alt.Y("place:N", sort=None, title=None, axis=axis, scale=alt.Scale(domain=list(labels)))


def _counting(numbers: pl.DataFrame, parts: Sequence[str]) -> alt.Axis:
    """An axis of counts: about five ticks, at whole numbers."""
    most = int(numbers.select(pl.sum_horizontal(parts).max()).item() or 0)
    tens = 10 ** int(math.log10(max(most / 5, 1)))
    step = next(factor * tens for factor in (1, 2, 5, 10) if factor * tens * 5 >= most)
    return alt.Axis(format="~s", values=list(range(0, most + step, step)))


def _legend_height(parts: Sequence[str]) -> int:
    """Room for the legend in rows of three names; a single part has none."""
    return 0 if len(parts) == 1 else 14 + 18 * math.ceil(len(parts) / _LEGEND_COLUMNS)


def _colour(number: int) -> str:
    return f"var(--colour-{number})"
