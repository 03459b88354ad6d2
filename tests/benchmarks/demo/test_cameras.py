"""The camera project of the demo: its visits are found."""

from random import Random

import polars as pl

from benchmarks.demo.cameras.generate import SEED, make_cameras
from benchmarks.demo.cameras.subjects import DEPLOYMENTS, event_truth
from benchmarks.demo.export_form import json_text
from benchmarks.demo.project import make_volunteers
from benchmarks.demo.rows import stored
from zoo_dag.events.assigning import events_of
from zoo_dag.events.pictures import pictures
from zoo_dag.settings.events import Events

SETTINGS = Events(
    deployment=("site", "camera", "season"), time=("date", "time"), time_format="%m/%d/%Y %I:%M:%S %p"
)


def test_all_visits_are_found_but_for_a_picture_without_a_time_at_the_end_of_one():
    _, bursts, _ = make_cameras(make_volunteers(Random(SEED)))  # noqa: S311
    cells = pl.DataFrame(
        {
            "subject_id": [burst.subject_id for burst in bursts],
            "metadata": [json_text(stored(burst.metadata)) for burst in bursts],
        }
    ).with_columns(created_at=pl.lit(None, pl.Datetime("us", "UTC")))
    found = pictures(cells, SETTINGS)
    assert found["taken_at"].null_count() == len(DEPLOYMENTS)
    events = dict(events_of(found, 60).select("subject_id", "event_id").iter_rows())
    others = [burst for burst in bursts if events[burst.subject_id] != burst.visit.event_id]
    assert [events[burst.subject_id].rpartition("/")[2] for burst in others] == [f"subject-{others[0].subject_id}"]
    truth = {(row["subject_id"], row["event_id"]) for row in event_truth(bursts)}
    assert truth == {(burst.subject_id, burst.visit.event_id) for burst in bursts}
