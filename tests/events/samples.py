"""Pictures of cameras, and votes on them, for the tests of events."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import polars as pl

from zoo_dag.consensus.intervals import wilson_low
from zoo_dag.events.assigning import events_of
from zoo_dag.events.consensus import event_consensus
from zoo_dag.events.winners import named_choices
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES

NOON = datetime(2020, 6, 1, 12)
SETTINGS = Settings.model_validate({"events": {"deployment": "camera", "time": "time"}})
PICTURE = {
    "subject_id": pl.Int64,
    "deployment": pl.String,
    "taken_at": pl.Datetime("us"),
    "sequence": pl.String,
    "file_name": pl.String,
}
DEFAULTS = {"deployment": "A", "sequence": None, "file_name": None}


def picture(subject_id: int, seconds: float | None = None, **fields: Any) -> dict[str, Any]:
    """A picture so many seconds after noon; of camera A unless `fields` say otherwise."""
    taken_at = None if seconds is None else NOON + timedelta(seconds=seconds)
    return {"subject_id": subject_id, "taken_at": taken_at, **DEFAULTS, **fields}


def frame(pictures: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(pictures), schema=PICTURE)


def event_ids(pictures: Sequence[Mapping[str, Any]], gap_seconds: float = 60) -> dict[int, str]:
    """The event of each picture."""
    found = events_of(frame(pictures), gap_seconds)
    return dict(found.select("subject_id", "event_id").iter_rows())


def subjects(*metadata: Mapping[str, Any], uploaded: datetime | None = None) -> pl.DataFrame:
    """Subjects with these metadata, as `pictures.subjects_of` returns them; ids count from 1."""
    cells = [orjson.dumps(fields).decode() for fields in metadata]
    created_at = pl.Series([uploaded], dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.DataFrame({"subject_id": range(1, len(cells) + 1), "metadata": cells}).with_columns(
        created_at=pl.lit(created_at.item(), pl.Datetime("us", "UTC")), is_retired=pl.lit(value=False)
    )


TASK = {"workflow_id": 1, "task": "T0", "task_revision": "T0@1.1", "versions": ["1.1"]}


def survey(subject_id: int, n: int, votes: Mapping[str, int], n_choices: int = 1, **more: Any) -> pl.DataFrame:
    """Rows of `pooled_survey_consensus` of one subject: `n` volunteers of whom so many named each choice.

    `nothing` is the blank choice. `more` are columns of all rows; `counts` the median numbers by choice.
    """
    counts = more.pop("counts", {})
    blank = votes.get("nothing", 0)
    is_blank = 2 * (n - blank) <= n
    in_order = sorted(votes, key=lambda each: ((each == "nothing") != is_blank, -votes[each], each))
    rows = [
        {
            **TASK,
            "subject_id": subject_id,
            "subject_ids": str(subject_id),
            "n_classifications": n,
            "n_answered": n,
            "choice_id": choice,
            "choice_label": choice.title(),
            "is_blank_choice": choice == "nothing",
            "is_blank": is_blank,
            "votes": votes[choice],
            "rank": rank,
            "n_choices": float(n_choices),
            "count_median": counts.get(choice),
            **more,
        }
        for rank, choice in enumerate(in_order, 1)
    ]
    return pl.DataFrame(rows, schema_overrides={"rank": pl.Int32})


def pooled(name: str, *parts: pl.DataFrame) -> pl.LazyFrame:
    """A pooled table of these rows."""
    table = TABLES[name]
    return table.conform(pl.concat([table.empty(), *parts], how="diagonal_relaxed").lazy())


def consensus(
    pictures: Sequence[Mapping[str, Any]],
    *votes: pl.DataFrame,
    retired: Sequence[int] = (),
    questions: Sequence[pl.DataFrame] = (),
    tasks: pl.LazyFrame | None = None,
) -> pl.DataFrame:
    """The `event_consensus` of pictures with these votes."""
    named = named_choices(
        pooled("pooled_survey_consensus", *votes),
        pooled("pooled_question_consensus", *questions),
        TABLES["tasks"].empty().lazy() if tasks is None else tasks,
        SETTINGS.surveys,
    )
    events = events_of(frame(pictures), 60)
    ids = pl.Series(list(retired), dtype=pl.Int64)
    return event_consensus(named, events, ids, SETTINGS.events, SETTINGS.agreement).collect()


def low(votes: int, n: int) -> float:
    """The lower end of the Wilson interval."""
    return pl.select(wilson_low(pl.lit(votes), pl.lit(n))).item()
