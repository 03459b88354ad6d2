"""Pictures with their deployment and time, from the metadata of subjects and a table from outside."""

from collections.abc import Callable, Sequence

import polars as pl

from zoo_dag.events.fields import field_names, file_name_field, read_fields, unknown_field
from zoo_dag.events.outside import PictureTable
from zoo_dag.events.times import local_times
from zoo_dag.settings.events import Events

# Before, no camera with a clock took pictures; cameras whose battery was empty begin at 1970 or 1980.
_FIRST_YEAR = 1990
# Local time is at most 14 hours ahead of UTC.
_AHEAD = pl.duration(days=1)


def subjects_of(subjects: pl.LazyFrame, shown_subjects: pl.LazyFrame) -> pl.DataFrame:
    """The subjects of a workflow with what is known of each: `subject_id, metadata, created_at, is_retired`.

    Takes `subjects` of the workflow, and `shown_subjects` of its versions, which count for subjects that the
    former lacks. Of a subject in several sets the newest row counts; one that was taken out of the workflow is
    left out, unless somebody classified it.
    """
    newest = subjects.sort("is_current", "updated_at", nulls_last=False, maintain_order=True)
    exported = newest.group_by("subject_id").agg(
        pl.col("metadata", "created_at").last(),
        is_retired=pl.col("retired_at").last().is_not_null(),
        is_current=pl.col("is_current").any(),
    )
    shown = (
        shown_subjects.sort("classification_id")
        .group_by("subject_id")
        .agg(pl.col("metadata").last(), is_retired=pl.col("retired_at").last().is_not_null())
        .with_columns(created_at=pl.lit(None, pl.Datetime("us", "UTC")), is_shown=pl.lit(True))
    )
    both = exported.join(shown, on="subject_id", how="full", coalesce=True, suffix=" shown")
    in_export = pl.col("is_current").is_not_null()
    facts = [
        pl.when(in_export).then(name).otherwise(f"{name} shown").alias(name) for name in ("metadata", "is_retired")
    ]
    known = both.filter(pl.col("is_current").fill_null(value=False) | pl.col("is_shown").fill_null(value=False))
    return known.select("subject_id", *facts, "created_at").sort("subject_id").collect()


def pictures(
    subjects: pl.DataFrame,
    settings: Events,
    table: PictureTable | None = None,
    everywhere: Callable[[], pl.DataFrame] | None = None,
) -> pl.DataFrame | None:
    """The pictures of a workflow: `subject_id, deployment, taken_at, sequence, file_name, time`.

    None where no picture has one of the fields of the deployment: the workflow is not about cameras.

    Takes `subject_id, metadata, created_at` of each subject, and the table of `events.table`, whose fields go
    before those of the metadata. `taken_at` is null where there is no time, where it cannot be read, where it is
    before 1990, and where it is later than the upload; `time` is the text that was found. Each of the others is
    null where a field of it is missing.

    Raises SettingsError for a field that neither a subject nor the table has, and for a table that is about no
    subject. `everywhere` returns `subject_id, metadata` of all workflows, by default those of this one: what
    another workflow has is no error.
    """
    fields, file_name = _fields(subjects, settings, table, everywhere or (lambda: subjects))
    if any(fields[name].null_count() == fields.height for name in settings.deployment):
        return None
    deployment = pl.concat_str(*settings.deployment, separator="/")
    if settings.deployment_pattern is not None:
        deployment = deployment.str.extract(settings.deployment_pattern, 1)
    nothing = pl.lit(None, pl.String)
    named = fields.select(
        deployment=deployment,
        sequence=pl.col(settings.sequence) if settings.sequence else nothing,
        time=pl.concat_str(*settings.time, separator=" ") if settings.time else nothing,
    )
    read = named.with_columns(
        subjects["subject_id"],
        subjects["created_at"],
        file_name=file_name,
        taken_at=local_times(named["time"], settings.time_format),
    )
    taken_at = pl.col("taken_at")
    is_late = taken_at > pl.col("created_at").dt.replace_time_zone(None) + _AHEAD
    plausible = (taken_at.dt.year() >= _FIRST_YEAR) & ~is_late.fill_null(value=False)
    return read.select(
        "subject_id", "deployment", pl.when(plausible).then(taken_at), "sequence", "file_name", "time"
    )


def _fields(
    subjects: pl.DataFrame,
    settings: Events,
    table: PictureTable | None,
    everywhere: Callable[[], pl.DataFrame],
) -> tuple[pl.DataFrame, pl.Series]:
    """The fields of the settings for each subject, in the order of subjects, and the names of their files."""
    named = _named(settings)
    file_field = settings.file_name or file_name_field(field_names(subjects["metadata"]))
    own = read_fields(subjects["metadata"], [*dict.fromkeys([*named, *([file_field] if file_field else [])])])
    in_table = () if table is None else table.rows.columns
    missing = [name for name in named if name not in in_table and own[name].null_count() == own.height]
    if missing and own.height:
        _refuse_unknown(missing, named, subjects, everywhere)
    file_name = own[file_field] if file_field else pl.Series([None], dtype=pl.String).new_from_index(0, own.height)
    if table is None:
        return own, file_name
    rows = table.rows_of(subjects["subject_id"], file_name)
    if table.rows.height and own.height and rows.null_count() == own.height:
        _refuse_foreign(table, file_field, everywhere)
    outside = table.rows.select(pl.all().gather(rows))
    own = own.with_columns(
        outside[name].fill_null(own[name]) for name in named if name in in_table and name != table.key
    )
    return own, outside[table.file_name].fill_null(file_name) if table.file_name else file_name


def _named(settings: Events) -> dict[str, str]:
    """The fields that the settings name, each with its setting."""
    return {
        **{name: "file_name" for name in (settings.file_name,) if name},
        **{name: "sequence" for name in (settings.sequence,) if name},
        **dict.fromkeys(settings.time, "time"),
        **dict.fromkeys(settings.deployment, "deployment"),
    }


def _refuse_unknown(
    missing: Sequence[str], named: dict[str, str], subjects: pl.DataFrame, everywhere: Callable[[], pl.DataFrame]
) -> None:
    """Raises SettingsError where one of the `missing` fields is in no metadata at all."""
    here = field_names(subjects["metadata"])
    unknown = [name for name in missing if name not in here]
    others = set(field_names(everywhere()["metadata"])) if unknown else set()
    for name in unknown:
        if name not in others:
            raise unknown_field(named[name], name, here)


def _refuse_foreign(table: PictureTable, file_field: str | None, everywhere: Callable[[], pl.DataFrame]) -> None:
    """Raises SettingsError where a table from outside is about no subject of any workflow."""
    others = everywhere()
    field = file_field or file_name_field(field_names(others["metadata"]))
    names = read_fields(others["metadata"], [field] if field else [])
    rows = table.rows_of(others["subject_id"], names[field] if field else pl.Series([], dtype=pl.String))
    if rows.null_count() == len(rows):
        raise table.unknown()
