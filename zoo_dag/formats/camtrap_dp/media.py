"""The tables `deployments` and `media` of Camtrap DP, from the events of a workflow."""

from pathlib import Path

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.events.workflow_events import WorkflowEvents
from zoo_dag.formats.camtrap_dp.fields import DEPLOYMENTS
from zoo_dag.formats.camtrap_dp.tables import deployment_facts
from zoo_dag.settings.camtrap_dp import CamtrapDp
from zoo_dag.wording.sentences import counted, listed, quoted

# The types of media that Zooniverse takes, by how their names end.
_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mpg": "video/mpeg",
    "mpeg": "video/mpeg",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
}
_UNKNOWN_TYPE = "image/x-unknown"
_SUFFIX = r"\.([A-Za-z0-9]{1,5})(?:\?.*)?$"
_LAST_PART = r"([^/\\]+)$"


def zoned(local: pl.Expr, zone: str) -> pl.Expr:
    """Local times in UTC: of an hour that comes twice the first, of one that summer time skips the next."""
    in_zone = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = local.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(in_zone, later).dt.convert_time_zone("UTC")


def deployments(events: WorkflowEvents, file: Path, zone: str) -> pl.DataFrame:
    """The deployments of the table of `events.deployments`: what is said of each, and its start and end in UTC.

    Raises SettingsError where a value is none of its field, and where a camera with pictures is not in the table.
    """
    facts = deployment_facts(file)
    known = events.deployments.rows if events.deployments else pl.DataFrame()
    spans = known.group_by("deployment").agg(pl.col("start").min(), pl.col("end").max())
    found = facts.join(spans, left_on="deploymentID", right_on="deployment", how="inner")
    there = events.events.filter(pl.col("deployment").is_not_null())["deployment"].unique()
    missing = sorted(set(there) - set(found["deploymentID"]))
    if missing:
        raise SettingsError(
            f"events.deployments: {file} has no row with a start and an end of "
            f"{counted(len(missing), 'deployments')} that pictures are of: "
            f"{listed(quoted(name) for name in missing)}."
        )
    times = found.with_columns(
        deploymentStart=zoned(pl.col("start"), zone), deploymentEnd=zoned(pl.col("end"), zone)
    )
    names = [field.name for field in DEPLOYMENTS if field.name in times.columns]
    return times.select(names).sort("deploymentID")


def media(events: WorkflowEvents, locations: pl.DataFrame, settings: CamtrapDp) -> tuple[pl.DataFrame, list[str]]:
    """The media of the subjects with a deployment and a time, a row for each frame; and what is left out.

    Takes `subject_id, locations`. Returns the fields of `media`, and beside them `subject_id, n_frames` and
    `event_id, event_start, event_end` in UTC.
    """
    zone = settings.time_zone or "UTC"
    names = events.pictures.select("subject_id", "file_name")
    subjects = events.events.join(names, on="subject_id", how="left").join(locations, on="subject_id", how="left")
    usable = pl.all_horizontal(pl.col("deployment", "taken_at").is_not_null())
    left_out = subjects.filter(~usable)
    one_frame = pl.col("locations").list.len().fill_null(0) < 2
    rows = subjects.filter(usable).with_columns(
        pl.when(pl.col("locations").list.len() > 0).then("locations"),
        is_single=one_frame,
        n_frames=pl.max_horizontal(pl.col("locations").list.len(), 1).fill_null(1),
        **{name: zoned(pl.col(name), zone) for name in ("taken_at", "event_start", "event_end")},
    )
    frames = rows.with_columns(frame=pl.int_ranges(pl.col("n_frames"))).explode("frame")
    frames = frames.with_columns(url=pl.col("locations").list.get(pl.col("frame"), null_on_oob=True))
    written = frames.with_columns(_url()).with_columns(file=_file_name())
    method = settings.capture_method[0] if len(settings.capture_method) == 1 else None
    media_id = pl.format("{}_{}", "subject_id", "frame")
    path = next_usable("url", "file", media_id)
    suffix = pl.coalesce(pl.col(name).str.extract(_SUFFIX) for name in ("url", "file")).str.to_lowercase()
    table = written.select(
        mediaID=media_id,
        deploymentID="deployment",
        captureMethod=pl.lit(method, pl.String),
        timestamp="taken_at",
        filePath=path,
        filePublic=pl.lit(settings.file_public),
        fileName="file",
        fileMediatype=suffix.replace_strict(_TYPES, default=_UNKNOWN_TYPE, return_dtype=pl.String),
        **{name: name for name in ("subject_id", "frame", "n_frames", "event_id", "event_start", "event_end")},
    )
    return table.sort("subject_id", "frame"), list(_left_out(left_out, subjects.height))


def next_usable(*paths: str | pl.Expr) -> pl.Expr:
    """The first of the texts that is a path for Camtrap DP: relative or an address, and never upwards."""
    each = [pl.col(path) if isinstance(path, str) else path for path in paths]
    fits = (pl.when(~path.str.contains(r"^[./~]|\.\.|[\r\n]|^$")).then(path) for path in each)
    return pl.coalesce(fits)


def _url() -> pl.Expr:
    """The address of the medium; old exports leave out the `https:`."""
    url = pl.col("url")
    return pl.when(url.str.starts_with("//")).then(pl.lit("https:") + url).otherwise(url).alias("url")


def _file_name() -> pl.Expr:
    """The name of the file: of a single frame that of the metadata, else the last part of its address."""
    own = pl.when("is_single").then("file_name")
    return pl.coalesce(own, pl.col("url").str.replace(r"\?.*$", "").str.extract(_LAST_PART))


def _left_out(rows: pl.DataFrame, total: int) -> list[str]:
    if rows.is_empty():
        return []
    each = map(str, rows["subject_id"].sort())
    return [
        f"Left out: {rows.height:,} of {counted(total, 'subjects')} without a deployment or a time, which Camtrap "
        f"DP requires: {listed(each)}."
    ]
