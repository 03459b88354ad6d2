"""Texts typed into a dropdown about a mark that name one of its options: they are that option."""

import polars as pl

from zoo_dag.consensus.units import Scope, offered
from zoo_dag.tables import TABLES
from zoo_dag.task_types.dropdowns.typed_options import folded

# Options of a dropdown that is a sub-task of a tool.
_SUB_TASK = r"^tools\.([0-9]+)\.details\.([0-9]+)\."
_PLACE = ("tool_index", "detail_index")
_OPTION = ("answer_index", "answer_label")
_DETAILS = TABLES["drawing_annotations"].dtypes["details"]
_IS_DROPDOWN = pl.col("detail_type").str.starts_with("dropdown")


def with_typed_options(marks: pl.DataFrame, known: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """The marks; in `details` a typed text that equals one option but for case and white space is that option.

    Takes marks of `drawing_annotations`, and what `typed_options` returns.
    """
    if known.is_empty():
        return marks
    answers = _answers(marks.lazy().with_row_index("mark_number"), ["mark_number", *scope.defined]).collect()
    answers = answers.with_columns(typed=pl.when(_IS_DROPDOWN).then(folded("text")))
    place = [*scope.defined, *_PLACE]
    named = answers.join(
        known, on=[*place, "typed"], how="left", nulls_equal=True, maintain_order="left", suffix="_of_text"
    )
    is_option = pl.col("typed").is_not_null() & pl.col("answer_label_of_text").is_not_null()
    details = named.with_columns(
        *(pl.when(is_option).then(f"{name}_of_text").otherwise(name).alias(name) for name in _OPTION),
        text=pl.when(~is_option).then("text"),
    )
    fields = [field.name for field in _DETAILS.inner.fields]  # type: ignore[attr-defined]
    lists = details.group_by("mark_number", maintain_order=True).agg(renamed=pl.struct(fields))
    joined = marks.with_row_index("mark_number").join(lists, on="mark_number", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("renamed", "details").alias("details")).drop("mark_number", "renamed")


def _answers(marks: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """A row for each answer about a mark."""
    answered = marks.select(*columns, "tool_index", "details").filter(pl.col("details").list.len() > 0)
    return answered.explode("details").unnest("details")


def someone_types(rows: pl.LazyFrame) -> bool:
    """Whether somebody typed into a dropdown about a mark; few tools have any. Takes `drawing_annotations`."""
    typed = _IS_DROPDOWN & pl.col("text").is_not_null()
    return bool(_answers(rows, []).select(typed.any()).collect().item())


def typed_options(marks: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The options of the dropdowns of tools, by their place and `typed`, the text that names one alone.

    Takes the marks of all subjects, and `tasks`. The options are those that the workflow offers, and those that
    somebody chose; none where nobody typed.
    """
    place = [*scope.defined, *_PLACE]
    answers = _answers(marks, [*scope.defined])
    someone_typed = someone_types(marks)
    chosen = answers.select(*place, *_OPTION).filter(pl.lit(someone_typed)).unique()
    listed = offered(tasks, scope, "sub-task answer").select(
        *scope.defined,
        *(
            pl.col("option_path").str.extract(_SUB_TASK, n).cast(pl.Int32).alias(each)
            for n, each in enumerate(_PLACE, 1)
        ),
        answer_index="option_index",
        answer_label="option_label",
    )
    options = pl.concat([listed.filter(pl.lit(someone_typed)), chosen]).drop_nulls("answer_label")
    named = options.group_by([*place, "answer_label"]).agg(pl.col("answer_index").min())
    return named.with_columns(typed=folded("answer_label")).unique([*place, "typed"], keep="none")
