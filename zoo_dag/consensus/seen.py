"""How many saw a subject: the counted classifications of it, whatever they were asked.

Beside these, `n_classifications` of a task shows which share was asked: on a branch of a decision tree few may be.
"""

import polars as pl

from zoo_dag.consensus.grids import Repeat, by_subject, has_grids
from zoo_dag.consensus.parents import reached
from zoo_dag.consensus.pooling import with_decisions

# The name of what these functions return, among the tables of a consensus.
SEEN = "seen"
_VERSION, _REVISION, _SUBJECT = "workflow_version", "task_revision", "subject_ids"


def seen_in_version(classifications: pl.LazyFrame, repeat: Repeat = "first") -> pl.LazyFrame:
    """By `workflow_version` and `subject_ids`, `n_seen: Int64`, from the `classifications` of a workflow version.

    The subjects of a grid were seen as well as their group; `repeat` says which time of a volunteer's counts.
    Without grids the classifications may be of several versions of a workflow.
    """
    rows = [classifications.select("excluded", _VERSION, _SUBJECT)]
    if has_grids(classifications):
        rows.append(by_subject(classifications, repeat).select("excluded", _VERSION, _SUBJECT))
    counting = pl.concat(rows).filter(pl.col("excluded").is_null())
    return counting.group_by(_VERSION, _SUBJECT).agg(n_seen=pl.len().cast(pl.Int64))


def seen_in_pool(
    classifications: pl.LazyFrame, decided: pl.DataFrame, revisions: pl.DataFrame, repeat: Repeat = "first"
) -> pl.LazyFrame:
    """By `task_revision` and `subject_ids`, `n_seen: Int64` in those versions that have the revision.

    Takes `classifications` of all versions of a workflow, what `pooling.decide` returns for them, and
    `revisions_of_versions`. A classification that repeats an answer to the revision is not counted for it.
    """
    every = with_decisions(classifications, decided)
    counting = every.filter(pl.col("excluded").is_null())
    by_version = counting.group_by(_VERSION, _SUBJECT).agg(n=pl.len())
    unit = [_REVISION, _SUBJECT]
    seen = by_version.join(revisions.lazy(), on=_VERSION).group_by(unit).agg(pl.col("n").sum())
    # Few people meet a subject in several versions.
    repeats = counting.filter(pl.col("repeated").list.len() > 0).select("repeated", _SUBJECT).explode("repeated")
    again = repeats.rename({"repeated": _REVISION}).group_by(unit).agg(n_again=pl.len())
    n_seen = pl.col("n").cast(pl.Int64) - pl.col("n_again").fill_null(0).cast(pl.Int64)
    of_units = seen.join(again, on=unit, how="left").select(*unit, n_seen=n_seen)
    if not has_grids(classifications):
        return of_units
    in_grids = by_subject(every, repeat, revisions).filter(pl.col("excluded").is_null())
    of_subjects = in_grids.group_by(unit).agg(n_seen=pl.len().cast(pl.Int64))
    return pl.concat([of_units, of_subjects]).group_by(unit).agg(pl.col("n_seen").sum())


def revisions_of_versions(rows: list[pl.LazyFrame], tasks: pl.LazyFrame) -> pl.DataFrame:
    """Which versions have which task revisions: `workflow_version, task_revision`, all text.

    Takes the flattened tables with their revisions, and `tasks`, both of all versions of a workflow. A version has
    the revisions that its rows name. Of a task that nobody came to in a version, its definition counts, where the
    first task leads to it, and that of a shortcut.
    """
    place = [_VERSION, "task"]
    empty = pl.LazyFrame(schema=dict.fromkeys((*place, _REVISION), pl.String()))
    named = pl.concat([empty, *(each.select(*place, _REVISION).unique() for each in rows)]).unique().collect()
    shortcuts = tasks.select(_VERSION, task="shortcut").drop_nulls().unique()
    shortcuts = shortcuts.join(tasks.select(*place, _REVISION).unique(), on=place)
    defined = pl.concat([reached(tasks).select(*place, _REVISION), shortcuts.collect()])
    return pl.concat([named, defined.join(named, on=place, how="anti")]).select(_VERSION, _REVISION).unique()
