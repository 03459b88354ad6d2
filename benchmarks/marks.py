"""Clustering of marks against its peers: points against a loop of scikit-learn, boxes against IoU pair by pair.

Every figure is CPU seconds of this process, single-threaded peers and all threads of ours alike; ratios are of two
figures of one run, and both sides have to give the same labels.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.clustering.boxes import Boxes
from zoo_dag.clustering.dbscan import Marks, Metric, dbscan, neighbours
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.drawings import Drawings
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.drawings import DRAWINGS
from zoo_dag.task_types.drawings.shapes import Distances
from zoo_dag.task_types.drawings.splitting import clusters

MARKS_PER_SUBJECT = 40
VOLUNTEERS = 8
EPS = 10.0
EPS_OVERLAP = 0.5
LEAST = 3


def cpu_seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def places(subjects: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Marks around five things on each subject, one mark of each volunteer, in any order; and their volunteers."""
    random = np.random.default_rng(seed)
    things = random.uniform(0, 1000, (subjects, MARKS_PER_SUBJECT // VOLUNTEERS, 1, 2))
    marks = things + random.normal(0, 3, (*things.shape[:2], VOLUNTEERS, 2))
    order = random.permuted(np.tile(np.arange(MARKS_PER_SUBJECT), (subjects, 1)), axis=1)
    marks = np.take_along_axis(marks.reshape(subjects, -1, 2), order[:, :, None], axis=1)
    return marks.reshape(-1, 2), (order % VOLUNTEERS).ravel()


def in_chunks(subjects: int, work: Callable[[slice, np.ndarray], np.ndarray]) -> list[np.ndarray]:
    """Labels of 10,000 subjects at a time, as the product does it."""
    at_once = 10_000
    found = []
    for start in range(0, subjects, at_once):
        some = slice(start * MARKS_PER_SUBJECT, min(start + at_once, subjects) * MARKS_PER_SUBJECT)
        groups = np.repeat(np.arange((some.stop - some.start) // MARKS_PER_SUBJECT), MARKS_PER_SUBJECT)
        found.append(within_subject(work(some, groups)))
    return found


def density(groups: np.ndarray, volunteers: np.ndarray, metric: Metric, eps: float) -> np.ndarray:
    """Labels of DBSCAN, before clusters are split."""
    marks = of_one_eps(groups, volunteers, metric, eps)
    return dbscan(marks, neighbours(marks))


def of_one_eps(groups: np.ndarray, volunteers: np.ndarray, metric: Metric, eps: float) -> Marks:
    """Marks with the same parameters everywhere; a volunteer has one classification of each subject."""
    return Marks(groups, volunteers, volunteers, metric, np.full(len(groups), eps), np.full(len(groups), LEAST))


def within_subject(labels: np.ndarray) -> np.ndarray:
    """Labels numbered from 0 up on every subject, as one clustering for each gives them."""
    table = labels.reshape(-1, MARKS_PER_SUBJECT)
    first = np.where(table >= 0, table, np.iinfo(np.int64).max).min(axis=1, keepdims=True)
    return np.where(table >= 0, table - first, -1)


def compare_points(subjects: int) -> dict[str, Any]:
    from sklearn.cluster import DBSCAN  # noqa: PLC0415  (only the peer)

    marks, volunteers = places(subjects, 1)
    model = DBSCAN(eps=EPS, min_samples=LEAST)

    def peer() -> list[np.ndarray]:
        return [model.fit_predict(own) for own in marks.reshape(subjects, MARKS_PER_SUBJECT, 2)]

    def ours() -> list[np.ndarray]:
        def work(some: slice, groups: np.ndarray) -> np.ndarray:
            metric = Distances([[marks[some, 0], marks[some, 1]]])
            return density(groups, volunteers[some], metric, EPS)

        return in_chunks(subjects, work)

    def ours_once_each() -> list[np.ndarray]:
        def work(some: slice, groups: np.ndarray) -> np.ndarray:
            metric = Distances([[marks[some, 0], marks[some, 1]]])
            return clusters(of_one_eps(groups, volunteers[some], metric, EPS), dbscan)

        return in_chunks(subjects, work)

    own, labels = cpu_seconds(ours)
    once_each, _ = cpu_seconds(ours_once_each)
    seconds, expected = cpu_seconds(peer)
    equal = bool((np.concatenate(labels) == np.array(expected)).all())
    annotations = drawing_annotations(marks, volunteers).lazy()
    settings = Settings(drawings=Drawings(eps_pixels=EPS))
    seen = annotations.group_by("subject_ids").agg(n_seen=pl.col("classification_id").n_unique().cast(pl.Int64))
    rows = {"drawing_annotations": annotations, SEEN: seen}

    def whole_table() -> pl.DataFrame:
        tasks = TABLES["tasks"].empty().lazy()
        return aggregate(DRAWINGS.consensus, rows, tasks, VERSION, settings).table.collect()

    table_seconds, table = cpu_seconds(whole_table)
    return {
        "subjects": subjects,
        "marks": len(marks),
        "labels_equal": equal,
        "clusters": int((~table["is_candidate"]).sum()),
        "candidates": int(table["is_candidate"].sum()),
        "scikit_learn_cpu_s": round(seconds, 2),
        "clustering_cpu_s": round(own, 2),
        "once_each_cpu_s": round(once_each, 2),
        "whole_table_cpu_s": round(table_seconds, 2),
        "ratio_clustering": round(seconds / own, 1),
        "ratio_whole_table": round(seconds / table_seconds, 1),
    }


def drawing_annotations(marks: np.ndarray, volunteers: np.ndarray) -> pl.DataFrame:
    """The flattened table of points."""
    subject = np.arange(len(marks)) // MARKS_PER_SUBJECT
    frame = pl.DataFrame(
        {
            "classification_id": subject * VOLUNTEERS + volunteers,
            "subject_id": subject,
            "user_key": [f"user:{number}" for number in volunteers.tolist()],
            "mark_index": (np.arange(len(marks)) % MARKS_PER_SUBJECT).astype(np.int32),
            "x": marks[:, 0],
            "y": marks[:, 1],
        }
    ).with_columns(
        subject_ids=pl.col("subject_id").cast(pl.String),
        workflow_id=pl.lit(11, pl.Int64),
        workflow_version=pl.lit("3.10"),
        created_at=pl.lit(datetime(2026, 1, 1, tzinfo=UTC)),
        annotation_index=pl.lit(0, pl.Int32),
        task=pl.lit("T0"),
        task_type=pl.lit("drawing"),
        task_revision=pl.lit("T0@3.10"),
        status=pl.lit("answered"),
        frame=pl.lit(0, pl.Int32),
        tool_index=pl.lit(0, pl.Int32),
        tool_type=pl.lit("point"),
    )
    dtypes = TABLES["drawing_annotations"].dtypes
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in dtypes.items() if name not in frame.columns]
    return TABLES["drawing_annotations"].conform(frame.with_columns(missing).lazy()).collect()


def compare_boxes(subjects: int) -> dict[str, Any]:
    from sklearn.cluster import DBSCAN  # noqa: PLC0415  (only the peer)

    corners, volunteers = places(subjects, 2)
    random = np.random.default_rng(3)
    sizes = random.normal(60, 5, corners.shape)
    boxes = np.concatenate([corners, sizes], axis=1)

    def peer() -> list[np.ndarray]:
        model = DBSCAN(eps=EPS_OVERLAP, min_samples=LEAST, metric="precomputed")
        rows = boxes.reshape(subjects, MARKS_PER_SUBJECT, 4).tolist()
        return [model.fit_predict(np.array([[distance(a, b) for b in own] for a in own])) for own in rows]

    def ours() -> list[np.ndarray]:
        def work(some: slice, groups: np.ndarray) -> np.ndarray:
            return density(groups, volunteers[some], Boxes(*boxes[some].T), EPS_OVERLAP)

        return in_chunks(subjects, work)

    own, labels = cpu_seconds(ours)
    seconds, expected = cpu_seconds(peer)
    return {
        "subjects": subjects,
        "boxes": len(boxes),
        "labels_equal": bool((np.concatenate(labels) == np.array(expected)).all()),
        "pair_by_pair_cpu_s": round(seconds, 2),
        "clustering_cpu_s": round(own, 3),
        "ratio": round(seconds / own, 1),
    }


def distance(one: list[float], other: list[float]) -> float:
    """1 - IoU of two boxes: centre, width, height."""
    across = min(one[0] + one[2] / 2, other[0] + other[2] / 2) - max(one[0] - one[2] / 2, other[0] - other[2] / 2)
    down = min(one[1] + one[3] / 2, other[1] + other[3] / 2) - max(one[1] - one[3] / 2, other[1] - other[3] / 2)
    common = max(across, 0) * max(down, 0)
    # scikit-learn refuses what rounding makes less than zero.
    return max(1 - common / (one[2] * one[3] + other[2] * other[3] - common), 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="100,000 subjects of points and 5,000 of boxes")
    options = parser.parse_args()
    compare_points(5_000)  # first calls load libraries and take memory
    points, boxes = (100_000, 5_000) if options.full else (10_000, 500)
    result = {"points": compare_points(points), "boxes": compare_boxes(boxes)}
    result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
