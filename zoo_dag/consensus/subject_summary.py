"""One row for each subject of a workflow: what a scientist opens in a spreadsheet."""

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from zoo_dag.consensus.units import version_order
from zoo_dag.settings.results import Agreement
from zoo_dag.tables import TABLES

_SUBJECT = "subject_ids"


def subject_summary(
    classifications: pl.LazyFrame,
    decided: pl.DataFrame,
    subjects: pl.LazyFrame,
    pooled: Mapping[str, pl.LazyFrame],
    agreement: Agreement,
) -> pl.LazyFrame:
    """Summarise the subjects of one workflow, with the columns of `subject_summary` and those of its tasks.

    Takes `classifications` of all versions, what `pooling.decide` returns for them, `subjects`, and the pooled
    consensus tables by name. Subjects that nobody classified are not in it.
    """
    summary = _counts(classifications, decided).join(_server(subjects), on="subject_id", how="left")
    declared = summary.with_columns(pl.col("subject_known").fill_null(False)).collect()
    for name, columns_of in _COLUMNS.items():
        if name in pooled:
            for part in _tasks(pooled[name].collect(), columns_of, agreement):
                # A transcription has text and marks: what its text says comes first and stays.
                new = [column for column in part.columns if column not in declared.columns]
                declared = declared.join(part.select(_SUBJECT, *new), on=_SUBJECT, how="left")
    return TABLES["subject_summary"].conform(declared.sort("subject_id", _SUBJECT, nulls_last=True).lazy())


def _counts(classifications: pl.LazyFrame, decided: pl.DataFrame) -> pl.LazyFrame:
    counts = pl.col("excluded").is_null()
    versions = pl.struct(version_order().alias("order"), "workflow_version").filter(counts).unique().sort()
    rows = classifications.drop("excluded").join(decided.lazy(), on="classification_id", how="left")
    return rows.group_by("workflow_id", "subject_id", _SUBJECT).agg(
        versions=versions.struct.field("workflow_version").implode(),
        n_classifications=counts.sum().cast(pl.Int64),
        n_excluded=(~counts).sum().cast(pl.Int64),
        n_volunteers=pl.col("user_key").filter(counts).n_unique().cast(pl.Int64),
        first_at=pl.col("created_at").filter(counts).min(),
        last_at=pl.col("created_at").filter(counts).max(),
    )


def _server(subjects: pl.LazyFrame) -> pl.LazyFrame:
    """What the server says of each subject; its rows of several sets say the same."""
    newest = subjects.sort("updated_at", nulls_last=False).group_by("subject_id", maintain_order=True).last()
    return newest.select(
        "subject_id",
        "classifications_count",
        "retired_at",
        "retirement_reason",
        "metadata",
        urls="locations",
        subject_known=pl.lit(True),
    )


Columns = Callable[[pl.DataFrame, str, Agreement], pl.DataFrame]


def _tasks(consensus: pl.DataFrame, columns_of: Columns, agreement: Agreement) -> Iterator[pl.DataFrame]:
    """The columns of each task revision, `subject_ids` first; a task of one revision is named by its key."""
    revisions = consensus.group_by("task").agg(pl.col("task_revision").n_unique().alias("n"))
    several = set(revisions.filter(pl.col("n") > 1)["task"])
    for (task, revision), rows in consensus.sort("task", "task_revision").group_by(
        "task", "task_revision", maintain_order=True
    ):
        yield columns_of(rows, str(revision if task in several else task), agreement)


def _reached(measure: pl.Expr, agreement: Agreement) -> pl.Expr:
    enough = pl.col("n_classifications").first() >= agreement.min_classifications
    return enough & (measure >= agreement.min_agreement).fill_null(False)


def _joined(texts: pl.Expr, separator: str = "; ") -> pl.Expr:
    """Texts of a subject as one; null where there are none."""
    given = texts.drop_nulls()
    return pl.when(given.len() > 0).then(given.str.join(separator))


def _winners(rows: pl.DataFrame, prefix: str, answer: pl.Expr, agreement: Agreement) -> pl.DataFrame:
    """The winning answer (tied ones together), its fraction, agreement, and whether that is enough.

    Where several answers may be given, all that more than half of the volunteers gave.
    """
    several = bool(
        (rows.group_by(_SUBJECT).agg(pl.col("votes").sum() > pl.col("n_answered").first()))["votes"].any()
    )
    best = pl.col("votes") == pl.col("votes").max()
    chosen = pl.col("fraction") > 0.5 if several else best & (pl.col("votes") > 0)
    return rows.group_by(_SUBJECT, maintain_order=True).agg(
        _joined(answer.filter(chosen)).alias(f"{prefix}_answer"),
        pl.col("fraction").max().alias(f"{prefix}_fraction"),
        pl.col("agreement").first().alias(f"{prefix}_agreement"),
        pl.col("n_answered").first().alias(f"{prefix}_n_answered"),
        _reached(pl.col("agreement").first(), agreement).alias(f"{prefix}_reached"),
    )


def _question(rows: pl.DataFrame, prefix: str, agreement: Agreement) -> pl.DataFrame:
    answer = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
    return _winners(rows, prefix, answer, agreement)


def _dropdown(rows: pl.DataFrame, prefix: str, agreement: Agreement) -> pl.DataFrame:
    answer = pl.coalesce("option_label", "free_text", "option_value")
    selects = (
        rows.drop_nulls("select_index")
        .sort("select_index")
        .partition_by("select_index", as_dict=True, maintain_order=True)
    )
    found = rows.select(_SUBJECT).unique(maintain_order=True)
    for (select,), part in selects.items():
        found = found.join(_winners(part, f"{prefix}_{select}", answer, agreement), on=_SUBJECT, how="left")
    return found


def _survey(rows: pl.DataFrame, prefix: str, agreement: Agreement) -> pl.DataFrame:
    """As many choices as volunteers named on the median, the commonest first (Snapshot Serengeti's rule)."""
    chosen = pl.col("rank") <= pl.col("n_choices").ceil()
    label = pl.coalesce("choice_label", "choice_id")
    share = pl.when(pl.col("n_answered") > 0).then(pl.col("votes") / pl.col("n_answered"))
    return (
        rows.sort("rank", nulls_last=True)
        .group_by(_SUBJECT, maintain_order=True)
        .agg(
            _joined(label.filter(chosen)).alias(f"{prefix}_choices"),
            share.first().alias(f"{prefix}_fraction"),
            pl.col("count_median").first().alias(f"{prefix}_count"),
            pl.col("evenness").first().alias(f"{prefix}_evenness"),
            pl.col("n_answered").first().alias(f"{prefix}_n_answered"),
            _reached(share.first(), agreement).alias(f"{prefix}_reached"),
        )
    )


def _drawing(rows: pl.DataFrame, prefix: str, agreement: Agreement) -> pl.DataFrame:
    clusters = pl.col("cluster_index").is_not_null()
    tools = rows["tool_index"].drop_nulls().unique().sort()
    of_tools = [
        (clusters & (pl.col("tool_index") == tool)).sum().cast(pl.Int64).alias(f"{prefix}_{tool}_marks")
        for tool in tools
    ]
    clearest = pl.col("detection").filter(clusters).max()
    return rows.group_by(_SUBJECT, maintain_order=True).agg(
        clusters.sum().cast(pl.Int64).alias(f"{prefix}_marks"),
        *of_tools,
        clearest.alias(f"{prefix}_detection"),
        _reached(clearest, agreement).alias(f"{prefix}_reached"),
    )


def _text(rows: pl.DataFrame, prefix: str, agreement: Agreement) -> pl.DataFrame:
    mean = pl.col("agreement").mean()
    return (
        rows.sort("line_index", nulls_last=True)
        .group_by(_SUBJECT, maintain_order=True)
        .agg(
            _joined(pl.col("text"), "\n").alias(f"{prefix}_text"),
            mean.alias(f"{prefix}_agreement"),
            _reached(mean, agreement).alias(f"{prefix}_reached"),
        )
    )


def _slider(rows: pl.DataFrame, prefix: str, agreement: Agreement) -> pl.DataFrame:
    enough = pl.col("n_classifications") - pl.col("n_blank") >= agreement.min_classifications
    measures = ("mean", "median", "std")
    return rows.select(
        _SUBJECT, *(pl.col(name).alias(f"{prefix}_{name}") for name in measures), enough.alias(f"{prefix}_reached")
    )


_COLUMNS: dict[str, Columns] = {
    "pooled_question_consensus": _question,
    "pooled_dropdown_consensus": _dropdown,
    "pooled_survey_consensus": _survey,
    "pooled_text_consensus": _text,
    "pooled_drawing_consensus": _drawing,
    "pooled_slider_consensus": _slider,
}
