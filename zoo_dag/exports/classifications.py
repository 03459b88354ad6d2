"""Raw classifications of one workflow version to the typed table, and the rows that do not parse."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import polars as pl

from zoo_dag.exports.annotation_cells import annotation_columns
from zoo_dag.exports.batches import BATCH_BYTES, batches, staged
from zoo_dag.exports.cells import integer, missing_to_null, truth, utc_time
from zoo_dag.exports.durations import durations
from zoo_dag.exports.exclusion import exclusions, is_listed
from zoo_dag.exports.grids import grid_subject_ids
from zoo_dag.exports.metadata import METADATA_DTYPES, metadata_columns
from zoo_dag.exports.problems import TIME, WHOLE_NUMBER, explained, first_problems, required, unread
from zoo_dag.exports.quarantine import parsing_quarantine
from zoo_dag.exports.retirement import last_retired, retirements
from zoo_dag.exports.shown_subject_ids import subject_id_columns
from zoo_dag.exports.subject_cells import different_cells
from zoo_dag.exports.subject_data import subject_states
from zoo_dag.exports.volunteers import user_keys
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES, versions
from zoo_dag.tables.layouts import CLASSIFICATIONS
from zoo_dag.tables.lookup import looked_up

_PROBLEM_COLUMNS = (
    "classification_id",
    "created_at",
    "gold_standard",
    "subject_ids",
    "metadata",
    "annotations",
)

_PLACE = " place"
# Twice as many as usual: what is done with a batch takes a quarter of its time whatever is in it.
_BATCH_BYTES = 2 * BATCH_BYTES


@dataclass(frozen=True)
class ParsedClassifications:
    """The typed rows of versions and the rows that do not parse; both frames read from the staging folder.

    `n_elements_of` is the number of elements in the annotations of the typed rows, as counted by
    `annotation_cells`, by version.
    """

    classifications: pl.LazyFrame
    quarantine: pl.LazyFrame
    n_elements_of: Mapping[str, int]

    @property
    def n_elements(self) -> int:
        """The number of elements of all versions."""
        return sum(self.n_elements_of.values())


def parse_classifications(
    raw: pl.LazyFrame,
    tasks: pl.LazyFrame,
    settings: Settings,
    staging: Path,
    subjects: pl.LazyFrame | None = None,
) -> ParsedClassifications:
    """Type the raw rows of one workflow version, or of several versions of a workflow with the same task types.

    Takes `raw_classifications` (all text, ascending by id, one version after the other) and the `tasks` of the
    versions, for how their definitions were found, their task types and the subjects of their tutorials. Returns
    `classifications` and `quarantine` with the columns of `zoo_dag.tables`; each raw row is in exactly one of
    them, in the same order. Batches are written to `staging`, an existing folder, so that a version may be larger
    than memory. The retirement of subjects is in `subject_data`, else in `subjects` of the workflow, where they
    are given.
    """
    raw = CLASSIFICATIONS.only(raw)
    version = _version(raw)
    task_types = dict(tasks.select("task", "task_type").unique("task").drop_nulls("task").collect().iter_rows())
    retired = {} if subjects is None else retirements(subjects)

    def types(batch: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
        return _typed(batch.hstack(states), version, settings, task_types, retired)

    read = ({"typed": types(*each)} for each in _with_states(raw, settings.subjects.training_keys))
    typed = staged(read, {"typed": _typed_columns()}, staging)["typed"]
    valid = typed.select(pl.col("problem").is_null()).collect().to_series()
    # A filter that keeps all rows costs as much as one that does not.
    kept = typed if valid.all() else typed.filter(pl.col("problem").is_null())
    decided = _decided(kept.with_columns(annotations="annotations_hash"), tasks, settings)
    of_all = decided.select(_of_all(valid, column) for column in decided)
    # All have the same rows in the same order. In one piece: Polars begins to read all pieces of a frame at once.
    rows = pl.concat([raw, typed.select(pl.all().name.prefix("typed ")), of_all.lazy()], how="horizontal")
    are_right = pl.col("typed problem").is_null()
    right, wrong = (rows, rows.clear()) if valid.all() else (rows.filter(are_right), rows.filter(~are_right))
    return ParsedClassifications(
        _table(
            right,
            version,
            _of_versions(version["workflow_version"], tasks, "version_match"),
        ),
        parsing_quarantine(
            wrong.rename({"typed problem": "problem"}),
            "classifications",
            _PROBLEM_COLUMNS,
            classification_id=pl.col("typed classification_id"),
            workflow_id=versions.workflow(),
            workflow_version=pl.format("{}.{}", versions.major(), versions.minor()),
        ),
        dict(kept.group_by("workflow_version").agg(pl.col("n_elements").sum()).collect().iter_rows()),
    )


def decided_together(parts: pl.LazyFrame, tasks: pl.LazyFrame, settings: Settings) -> pl.LazyFrame:
    """The `classifications` of a workflow version from those of its parts, one after the other.

    In these each row was decided by the rows of its part alone; here it is by all rows.
    """
    decided = _decided(parts, tasks, settings)

    def of_row(column: pl.Series) -> pl.Expr:
        # Taken as the rows are written, so that they are never in memory together.
        return pl.col(_PLACE).map_batches(column.gather, return_dtype=column.dtype, is_elementwise=True)

    placed = parts.with_row_index(_PLACE)
    return placed.with_columns(of_row(column).alias(column.name) for column in decided).drop(_PLACE)


def _decided(rows: pl.LazyFrame, tasks: pl.LazyFrame, settings: Settings) -> pl.DataFrame:
    """What depends on other rows of a version: `excluded: String, duration_s: Float64`, in the order of the rows.

    `annotations` may be any value that is equal for equal annotations.
    """
    # A scope is a version.
    of_version = pl.col("workflow_version")
    scope = rows.with_columns(
        workflow_id=of_version.hash(),
        tutorial_subject_id=_of_versions(of_version, tasks, "tutorial_subject_id"),
    )
    reasons = exclusions(scope, settings.exclusion).collect()["excluded"]
    return pl.DataFrame([reasons, durations(rows, ("workflow_version",))])


def _of_versions(version: pl.Expr, tasks: pl.LazyFrame, name: str) -> pl.Expr:
    """A column of `tasks` with one value for each version, by the version of a row; null where there is none."""
    once = tasks.select("workflow_version", name).unique("workflow_version", keep="first", maintain_order=True)
    values = once.collect()
    return looked_up(version, values["workflow_version"], values[name])


def _version(raw: pl.LazyFrame) -> dict[str, pl.Expr]:
    """The columns that say which version it is, however rows spell it; constants where all are of one."""
    columns = {
        "workflow_id": versions.workflow(),
        "version_major": versions.major(),
        "version_minor": versions.minor(),
        "workflow_version": pl.format("{}.{}", versions.major(), versions.minor()),
    }
    # One version comes after the other.
    ends = pl.concat([raw.head(1), raw.tail(1)]).select(**columns).unique().collect()
    if ends.height > 1:
        return columns
    return {name: pl.lit(column.first(), column.dtype) for name, column in ends.to_dict().items()}


def _with_states(raw: pl.LazyFrame, training_keys: Sequence[str]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Batches of raw rows, and what their cells say of the state of their subjects, as by `subject_states`."""
    cells, places = different_cells(raw)
    states = subject_states(cells["subject_data"], training_keys)
    del cells
    n_rows = 0
    for batch in batches(raw, n_bytes=_BATCH_BYTES):
        yield batch, states[places.slice(n_rows, batch.height)]
        n_rows += batch.height


def _of_all(valid: pl.Series, values: pl.Series) -> pl.Series:
    """The values of the valid rows as a column of all rows; null in the others."""
    return (
        pl.Series(values.name, [None], values.dtype)
        .new_from_index(0, len(valid))
        .scatter(valid.arg_true(), values)
    )


def _typed(
    batch: pl.DataFrame,
    version: Mapping[str, pl.Expr],
    settings: Settings,
    task_types: Mapping[str, str | None],
    retired: Mapping[int, datetime],
) -> pl.DataFrame:
    """The small typed columns of a batch of raw rows with the states of their subjects, and the first problem."""
    metadata = metadata_columns(batch["metadata"])
    started, finished = utc_time(metadata["started_at"]), utc_time(metadata["finished_at"])
    ids = subject_id_columns(batch, expand_groups=settings.subjects.expand_groups)
    columns = [
        *metadata.drop("started_at", "finished_at").get_columns(),
        started,
        finished,
        utc_time(batch["created_at"]),
        *ids.get_columns(),
        grid_subject_ids(batch, ids["subject_ids"], task_types),
        *annotation_columns(batch["annotations"], task_types).get_columns(),
    ]
    # One after the other: to share out a few columns of a batch takes longer than to compute them.
    frame = batch.select_seq(
        "user_id",
        "user_name",
        "user_ip",
        "training",
        "retired_at",
        classification_id=integer(pl.col("classification_id")),
        gold_standard=truth(missing_to_null("gold_standard")),
        annotations_hash=pl.col("annotations").hash(),
        **version,
    ).hstack(columns)
    frame = (
        frame.with_columns_seq(
            user_id=integer(pl.col("user_id")),
            user_key=user_keys(frame, anonymous_by_ip=settings.volunteers.anonymous_by_ip),
            retired_at=pl.coalesce("retired_at", last_retired(frame["subject_ids"], retired)),
        )
        .with_columns_seq(
            after_retirement=pl.col("retired_when_shown").fill_null(False)
            | (pl.col("created_at") > pl.col("retired_at")).fill_null(False),
        )
        .with_columns_seq(listed=is_listed(settings.exclusion))
    )
    gold_standard = batch.select_seq(missing_to_null("gold_standard")).to_series()
    checks = (
        required("classification_id", WHOLE_NUMBER),
        unread("created_at", pl.lit(batch["created_at"]), TIME),
        unread("gold_standard", pl.lit(gold_standard), "expected true, false or nothing"),
        explained("subject_ids", pl.col("subject_problem")),
        explained("metadata", pl.col("metadata_problem")),
        explained("annotations", pl.col("annotations_problem")),
    )
    problems = ("metadata_problem", "subject_problem", "annotations_problem")
    not_typed = {*version} - {"workflow_version"}
    return frame.with_columns(first_problems(frame, checks)).drop(*problems, "user_name", "user_ip", *not_typed)


@cache
def _typed_columns() -> pl.Schema:
    """The columns of `_typed`, which depend neither on rows nor on settings."""
    no_rows = pl.DataFrame(schema=dict.fromkeys(CLASSIFICATIONS.columns, pl.String()))
    states = subject_states(no_rows["subject_data"], ())
    return _typed(no_rows.hstack(states), _version(no_rows.lazy()), Settings(), {}, {}).schema


def _table(rows: pl.LazyFrame, version: Mapping[str, pl.Expr], match: pl.Expr) -> pl.LazyFrame:
    """`classifications`; `match` says how the definition of the version was found, null where there is none."""
    typed = {
        name: pl.col(f"typed {name}")
        for name in (
            *METADATA_DTYPES,
            "classification_id",
            "created_at",
            "user_id",
            "gold_standard",
            "subject_ids",
            "grid_subject_ids",
            "user_key",
            "listed",
            "training",
            "after_retirement",
        )
        if name != "metadata_problem"
    }
    single = ~pl.col("typed subject_ids").str.contains(";", literal=True)
    rows = rows.select(
        "user_name",
        "user_ip",
        "workflow_name",
        "metadata",
        "annotations",
        "excluded",
        "duration_s",
        **typed,
        **version,
        expert=missing_to_null("expert"),
        subject_id=pl.when(single).then(pl.col("typed subject_ids")),
        n_subjects=pl.col("typed subject_ids").str.count_matches(";", literal=True) + 1,
        version_match=match.fill_null("none"),
    )
    return TABLES["classifications"].conform(rows)
