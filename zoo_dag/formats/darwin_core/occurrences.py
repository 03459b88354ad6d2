"""What volunteers agree on about each subject, as terms of Darwin Core."""

from collections.abc import Iterator, Mapping

import polars as pl

from zoo_dag.errors import SettingsError, ZooDagError
from zoo_dag.events.fields import read_fields
from zoo_dag.events.pictures import subjects_of
from zoo_dag.formats.of_subjects import of_subjects, several_subjects
from zoo_dag.formats.source import Source
from zoo_dag.wording.sentences import listed

_TASK = ("parent_task", "task", "select")
_KINDS = ("text", "question", "dropdown", "survey")


def occurrences(source: Source, terms: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """A row for each subject on which volunteers agree on any of the terms: `subject_id`, and a column by term.

    Beside it is what to say about them. Raises SettingsError for tasks and fields that are not there, and
    ZooDagError for tasks of several workflows, where `T1` of one asks for something else than that of another.
    """
    of_tasks = terms.filter(pl.col("task").is_not_null())
    tasks = of_tasks["task"].unique().sort().to_list()
    rows = {
        kind: source.scan_consensus(f"{kind}_consensus").filter(pl.col("task").is_in(tasks)) for kind in _KINDS
    }
    _require_one_workflow(rows)
    agreed = pl.concat(_agreed({kind: of_subjects(each) for kind, each in rows.items()})).collect()
    _require(of_tasks, agreed)
    known = of_tasks.join(agreed, on=list(_TASK), how="inner", nulls_equal=True)
    wide = known.pivot("term", index="subject_id", values="text", aggregate_function="first").sort("subject_id")
    of_fields = terms.filter(pl.col("field").is_not_null())
    if of_fields.height:
        wide = wide.join(_fields(source, of_fields), on="subject_id", how="left")
    constants = terms.filter(pl.col("value").is_not_null())
    wide = wide.with_columns(pl.lit(value).alias(term) for term, value in constants.select("term", "value").rows())
    found = wide.select("subject_id", *(term for term in terms["term"] if term in wide.columns))
    return found.sort("subject_id"), [*several_subjects(*rows.values())]


def _require_one_workflow(rows: Mapping[str, pl.LazyFrame]) -> None:
    of = pl.concat(each.select("workflow_id", "task") for each in rows.values()).unique().collect()
    workflows = of["workflow_id"].unique().sort()
    if len(workflows) > 1:
        raise ZooDagError(
            f"The tasks of darwin_core.terms ({listed(of['task'].unique().sort())}) are in the workflows "
            f"{listed(map(str, workflows))}. Name one, such as --workflow {workflows[0]}."
        )


def _agreed(rows: Mapping[str, pl.LazyFrame]) -> Iterator[pl.LazyFrame]:
    """`subject_id, parent_task, task, select, text`: what volunteers agree on, by task and select."""
    no_select = pl.lit(None, pl.String).alias("select")
    lines = rows["text"].filter(pl.col("text").is_not_null()).sort("task_revision", "frame", "line_index")
    yield _joined(lines, pl.col("text"), no_select)
    # The set of answers where several are allowed, else the answer that won.
    several = pl.col("answer_set_votes").is_not_null()
    won = (pl.col("rank") == 1) & ~pl.col("tied").fill_null(value=False)
    answer = pl.when(several).then("answer_set").otherwise("answer")
    yield _joined(rows["question"].filter(won | several), answer, no_select, once=True)
    option = pl.coalesce("option_label", "free_text", "option_value")
    select = pl.col("select_index").cast(pl.String).alias("select")
    yield _joined(rows["dropdown"].filter(won), option, select)
    named = rows["survey"].filter(won, ~pl.col("is_blank"))
    yield _joined(named, pl.coalesce("choice_label", "choice_id"), no_select)


def _joined(rows: pl.LazyFrame, text: pl.Expr, select: pl.Expr, *, once: bool = False) -> pl.LazyFrame:
    """One text for each subject, task and select; several lines become one."""
    one_line = text.str.replace_all(r"[\s\p{C}]+", " ").str.strip_chars()
    known = rows.select("subject_id", *_TASK[:2], select, one_line.replace("", None).alias("text"))
    texts = pl.col("text").unique(maintain_order=True) if once else pl.col("text")
    return known.drop_nulls("text").group_by("subject_id", *_TASK, maintain_order=True).agg(texts.str.join(" "))


def _fields(source: Source, terms: pl.DataFrame) -> pl.DataFrame:
    """`subject_id`, and the fields of metadata by term."""
    subjects = subjects_of(source.scan_subjects(), source.scan_shown())
    names = terms["field"].to_list()
    found = read_fields(subjects["metadata"], list(dict.fromkeys(names)))
    missing = [name for name in found.columns if found[name].null_count() == found.height]
    if missing:
        raise SettingsError(f"darwin_core.terms: no subject has the metadata field {listed(missing)}.")
    texts = {term: found[name] for term, name in terms.select("term", "field").rows()}
    return subjects.select("subject_id", **texts)


def _require(terms: pl.DataFrame, agreed: pl.DataFrame) -> None:
    there = set(agreed.select(_TASK).unique().rows())
    missing = [_name(*task) for task in terms.select(_TASK).rows() if task not in there]
    if missing:
        known = sorted(_name(*task) for task in there)
        raise SettingsError(
            f"darwin_core.terms: there is no consensus of a text, question, dropdown or survey {listed(missing)}. "
            f"Of these there is {listed(known) or 'none'}."
        )


def _name(*parts: str | None) -> str:
    """What the table of terms calls a combo, task and select."""
    return ".".join(part for part in parts if part is not None)
