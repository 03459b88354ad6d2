"""Raw subjects to the typed table: one row per subject, workflow and subject set."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from zoo_dag.exports.batches import batches, staged
from zoo_dag.exports.cells import integer, load_json, missing_to_null, utc_time
from zoo_dag.exports.problems import TIME, WHOLE_NUMBER, explained, first_problem, read_cells, required, unread
from zoo_dag.exports.quarantine import parsing_quarantine
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import SUBJECTS

# Enough to know the fields of a project, and cheap to read.
_SAMPLED_SUBJECTS = 1000
_TABLE = TABLES["subjects"]
_IDS = ("subject_id", "project_id", "workflow_id", "subject_set_id", "classifications_count")
_TIMES = ("retired_at", "created_at", "updated_at")
_KEY = ("subject_id", "workflow_id", "subject_set_id")


def parse_subjects(raw: pl.LazyFrame, staging: Path) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Type the rows of `raw_subjects` (all text); a row is in `subjects`, or in the quarantine.

    Returns both, with the columns of `zoo_dag.tables`. Files from before 2017-02 list workflows and sets in one
    row per subject; these become one row for each pair. `staging` is a folder for temporary files.
    """
    tables = staged(
        (_tables(batch) for batch in batches(SUBJECTS.only(raw))),
        {"subjects": _TABLE.dtypes, "quarantine": TABLES["quarantine"].dtypes},
        staging,
    )
    return tables["subjects"].sort(_KEY, nulls_last=True, maintain_order=True), tables["quarantine"]


def _tables(batch: pl.DataFrame) -> dict[str, pl.DataFrame]:
    batch = _one_row_per_link(batch).with_columns(missing_to_null(name) for name in (*_IDS, *_TIMES))
    _, metadata_problem = read_cells(batch["metadata"], _json_object)
    frames, locations_problem = read_cells(batch["locations"], media_urls)
    # Through JSON, because Polars takes ten times as long to build lists of Python objects.
    texts = [None if urls is None else orjson.dumps(urls).decode() for urls in frames]
    urls = pl.Series("locations", texts, pl.String).str.json_decode(pl.List(pl.String))
    typed = batch.with_columns(
        *(integer(pl.col(name)) for name in _IDS),
        *(utc_time(batch[name]) for name in _TIMES),
        urls,
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
    return {
        "subjects": _TABLE.conform(typed.filter(problem.is_null()).lazy()).collect(),
        "quarantine": parsing_quarantine(
            rejected.lazy(), "subjects", [*_IDS, *_TIMES, "metadata", "locations"]
        ).collect(),
    }


def media_urls(locations: str | None) -> list[str] | None:
    """URLs of a subject by frame, from the locations cell; frames sort as numbers.

    Raises ValueError where the cell is not a JSON object from frame numbers to URLs.
    """
    if locations is None:
        return None
    frames = _json_object(locations)
    if not all(frame.isascii() and frame.isdecimal() for frame in frames):
        raise ValueError("expected frame numbers as keys")
    by_frame = {int(frame): url for frame, url in frames.items()}
    return [str(by_frame[frame]) for frame in sorted(by_frame)]


def hidden_field(name: str, *, classifying: bool = False) -> bool:
    """Whether Zooniverse hides a metadata field from volunteers: `#` and `//` always, `!` while classifying."""
    return name.strip().startswith(("#", "//", "!") if classifying else ("#", "//"))


def metadata_fields(subjects: pl.LazyFrame) -> list[str]:
    """Names of the metadata fields of the first subjects; those hidden from volunteers are marked."""
    cells = subjects.select("metadata").head(_SAMPLED_SUBJECTS).collect()["metadata"]
    names = dict.fromkeys(name for cell in cells for name in _json_object(cell))

    def seen(name: str) -> str:
        if hidden_field(name):
            return f"{name} (hidden)"
        return f"{name} (hidden while classifying)" if hidden_field(name, classifying=True) else name

    return [seen(name) for name in names]


def _json_object(cell: str | None) -> dict[str, Any]:
    value = load_json(cell or "")
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found {type(value).__name__}")
    return value


def _one_row_per_link(batch: pl.DataFrame) -> pl.DataFrame:
    """Rows of the layout from before 2017-02 become one row per link; newer rows stay as they are."""
    lists = ("workflow_ids", "subject_set_ids", "classifications_by_workflow", "retired_in_workflow")
    old = batch["workflow_ids"].is_not_null() if "workflow_ids" in batch.columns else None
    if old is None or not old.any():
        return batch
    rows: list[dict[str, Any]] = []
    for row in batch.filter(old).iter_rows(named=True):
        try:
            rows.extend({**row, **link} for link in _links(*(row[name] for name in lists)))
        except ValueError:
            # A cell that does not parse is reported for the entire row.
            rows.append({**row, "workflow_id": row["workflow_ids"]})
    return pl.concat([batch.filter(~old), pl.DataFrame(rows, schema=batch.schema)])


def _links(
    workflows: str, sets: str | None, counts: str | None, retired: str | None
) -> Iterator[dict[str, str | None]]:
    by_workflow = load_json(counts) if counts else {}
    retired_in = load_json(retired) if retired else {}
    for workflow in _id_list(workflows):
        for subject_set in _id_list(sets):
            moment = retired_in.get(str(workflow)) if isinstance(retired_in, dict) else None
            count = by_workflow.get(str(workflow)) if isinstance(by_workflow, dict) else None
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
