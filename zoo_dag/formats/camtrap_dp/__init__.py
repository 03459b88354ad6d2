"""A Camtrap Data Package, version 1.0.2 (tdwg/camtrap-dp): deployments, media and observations of camera traps.

Where cameras stood and when pictures were taken is what `[events]` in the settings says; `[camtrap_dp]` has what
is this format's own. What the format requires and nothing says is named all at once.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import orjson
import polars as pl

from zoo_dag.errors import SettingsError, ZooDagError
from zoo_dag.events.workflow_events import WorkflowEvents
from zoo_dag.formats.camtrap_dp.boxes import of_boxes
from zoo_dag.formats.camtrap_dp.choices import Choices
from zoo_dag.formats.camtrap_dp.fields import TABLES as FIELDS
from zoo_dag.formats.camtrap_dp.media import deployments, media
from zoo_dag.formats.camtrap_dp.missing import require_settings
from zoo_dag.formats.camtrap_dp.observations import Observing
from zoo_dag.formats.camtrap_dp.tables import choices_table
from zoo_dag.formats.data_package import DESCRIPTOR, ISO_8601, apostrophes, described, file_facts
from zoo_dag.formats.source import Source
from zoo_dag.settings.camtrap_dp import Role
from zoo_dag.settings.loading import Settings
from zoo_dag.store.exporting import write_csv
from zoo_dag.tables import TABLES
from zoo_dag.wording.sentences import counted, listed

_VERSION = "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2"
_ORDER = ("deploymentID", "eventStart", "eventID", "observationLevel", "mediaID", "observationID")


def write(source: Source, target: Path) -> list[str]:
    """Write the deployments, media and observations of one workflow, and what describes them, to a folder.

    Raises ZooDagError where something is missing that Camtrap DP requires.
    """
    require_settings(source.folder)
    source = source.of_workflow(_workflow(source))
    settings, root = source.settings, source.folder.root
    said = settings.camtrap_dp
    events = _events(source)
    cameras = deployments(events, root / str(settings.events.deployments), said.time_zone or "UTC")
    all_media, notes = media(events, _locations(source, events), said)
    file = root / str(said.choices)
    choices = choices_table(file)
    title = said.title or settings.publication.title or _workflow_name(source)
    observing = Observing(source, all_media, events.events, Choices(choices, file), title)
    observations, more = _observations(observing, said.observations)
    notes += more
    tables = {"deployments": cameras, "media": all_media, "observations": observations}
    resources = []
    for name, rows in tables.items():
        resource, more = _written(name, rows, target, verbatim=source.verbatim)
        resources.append(resource)
        notes += more
    package = {
        **_descriptor(source, title, observations),
        **_coverage(cameras, said.time_zone or "UTC"),
        "taxonomic": _taxa(choices, observations),
        "resources": resources,
    }
    (target / DESCRIPTOR).write_bytes(orjson.dumps(package, option=orjson.OPT_INDENT_2) + b"\n")
    numbers = listed(counted(rows.height, name) for name, rows in tables.items())
    return [f"{numbers} in {target}", *notes]


def _workflow(source: Source) -> int:
    """The workflow to write. Raises ZooDagError where it is not one."""
    if source.selection.version:
        raise ZooDagError("Camtrap DP is made from all versions of a workflow: leave out --version.")
    events = TABLES["event_consensus"]
    files = source.folder.tables
    keys = files.select_keys(events, source.selection.workflow, None)
    keys = [key for key in keys if not files.are_empty(events, [key])]
    if not keys:
        raise ZooDagError(
            "There are no events of cameras yet: no workflow has rows in event_consensus. Run `zoo-dag run`, "
            "which builds them from [events] in the settings."
        )
    if len(keys) > 1:
        raise ZooDagError(f"The workflows {listed(keys)} have cameras. Name one, such as --workflow {keys[0]}.")
    return int(keys[0])


def _events(source: Source) -> WorkflowEvents:
    subjects = source.scan("subjects") if source.has(TABLES["subjects"]) else TABLES["subjects"].empty().lazy()
    events = WorkflowEvents.of(subjects, source.scan("shown_subjects"), source.settings.events, source.folder.root)
    if events is None:
        raise SettingsError("events.deployment: no picture of the workflow has a deployment.")
    known = events.events["event_id"].unique().implode()
    if source.scan("event_consensus").filter(~pl.col("event_id").is_in(known)).head(1).collect().height:
        raise ZooDagError(
            "Settings or tables of [events] have changed since the events were built. Run `zoo-dag run` first."
        )
    return events


def _locations(source: Source, events: WorkflowEvents) -> pl.DataFrame:
    rows = source.scan_subjects().filter(pl.col("subject_id").is_in(events.events["subject_id"].implode()))
    return rows.group_by("subject_id").agg(pl.col("locations").sort_by("updated_at").last()).collect()


def _workflow_name(source: Source) -> str:
    workflow = source.selection.workflow
    if source.has(TABLES["workflow_versions"]):
        names = (
            source.scan("workflow_versions")
            .sort("version_major", "version_minor")
            .select("display_name")
            .collect()
        )
        if names.height and names.item(-1, 0):
            return str(names.item(-1, 0))
    return f"Zooniverse workflow {workflow}"


def _observations(observing: Observing, whose: str) -> tuple[pl.DataFrame, list[str]]:
    """The observations, and what to say about them."""
    tasks = observing.tasks()
    if observing.is_drawing(tasks):
        boxes, notes = of_boxes(observing, tasks[0])
        parts = [boxes]
    else:
        notes = observing.left_out(tasks)
        of_media = observing.of_volunteers(tasks) if whose == "volunteers" else observing.of_media(tasks)
        parts = [observing.of_events(tasks), of_media]
    observing.choices.require(observing.asked)
    return pl.concat(parts).sort(_ORDER, nulls_last=True), notes


def _written(name: str, rows: pl.DataFrame, target: Path, *, verbatim: bool) -> tuple[dict[str, Any], list[str]]:
    """Write a table; returns its resource, and what to say about it."""
    fields = [field.name for field in FIELDS[name] if field.name in rows.columns]
    file = target / f"{name}.csv"
    times = ISO_8601.replace("%.f", "")
    n_neutral = write_csv(rows.lazy().select(fields), file, verbatim=verbatim, times=times)
    resource = {
        "name": name,
        "path": file.name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **file_facts(file),
        "schema": f"{_VERSION}/{name}-table-schema.json",
    }
    return resource, list(apostrophes(name, n_neutral))


def _descriptor(source: Source, title: str, observations: pl.DataFrame) -> dict[str, Any]:
    settings = source.settings
    said = settings.camtrap_dp
    created = source.scan("classifications").select(pl.col("created_at").max()).collect().item()
    people = [each.model_dump(mode="json", exclude_none=True) for each in said.contributors]
    licenses = [each.model_dump(mode="json", exclude_none=True) for each in said.licenses]
    own = described(settings.publication)
    own.pop("licenses", None)
    return {
        **own,
        "profile": f"{_VERSION}/camtrap-dp-profile.json",
        "created": f"{created:%Y-%m-%dT%H:%M:%SZ}",
        "title": settings.publication.title or title,
        "contributors": people or _contributors(settings),
        **({"licenses": licenses} if licenses else {}),
        "project": {
            "title": title,
            "samplingDesign": said.sampling_design,
            "captureMethod": list(said.capture_method),
            "individualAnimals": said.individual_animals,
            "observationLevel": observations["observationLevel"].unique().sort(descending=True).to_list(),
        },
    }


def _contributors(settings: Settings) -> list[dict[str, str]]:
    """The contributors of `[publication]`, whose roles have other names."""
    people = [each.model_dump(mode="json", exclude_none=True) for each in settings.publication.contributors]
    return [
        {**each, "role": each["role"] if each.get("role") in get_args(Role) else "contributor"} for each in people
    ]


def _coverage(cameras: pl.DataFrame, zone: str) -> dict[str, Any]:
    """Where and on which days of their zone cameras stood."""
    west, east, south, north = (
        cameras.select(getattr(pl.col(name).cast(pl.Float64), end)()).item()
        for name in ("longitude", "latitude")
        for end in ("min", "max")
    )
    # The end of a last day is the first moment of the next one.
    moments = {"start": pl.col("deploymentStart").min(), "end": pl.col("deploymentEnd").max().dt.offset_by("-1us")}
    days = {name: each.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d") for name, each in moments.items()}
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    area = {"type": "Polygon", "coordinates": [ring]}
    place = {"type": "Point", "coordinates": [west, south]}
    return {
        "spatial": place if west == east and south == north else area,
        "temporal": cameras.select(**days).to_dicts()[0],
    }


def _taxa(choices: pl.DataFrame, observations: pl.DataFrame) -> list[dict[str, str]]:
    """The taxa of the observations, with their ranks where the table of choices says them."""
    names = set(observations["scientificName"].drop_nulls())
    rows: Iterable[Mapping[str, Any]] = choices.sort("scientific_name", "taxon_rank", nulls_last=True).to_dicts()
    ranks: dict[str, str | None] = {}
    for row in rows:
        if row["scientific_name"] in names:
            ranks.setdefault(row["scientific_name"], row["taxon_rank"])
    return [{"scientificName": name, **({"taxonRank": rank} if rank else {})} for name, rank in ranks.items()]
