"""The consensus of very many highlights: CPU seconds of the whole table, and of its spans alone."""

import argparse
import time

import numpy as np
import polars as pl

from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.subject_ranges import subject_ranges
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.highlights import HIGHLIGHTS
from zoo_dag.task_types.highlights.spans import Intervals, clusters_of, pieces_of, spans_of

PER_SUBJECT, VOLUNTEERS = 40, 10


def highlights(subjects: int, seed: int) -> pl.DataFrame:
    """Rows of `highlight_annotations`: ten volunteers highlight four passages of each text, a bit shifted."""
    random = np.random.default_rng(seed)
    count = subjects * PER_SUBJECT
    subject, volunteer, passage = np.unravel_index(
        np.arange(count), (subjects, VOLUNTEERS, PER_SUBJECT // VOLUNTEERS)
    )
    start = 200 * passage + random.integers(0, 100, (subjects, PER_SUBJECT // VOLUNTEERS))[subject, passage]
    start = start + random.integers(-2, 3, count)
    length = 20 + random.integers(-3, 4, count)
    text = pl.Series(["abcdefghijklmnopqrstuvwxyz"]).gather(np.zeros(count, np.int64))
    rows = pl.DataFrame(
        {
            "classification_id": subject * VOLUNTEERS + volunteer,
            "subject_id": subject,
            "user": volunteer,
            "annotation_index": np.zeros(count, np.int64),
            "start": start + 2,
            "length": length,
            "label": passage % 2,
            "text": text,
        }
    )
    shared = {
        "workflow_id": 11,
        "workflow_version": "3.10",
        "task": "T0",
        "task_revision": "T0@3.10",
        "status": "answered",
    }
    rows = rows.with_columns(
        pl.col("text").str.slice(0, pl.col("length")),
        subject_ids=pl.col("subject_id").cast(pl.String),
        user_key=pl.format("user:{}", "user"),
        end=pl.col("start") + pl.col("length") - 1,
        label=pl.when(pl.col("label") == 0).then(pl.lit("Species")).otherwise(pl.lit("Place")),
        **{name: pl.lit(value) for name, value in shared.items()},
    )
    table = TABLES["highlight_annotations"]
    missing = {name: pl.lit(None, dtype) for name, dtype in table.dtypes.items() if name not in rows.columns}
    return table.conform(rows.with_columns(**missing).lazy()).collect()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=100_000, help="40 highlights on each")
    rows = highlights(parser.parse_args().subjects, 1)
    start = rows["start"].to_numpy()
    groups = 2 * rows["subject_id"].to_numpy() + (rows["label"] == "Place").to_numpy()
    volunteers = rows["user_key"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    every = Intervals(groups, volunteers, start, rows["end"].to_numpy() + 1)
    before = time.process_time()
    pieces, _ = pieces_of(every, 1)
    spans, _ = spans_of(pieces, clusters_of(pieces, 0.5, np.full(len(pieces.start), 3)))
    print(f"{rows.height:,} highlights, {len(spans.start):,} spans: {time.process_time() - before:.1f} CPU s")
    (consensus,) = HIGHLIGHTS.consensus_tables
    seen = rows.lazy().group_by("subject_ids", "workflow_id", "workflow_version").agg(n_seen=VOLUNTEERS)
    before = time.process_time()
    tables = {"highlight_annotations": rows.lazy(), SEEN: seen.with_columns(pl.col("n_seen").cast(pl.Int64))}
    tasks = TABLES["tasks"].empty().lazy()
    aggregation = Aggregation.prepare(consensus, tables, tasks, VERSION, Settings())
    found = [part.table.collect() for part in aggregation.parts(subject_ranges([rows.lazy()]))]
    print(f"highlight_consensus, {sum(map(len, found)):,} rows: {time.process_time() - before:.1f} CPU s")


if __name__ == "__main__":
    main()
