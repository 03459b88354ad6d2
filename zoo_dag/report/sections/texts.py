"""Texts: a verdict for each, the words that volunteers disagree on, and a list of what to review."""

import polars as pl

from zoo_dag.plots.agreement import named
from zoo_dag.report.parts import WORDS, Bars, Chart, Part, Section, Table
from zoo_dag.report.subjects import with_links
from zoo_dag.wording.sentences import counted, percent, ratio

UNANIMOUS, MAJORITY, CLOSE, ONE, NO_MATCH = "unanimous", "majority", "close", "one transcript", "no match"
VERDICTS = (UNANIMOUS, MAJORITY, CLOSE, ONE, NO_MATCH)
# The worst first.
_TO_REVIEW = (NO_MATCH, CLOSE, ONE)
_MOST_TO_REVIEW, _MOST_FIELDS = 40, 30
_LONGEST = 60


def texts(consensus: pl.LazyFrame, summary: pl.LazyFrame, enough: float) -> Section:
    """Verdicts by field and what to review, from `pooled_text_consensus`; `enough` as in `verdict`."""
    found = consensus.filter(pl.col("text").is_not_null()).with_columns(verdict=verdict(enough))
    keys = ("parent_task", "task", "task_revision", "task_label", "tool_label")
    shown = ("subject_ids", "frame", "line_index", "text", "tokens", "agreement", "n_answered", "verdict")
    fields = named(found.select(*keys, *shown).collect())
    if fields.is_empty():
        return Section("texts", "Texts")
    label = pl.coalesce("task_label", pl.lit("")).str.head(_LONGEST)
    fields = fields.with_columns(
        field=pl.when(label == "").then("name").otherwise(pl.format("{}: {}", "name", label))
    )
    counts = dict(fields["verdict"].value_counts().iter_rows())
    of_each = ", ".join(f"{counts.get(each, 0):,} {each} ({_share(counts, each)})" for each in VERDICTS)
    explained = (
        "Unanimous: all texts are the same, but for case and punctuation. Majority: more than half of the texts "
        f"have each word. Close: not so, but the agreement is {enough:g} and more. No match: less. One "
        "transcript: nothing to compare with."
    )
    parts: list[Part] = [_by_field(fields)]
    review = _review(fields, summary)
    n_review = sum(counts.get(each, 0) for each in _TO_REVIEW)
    if review.height:
        first = f": the first {review.height} of {n_review:,}" if n_review > review.height else ""
        parts.append(Table(f"Texts to review, the least agreement first{first}", review))
    return Section("texts", "Texts", (f"{counted(fields.height, 'texts')}: {of_each}.", explained), parts)


def verdict(enough: float) -> pl.Expr:
    """The verdict on a row of `text_consensus`, one of VERDICTS.

    A text of one volunteer is ONE. UNANIMOUS has an `agreement` of 1; of a MAJORITY more than half of the texts
    have each word; CLOSE has an `agreement` of at least `enough`; else NO_MATCH. A corrected text without `tokens`
    is by its `agreement` only. The categories are those of Notes from Nature's label_reconciliations.
    """
    word = pl.element().struct
    by_most = (pl.col("tokens").list.len() > 0) & pl.col("tokens").list.eval(
        word.field("votes") * 2 > word.field("n")
    ).list.all()
    return (
        pl.when(pl.col("n_answered") <= 1)
        .then(pl.lit(ONE))
        .when(pl.col("agreement") >= 1)
        .then(pl.lit(UNANIMOUS))
        .when(by_most.fill_null(value=False))
        .then(pl.lit(MAJORITY))
        .when(pl.col("agreement") >= enough)
        .then(pl.lit(CLOSE))
        .otherwise(pl.lit(NO_MATCH))
    )


def _share(counts: dict[str, int], each: str) -> str:
    return percent(ratio(counts.get(each, 0), sum(counts.values())))


def _by_field(fields: pl.DataFrame) -> Chart:
    counts = (
        fields.group_by("field")
        .agg(
            *((pl.col("verdict") == each).sum().cast(pl.Int64).alias(each) for each in VERDICTS),
            n=pl.len().cast(pl.Int64),
        )
        .sort(pl.col("n").neg(), "field")
    )
    description = "Texts by field and verdict; the lines of a page count one by one."
    if counts.height > _MOST_FIELDS:
        description += f" The {_MOST_FIELDS} fields with most texts, of {counts.height:,}."
    numbers = counts.head(_MOST_FIELDS).select(pl.col("field").alias("Field"), *VERDICTS)
    return Chart("Verdicts by field", description, numbers, Bars("Field", VERDICTS, "texts"))


def _review(fields: pl.DataFrame, summary: pl.LazyFrame) -> pl.DataFrame:
    """The texts that somebody should look at, with the votes for each word; those without words are one word."""
    word = pl.struct(pl.col("text").alias("token"), votes="n_answered", n="n_answered")
    words = (
        pl.when(pl.col("tokens").list.len() > 0)
        .then(pl.col("tokens").cast(WORDS))
        .otherwise(pl.concat_list(word).cast(WORDS))
    )
    order = pl.col("verdict").replace_strict({each: place for place, each in enumerate(_TO_REVIEW)})
    least = (
        fields.filter(pl.col("verdict").is_in(_TO_REVIEW))
        .sort(order, "agreement", "subject_ids", "name", "frame", "line_index", nulls_last=True)
        .head(_MOST_TO_REVIEW)
    )
    rows = least.select(
        "subject_ids",
        "frame",
        pl.col("field").alias("Field"),
        (pl.col("line_index") + 1).alias("Line"),
        pl.col("verdict").alias("Verdict"),
        pl.col("agreement").round(2).alias("Agreement"),
        pl.col("n_answered").alias("Texts"),
        words.alias("Text, with the votes for words in doubt"),
    )
    return with_links(rows, summary, pl.col("frame")).drop("frame")
