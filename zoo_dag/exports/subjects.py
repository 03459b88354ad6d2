"""Raw subjects to the typed table: one row per subject, workflow and subject set."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from zoo_dag.exports.batches import batches, staged
from zoo_dag.exports.cells import integer, json_object, load_json, missing_to_null, utc_time
from zoo_dag.exports.files import IS_CURRENT
from zoo_dag.exports.merging import with_is_current
from zoo_dag.exports.problems import TIME, WHOLE_NUMBER, explained, first_problem, read_cells, required, unread
from zoo_dag.exports.quarantine import parsing_quarantine
from zoo_dag.exports.training import is_training
from zoo_dag.settings.results import DEFAULTS, Subjects
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import SUBJECTS
from zoo_dag.tables.row_count import row_count

# Enough to know the fields of a project, and cheap to read.
_SAMPLED_SUBJECTS = 1000
_LONGEST_FRAME = 9
_TABLE = TABLES["subjects"]
_IDS = ("subject_id", "project_id", "workflow_id", "subject_set_id", "classifications_count")
_TIMES = ("retired_at", "created_at", "updated_at")
_KEY = ("subject_id", "workflow_id", "subject_set_id")


def parse_subjects(
    raw: pl.LazyFrame, staging: Path, settings: Subjects = DEFAULTS.subjects
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Type the rows of `raw_subjects` (all text); a row is in `subjects`, or in the quarantine.

    Returns both, with the columns of `zoo_dag.tables`. Files from before 2017-02 list workflows and sets; these
    become one row for each pair, also where several rows of a subject list it. `staging` is a folder for temporary
    files.
    """
    tables = staged(
        (_tables(batch, settings) for batch in batches(SUBJECTS.only(with_is_current(raw), IS_CURRENT))),
        {"subjects": _TABLE.dtypes, "links": _TABLE.dtypes, "quarantine": TABLES["quarantine"].dtypes},
        staging,
    )
    subjects = tables["subjects"]
    if row_count(tables["links"]):
        links = tables["links"].group_by(_KEY, maintain_order=True).agg(pl.all().drop_nulls().last())
        # A row of today's layout is from a newer file.
        every = pl.concat([links.select(_TABLE.dtypes.names()), subjects])
        subjects = every.unique(_KEY, keep="last", maintain_order=True)
    return subjects.sort(_KEY, nulls_last=True, maintain_order=True), tables["quarantine"]


def _tables(batch: pl.DataFrame, settings: Subjects) -> dict[str, pl.DataFrame]:
    lists = pl.col("workflow_ids").is_not_null() | pl.col("subject_set_ids").is_not_null()
    subjects, rejected = _typed(batch.filter(~lists), settings)
    old = batch.filter(lists)
    links, rejected_links = (
        _typed(_one_row_per_link(old), settings) if old.height else (subjects.clear(), rejected.clear())
    )
    return {"subjects": subjects, "links": links, "quarantine": pl.concat([rejected, rejected_links])}


def _typed(batch: pl.DataFrame, settings: Subjects) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that parse, and the quarantine."""
    batch = batch.with_columns(missing_to_null(name) for name in (*_IDS, *_TIMES, "metadata", "locations"))
    metadata, metadata_problem = read_cells(batch["metadata"], json_object)
    training = [fields is not None and is_training(fields, settings.training_keys) for fields in metadata]
    frames, locations_problem = read_cells(batch["locations"], media_urls)
    # Through JSON, because Polars takes ten times as long to build lists of Python objects.
    texts = [None if urls is None else orjson.dumps(urls).decode() for urls in frames]
    urls = pl.Series("locations", texts, pl.String).str.json_decode(pl.List(pl.String))
    typed = batch.with_columns(
        *(integer(pl.col(name)) for name in _IDS),
        *(utc_time(batch[name]) for name in _TIMES),
        urls,
        pl.Series("training", training, pl.Boolean),
        n_frames=urls.list.len(),
    )
    checks = (
        required("subject_id", WHOLE_NUMBER),
        *(unread(name, pl.lit(batch[name]), f"{WHOLE_NUMBER} or nothing") for name in _IDS[1:]),
        *(unread(name, pl.lit(batch[name]), f"{TIME} or nothing") for name in _TIMES),
        explained("metadata", pl.lit(metadata_problem)),
        explained("locations", pl.lit(locations_problem)),
    )
    problem = typed.select(problem=first_problem(checks))["problem"]
    rejected = batch.with_columns(problem).filter(problem.is_not_null())
    return (
        _TABLE.conform(typed.filter(problem.is_null()).lazy()).collect(),
        parsing_quarantine(rejected.lazy(), "subjects", [*_IDS, *_TIMES, "metadata", "locations"]).collect(),
    )


def media_urls(locations: str | None) -> list[str | None] | None:
    """URLs of a subject by frame, from the locations cell; frames sort as numbers. Null for a frame without one.

    The cell is a JSON object from frame numbers to URLs, or as in Zooniverse's API a list with an entry for each
    frame. An entry is a URL, or an object from a media type to it. Raises ValueError for anything else.
    """
    frames = load_json(locations) if locations else None
    if isinstance(frames, dict):
        if not all(frame.isascii() and frame.isdecimal() and len(frame) <= _LONGEST_FRAME for frame in frames):
            raise ValueError("expected frame numbers as keys")
        frames = [frames[frame] for frame in sorted(frames, key=int)]
    if frames is None:
        return None
    if not isinstance(frames, list):
        raise ValueError(f"expected a JSON object from frames to URLs, found {type(frames).__name__}")
    return [_url(entry) for entry in frames]


def _url(entry: Any) -> str | None:
    if isinstance(entry, dict) and len(entry) == 1:
        (entry,) = entry.values()
    if entry is None or isinstance(entry, str):
        return entry
    raise ValueError(f"expected a URL, found {orjson.dumps(entry).decode()[:80]}")


def hidden_field(name: str, *, classifying: bool = False) -> bool:
    """Whether Zooniverse hides a metadata field from volunteers: `#` and `//` always, `!` while classifying."""
    return name.strip().startswith(("#", "//", "!") if classifying else ("#", "//"))


def metadata_fields(subjects: pl.LazyFrame) -> list[str]:
    """Names of the metadata fields of the first subjects; those hidden from volunteers are marked."""
    cells = subjects.select("metadata").head(_SAMPLED_SUBJECTS).collect()["metadata"]
    names = dict.fromkeys(name for cell in cells for name in json_object(cell))

    def seen(name: str) -> str:
        if hidden_field(name):
            return f"{name} (hidden)"
        return f"{name} (hidden while classifying)" if hidden_field(name, classifying=True) else name

    return [seen(name) for name in names]


def _one_row_per_link(batch: pl.DataFrame) -> pl.DataFrame:
    """Rows of the layout from before 2017-02 become one row per link."""
    rows: list[dict[str, Any]] = []
    for row in batch.iter_rows(named=True):
        try:
            rows.extend({**row, **link} for link in _links(row))
        except ValueError:
            # A cell that does not parse is reported for the entire row.
            rows.append({**row, "workflow_id": row["workflow_ids"] or row["subject_set_ids"]})
    return pl.DataFrame(rows, schema=batch.schema)


def _links(row: Mapping[str, str | None]) -> Iterator[dict[str, str | None]]:
    """The cells of each link. In 2016 there were files with one list and a single id in place of the other."""
    counts = load_json(row["classifications_by_workflow"] or "null")
    retired = load_json(row["retired_in_workflow"] or "null")
    for workflow in _id_list(row["workflow_ids"] or row["workflow_id"]):
        for subject_set in _id_list(row["subject_set_ids"] or row["subject_set_id"]):
            count = counts.get(str(workflow)) if isinstance(counts, dict) else row["classifications_count"]
            # A list of workflows says that it was retired there, not when.
            moment = retired.get(str(workflow)) if isinstance(retired, dict) else row["retired_at"]
            yield {
                "workflow_id": None if workflow is None else str(workflow),
                "subject_set_id": None if subject_set is None else str(subject_set),
                "classifications_count": None if count is None else str(count),
                "retired_at": moment if isinstance(moment, str) else None,
            }


def _id_list(cell: str | None) -> list[Any]:
    """The ids in a cell of the old layout: a list, or a single id; [None] where there is none."""
    value = load_json(cell) if cell else None
    return (value if isinstance(value, list) else [value]) or [None]
