"""The time of contours against that of the consensus of outlines, in CPU seconds.

Each subject has one thing that ten volunteers outline, as in `simulated_outlines.py`; some subjects are computed
after the others, as the product does it. The goal of the ratio is at most 1.5.
"""

import argparse
import time
from datetime import UTC, datetime

import numpy as np
import polars as pl
from simulated_outlines import hand, shape

from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.drawings import Drawings
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.declaration import Consensus
from zoo_dag.task_types.drawings import DRAWINGS
from zoo_dag.task_types.drawings.contours import CONTOURS

VOLUNTEERS, POINTS, NOISE = 10, 24, 2.0
AT_ONCE = 1_000
SETTINGS = Settings(drawings=Drawings(contours=(0.25, 0.5, 0.75)))


def outlines(subjects: int, seed: int) -> pl.DataFrame:
    """Rows of `drawing_annotations`: an outline of each volunteer on each subject."""
    random = np.random.default_rng(seed)
    truths = np.array([shape(random) for _ in range(subjects)])
    places = np.linspace(0, truths.shape[1], POINTS, endpoint=False).astype(int)
    turns = 2 * np.pi * places / truths.shape[1]
    number = np.arange(subjects * VOLUNTEERS)
    radius = (truths[number // VOLUNTEERS] + np.array([hand(NOISE, random) for _ in number]))[:, places]
    x, y = 200 + radius * np.cos(turns), 200 + radius * np.sin(turns)
    points = pl.DataFrame({"mark": np.repeat(number, POINTS), "x": x.ravel(), "y": y.ravel()})
    paths = points.group_by("mark", maintain_order=True).agg(points=pl.struct("x", "y"))["points"]
    frame = pl.DataFrame({"classification_id": number, "subject_id": number // VOLUNTEERS, "points": paths})
    columns = {
        "subject_ids": pl.col("subject_id").cast(pl.String),
        "user_key": pl.format("user:{}", pl.col("classification_id") % VOLUNTEERS),
        "workflow_id": pl.lit(11),
        "workflow_version": pl.lit("3.10"),
        "created_at": pl.lit(datetime(2026, 1, 1, tzinfo=UTC)),
        "task": pl.lit("T0"),
        "task_type": pl.lit("drawing"),
        "task_revision": pl.lit("T0@3.10"),
        "status": pl.lit("answered"),
        "tool_type": pl.lit("polygon"),
        "unit": pl.lit("pixels"),
        "closed": pl.lit(value=True),
        **{name: pl.lit(0) for name in ("annotation_index", "mark_index", "frame", "tool_index")},
        **{name: pl.lit(400.0) for name in ("frame_width", "frame_height")},
    }
    known = frame.with_columns(**columns)
    dtypes = TABLES["drawing_annotations"].dtypes
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in dtypes.items() if name not in known.columns]
    return TABLES["drawing_annotations"].conform(known.with_columns(missing).lazy()).collect()


def cpu_seconds(consensus: Consensus, annotations: pl.DataFrame) -> tuple[float, int]:
    """CPU seconds of a table, and its rows."""
    tasks, rows, seconds = TABLES["tasks"].empty().lazy(), 0, 0.0
    for some in annotations.iter_slices(AT_ONCE * VOLUNTEERS):
        seen = some.group_by("subject_ids").agg(n_seen=pl.len().cast(pl.Int64)).lazy()
        before = time.process_time()
        tables = {"drawing_annotations": some.lazy(), SEEN: seen}
        rows += aggregate(consensus, tables, tasks, VERSION, SETTINGS).table.collect().height
        seconds += time.process_time() - before
    return seconds, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=2_000, help="things with ten outlines each")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    of_marks, *_ = DRAWINGS.consensus_tables
    annotations = outlines(options.subjects, 1)
    cpu_seconds(CONTOURS, annotations.head(VOLUNTEERS))  # the first call loads libraries
    for _ in range(options.repeat):
        before, n = cpu_seconds(of_marks, annotations)
        seconds, rows = cpu_seconds(CONTOURS, annotations)
        told = f"{n:,} clusters in {before:.1f} CPU s, {rows:,} contours in {seconds:.1f}"
        print(f"{told}, ratio {seconds / before:.2f}")


if __name__ == "__main__":
    main()
