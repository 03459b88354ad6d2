"""Pictures with their deployment and time, from the metadata of subjects and a table from outside."""

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from zoo_dag.events.fields import field_names, file_name_field, read_fields, unknown_field
from zoo_dag.events.outside import SUBJECT, PictureTable
from zoo_dag.events.times import local_times
from zoo_dag.settings.events import Events

# Before, no camera with a clock took pictures; cameras whose battery was empty begin at 1970 or 1980.
_FIRST_YEAR = 1990
# Local time is at most 14 hours ahead of UTC.
_AHEAD = pl.duration(days=1)
_FILE = "file name"


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
    elsewhere: Callable[[], Iterable[str]] = tuple,
) -> pl.DataFrame:
    """The pictures of a workflow: `subject_id, deployment, taken_at, sequence, file_name, time`.

    Takes `subject_id, metadata, created_at` of each subject, and the table of `events.table`, whose fields go
    before those of the metadata. `taken_at` is null where there is no time, where it cannot be read, where it is
    before 1990, and where it is later than the upload; `time` is the text that was found. Each of the others is
    null where a field of it is missing.

    Raises SettingsError for a field that neither a subject nor the table has; `elsewhere` are the fields of other
    workflows, which are no error.
    """
    found = _found(subjects, settings, table, elsewhere)
    deployment = pl.concat_str(*settings.deployment, separator="/")
    if settings.deployment_pattern is not None:
        deployment = deployment.str.extract(settings.deployment_pattern, 1)
    nothing = pl.lit(None, pl.String)
    named = found.select(
        "subject_id",
        "created_at",
        deployment=deployment,
        sequence=pl.col(settings.sequence) if settings.sequence else nothing,
        file_name=pl.col(_FILE),
        time=pl.concat_str(*settings.time, separator=" ") if settings.time else nothing,
    )
    read = named.with_columns(taken_at=local_times(named["time"], settings.time_format))
    taken_at = pl.col("taken_at")
    is_late = taken_at > pl.col("created_at").dt.replace_time_zone(None) + _AHEAD
    plausible = (taken_at.dt.year() >= _FIRST_YEAR) & ~is_late.fill_null(value=False)
    return read.select(
        "subject_id", "deployment", pl.when(plausible).then(taken_at), "sequence", "file_name", "time"
    )


def _found(
    subjects: pl.DataFrame, settings: Events, table: PictureTable | None, elsewhere: Callable[[], Iterable[str]]
) -> pl.DataFrame:
    """The fields of the settings for each subject, and its `file name`."""
    named = _named(settings)
    names = list(dict.fromkeys(named))
    in_table = [] if table is None else table.rows.columns
    file_field = settings.file_name or file_name_field([*field_names(subjects["metadata"]), *in_table])
    read = [*names, *([file_field] if file_field and file_field not in names else [])]
    own = read_fields(subjects["metadata"], read)
    missing = [name for name in names if name not in in_table and own[name].null_count() == own.height]
    if missing and own.height:
        _refuse_unknown(missing, named, field_names(subjects["metadata"]), elsewhere)
    file_name = pl.col(file_field) if file_field else pl.lit(None, pl.String)
    found = pl.concat([subjects.select("subject_id", "created_at"), own], how="horizontal")
    found = found.with_columns(file_name.alias(_FILE))
    if table is None:
        return found
    found = _with_table(found, table, [name for name in read if name in in_table and name != table.key])
    return found.with_columns(file_name.alias(_FILE))


def _named(settings: Events) -> dict[str, str]:
    """The fields that the settings name, each with its setting."""
    return {
        **{name: "file_name" for name in (settings.file_name,) if name},
        **{name: "sequence" for name in (settings.sequence,) if name},
        **dict.fromkeys(settings.time, "time"),
        **dict.fromkeys(settings.deployment, "deployment"),
    }


def _refuse_unknown(
    missing: Sequence[str],
    named: dict[str, str],
    here: Sequence[str],
    elsewhere: Callable[[], Iterable[str]],
) -> None:
    """Raises SettingsError where one of the `missing` fields is in no metadata at all."""
    unknown = [name for name in missing if name not in here]
    others = set(elsewhere()) if unknown else set()
    for name in unknown:
        if name not in others:
            raise unknown_field(named[name], name, here)


def _with_table(found: pl.DataFrame, table: PictureTable, names: Sequence[str]) -> pl.DataFrame:
    """The fields of a table from outside in place of those of the metadata, where it has any."""
    if table.key == SUBJECT:
        key, rows = "subject_id", table.rows.with_columns(pl.col(SUBJECT).cast(pl.Int64, strict=False))
    else:
        key, rows = _FILE, table.rows.rename({table.key: _FILE})
    known = rows.drop_nulls(key).select(key, *(pl.col(name).alias(f"{name} outside") for name in names))
    joined = found.join(known, on=key, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(f"{name} outside", name).alias(name) for name in names)
