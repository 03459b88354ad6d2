"""Consensus of texts: the texts of the volunteers as one text, and votes for its words.

Free text is one text per subject and task. Texts about marks are one text for each place: the marks that
volunteers drew are grouped first, as lines (`places`, `lines`). A drawing counts as a transcription where its task
type says so, or where lines have a sub-task of type text: then a subject on which nobody wrote has a row too.
"""

from typing import Any

import polars as pl

from zoo_dag.annotations.structs import structs
from zoo_dag.consensus.pictures import SIZE, is_outside, with_sizes
from zoo_dag.consensus.units import Scope, units
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Texts
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import Aggregated, Annotations, Row
from zoo_dag.task_types.texts.alignment import consensus_of
from zoo_dag.task_types.texts.correction_consensus import CORRECTED, given_of, last_texts
from zoo_dag.task_types.texts.corrections import corrected
from zoo_dag.task_types.texts.lines import Group, Line, group_lines
from zoo_dag.task_types.texts.places import LINE_TOOLS, line_of_mark
from zoo_dag.task_types.texts.reading_order import Order
from zoo_dag.task_types.texts.typed_numbers import TypedNumbers, typed_numbers

FREE_TEXT, DRAWINGS = "text_annotations", "drawing_annotations"
METHOD, CORRECTION = "star_alignment", "correction"
# The name of the tasks whose drawings are pages, among the tables that `text_consensus` takes.
PAGES = "pages"

_TASK = ["workflow_id", "task", "task_revision"]
_ENDS = ("x1", "y1", "x2", "y2")
_DTYPES = TABLES["text_consensus"].dtypes
_TOOL = ("tool_index", "tool_type", "tool_label")
_OF_TEXTS = ("text", "n_answered", "agreement", "tokens", "method", *TypedNumbers._fields)
_MEASURES = ("line_index", *_ENDS, *_OF_TEXTS, "frame", *_TOOL)
_TEXTS = pl.List(pl.Struct({name: _DTYPES[name] for name in _MEASURES}))


def text_consensus(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, settings: Settings) -> Aggregated:
    """Aggregate `text_annotations` and `drawing_annotations` to `text_consensus`; columns as in `zoo_dag.tables`.

    A unit is a subject (or the subjects shown together) and a task. Where nobody wrote anything, a unit has one
    row with a null text and `n_answered` 0. A text of white space is none.

    Of a text that volunteers corrected, where the given one is known, `text` is that with the accepted changes
    (`corrections`), and `agreement` the mean over its words of the share of texts that have them there.

    Free text: `line_index`, the ends, frame and tool are null, every classification has a vote; several texts of
    one are joined by line breaks, in their order. Lines, and other marks with a text: `line_index` is the position
    in reading order (setting `transcription.reading_order`), from 0, over all frames of the subject; the ends are
    medians in pixels of the natural image; every volunteer has a vote in a line; the settings `texts.line_eps` and
    `line_eps_share` are how near lines of different volunteers must be (see `lines`). Of several text sub-tasks of
    a mark the first with a text counts. Of a page on which nobody wrote, `agreement` is the share that marked
    nothing.

    `n` of a token is `n_answered`; votes, and `agreement` from 0 to 1, are those of `alignment`. `n_numbers`,
    `number_median`, `number_mean` and `number_std` are of the texts that are a number (`typed_numbers`).
    """
    texts, lines = _written(annotations, scope)
    free = _free_texts(texts, given_of(annotations), scope)
    consensus = pl.concat([free, _lines(lines, scope, settings)]).with_columns(
        pl.col("n_answered", "n_numbers").fill_null(0), pl.col("method").fill_null(METHOD)
    )
    return Aggregated(consensus.sort(*scope.unit, "line_index", nulls_last=True))


def answered(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The units that have to be in the table: those of free texts, and of drawings with texts."""
    return pl.concat(rows.select(scope.unit) for rows in _written(annotations, scope))


def _written(annotations: Annotations, scope: Scope) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The rows of free texts, and of drawings with texts."""
    return annotations[FREE_TEXT], _with_texts(annotations[DRAWINGS], annotations[PAGES], scope)


def _free_texts(rows: pl.LazyFrame, given: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    written = rows.filter(pl.col("status") == "answered")
    in_order = pl.col("text").sort_by("annotation_index").str.join("\n")
    of_classifications = written.group_by([*scope.unit, "classification_id"]).agg(in_order)
    texts = of_classifications.group_by(scope.unit).agg(texts=pl.col("text"))
    corrections = last_texts(written.filter(pl.col("task_type") == CORRECTED), scope)
    of_given = corrections.group_by(scope.unit).agg(sent=pl.col("text"))
    of_given = of_given.join(given, on="subject_ids").select(*scope.unit, "sent", "given")
    both = texts.join(of_given, on=scope.unit, how="left", nulls_equal=True)
    said = pl.struct("texts", "sent", "given")
    combined = said.map_batches(_consensus_of_texts, return_dtype=_TEXTS, is_elementwise=True).alias("consensus")
    return _with_units(rows, both.with_columns(combined).drop("texts", "sent", "given"), scope)


def _lines(rows: pl.LazyFrame, scope: Scope, settings: Settings) -> pl.LazyFrame:
    def consensus_of_unit(units_lines: pl.Series) -> pl.Series:
        return _consensus_of_lines(units_lines, settings.transcription.reading_order)

    written = rows.filter(pl.col("line_text").is_not_null())
    lines = written.group_by(scope.unit).agg(consensus=pl.struct(_line_fields()), eps=_line_eps(settings.texts))
    of_unit = pl.struct("consensus", "eps").map_batches(
        consensus_of_unit, return_dtype=_TEXTS, is_elementwise=True
    )
    combined = of_unit.alias("consensus")
    pages = _with_units(rows, lines.with_columns(combined).drop("eps"), scope)
    # Volunteers may agree that there is nothing to transcribe.
    empty = pl.when(pl.col("text").is_null()).then(pl.col("n_blank") / pl.col("n_classifications"))
    return pages.with_columns(agreement=pl.coalesce("agreement", empty))


def _with_units(rows: pl.LazyFrame, texts: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Units of `rows` with their texts, one row for each; a unit without texts has a row of nulls."""
    # Left join, so that a subject without texts keeps its row.
    seen = units(rows, scope).drop("n_answered")
    return seen.join(texts, on=scope.unit, how="left", nulls_equal=True).explode("consensus").unnest("consensus")


def decide(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, _settings: Settings) -> Annotations:
    """`pages`: the tasks whose drawings are pages with texts, by the columns of `scope.defined`.

    Returns the drawings as well, those of tasks that have nothing to do with texts left out.
    """
    rows = annotations[DRAWINGS]
    has_text_task = pl.col("details").list.eval(pl.element().struct.field("detail_type") == "text").list.any()
    # A task is the same for all subjects, so also where nobody drew anything.
    line = _is_drawn() & pl.col("tool_type").is_in(LINE_TOOLS) & has_text_task
    drawn = rows.group_by(list(dict.fromkeys([*_TASK, *scope.defined]))).agg(
        asked=((pl.col("task_type") == "transcription") | line).any(), written=has_text_task.any()
    )
    marked = _with_text_lines(tasks).with_columns(defined=True)
    found = drawn.join(marked, on=_TASK, how="left", nulls_equal=True).collect()
    is_page = pl.col("asked").fill_null(False) | pl.col("defined").fill_null(False)
    pages = found.filter(is_page).select(scope.defined).unique()
    with_texts = found.filter(is_page | pl.col("written").fill_null(False)).select(scope.defined).unique()
    if with_texts.is_empty():
        return {PAGES: pages.lazy(), DRAWINGS: rows.filter(pl.lit(False))}
    of_texts = rows.join(with_texts.lazy(), on=scope.defined, how="semi", nulls_equal=True)
    return {PAGES: pages.lazy(), DRAWINGS: of_texts}


def _is_drawn() -> pl.Expr:
    return pl.col("status").is_in(["malformed", "blank"]).not_()


def _with_texts(rows: pl.LazyFrame, pages: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Rows of `pages`, and of other subjects with texts about marks.

    Adds `line_text`, null where a row is no mark with a text, or lies wholly outside of the picture.
    """
    text, kind = pl.element().struct.field("text"), pl.element().struct.field("detail_type")
    texts = pl.col("details").list.eval(text.filter((kind == "text") & (text.str.strip_chars() != "")))
    rows = rows.with_columns(line_text=pl.when(_is_drawn()).then(texts.list.first()))
    of_pages = rows.join(pages, on=scope.defined, how="semi", nulls_equal=True)
    written = rows.filter(pl.col("line_text").is_not_null())
    wanted = pl.concat([of_pages.select(scope.unit), written.select(scope.unit)]).unique()
    sized = with_sizes(rows.join(wanted, on=scope.unit, how="semi", nulls_equal=True))
    return sized.with_columns(line_text=pl.when(~is_outside()).then("line_text"))


def _with_text_lines(tasks: pl.LazyFrame) -> pl.LazyFrame:
    """The drawing tasks of which a tool that draws lines has a sub-task of type text."""
    tool = pl.col("option_path").str.extract(r"^(tools\.\d+)").alias("tool")
    kind, kept = pl.col("option_kind"), [*_TASK, tool]
    lines = tasks.filter((kind == "tool") & pl.col("option_id").is_in(LINE_TOOLS)).select(kept)
    texts = tasks.filter((kind == "sub-task") & (pl.col("option_id") == "text")).select(kept)
    return lines.join(texts, on=[*_TASK, "tool"], how="semi", nulls_equal=True).select(_TASK).unique()


def _line_fields() -> list[pl.Expr]:
    """The fields of `lines.Line`, by name."""
    return [
        pl.col("frame").fill_null(0),
        *line_of_mark(),
        pl.col("classification_id"),
        pl.col("annotation_index"),
        pl.col("mark_index"),
        # A volunteer whom the export does not identify counts as a different person each time.
        pl.coalesce("user_key", pl.col("classification_id").cast(pl.String)),
        pl.col("line_text").alias("text"),
        *map(pl.col, _TOOL),
        # A line of a page may be drawn with one tool or another.
        pl.when(~pl.col("tool_type").is_in(LINE_TOOLS)).then(pl.col("tool_index").fill_null(-1)).alias("apart"),
    ]


def _consensus_of_texts(units_texts: pl.Series) -> pl.Series:
    said = (units_texts.struct.field(name).to_list() for name in ("texts", "sent", "given"))
    rows = [
        (_row({}, texts) if given is None else _corrected_row(given, sent),)
        for texts, sent, given in zip(*said, strict=True)
    ]
    return structs(units_texts.name, rows, _TEXTS)


def _line_eps(settings: Texts) -> pl.Expr:
    """An aggregation: how near lines must be, in pixels."""
    share = pl.lit(settings.line_eps_share, pl.Float64)
    return pl.coalesce(share * pl.max_horizontal(SIZE).max(), pl.lit(settings.line_eps, pl.Float64))


def _consensus_of_lines(units_lines: pl.Series, order: Order) -> pl.Series:
    rows = []
    for unit in units_lines.to_list():
        groups = group_lines([Line(**line) for line in unit["consensus"]], unit["eps"], order)
        rows.append(
            tuple(_row({"line_index": index, **_place(group)}, group.texts) for index, group in enumerate(groups))
        )
    return structs(units_lines.name, rows, _TEXTS)


def _place(group: Group) -> dict[str, Any]:
    ends, tool = zip(_ENDS, group[1:5], strict=True), zip(_TOOL, group.tool, strict=True)
    return {"frame": group.frame, **dict(ends), **dict(tool)}


def _row(place: dict[str, Any], texts: list[str]) -> Row:
    """A row of the table for texts, of which none is blank."""
    consensus, n = consensus_of(texts), len(texts)
    if consensus is None:
        return _measures({})
    tokens = tuple([(word.text, votes, n) for word, votes in consensus.votes])
    words = {"text": consensus.text, "n_answered": n, "agreement": consensus.agreement, "tokens": tokens}
    return _measures({**place, **words, "method": METHOD, **typed_numbers(texts)._asdict()})


def _corrected_row(given: str, texts: list[str]) -> Row:
    """A row of the table for texts that were sent in place of a given one."""
    found, n = corrected(given, texts), len(texts)
    tokens = tuple((token.word, token.votes, n) for token in found.tokens)
    agreement = sum(token.votes for token in found.tokens) / (n * len(tokens)) if tokens else 0.0
    words = {"text": found.text, "n_answered": n, "agreement": agreement, "tokens": tokens, "method": CORRECTION}
    return _measures({**words, **typed_numbers(texts)._asdict()})


def _measures(known: dict[str, Any]) -> Row:
    """The fields of _TEXTS in order, null where they are not known."""
    return tuple({**dict.fromkeys(_MEASURES), **known}.values())
