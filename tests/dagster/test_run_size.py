"""What runs ask of Kubernetes."""

import json
from types import SimpleNamespace

import dagster as dg
import pytest

from zoo_dag.dagster.planner import (
    BUILD_PART,
    BUILD_VERSIONS,
    POOL_WORKFLOW,
    ROW_ACCOUNTING,
    Lacking,
    PlannedRun,
    State,
)
from zoo_dag.dagster.run_size import CONFIG, bytes_read, container, size_tags

MEBIBYTE = 1 << 20
SIZES = {"10-v3.2": 5, "10-v3.10": 7, "11-v1.1": 100}


def test_a_larger_version_asks_for_more_memory_and_cores() -> None:
    assert container(0)["resources"] == {
        "requests": {"cpu": "1", "memory": "1024Mi"},
        "limits": {"memory": "2048Mi"},
    }
    # 500,000 answers to questions.
    assert container(40 * MEBIBYTE) == {
        "resources": {"requests": {"cpu": "3", "memory": "1344Mi"}, "limits": {"memory": "2688Mi"}},
        "env": [{"name": "POLARS_MAX_THREADS", "value": "3"}],
    }
    assert container(1024 * MEBIBYTE)["env"] == [{"name": "POLARS_MAX_THREADS", "value": "4"}]


@pytest.mark.parametrize(
    ("megabytes", "gibibytes"),
    # benchmarks/README.md: questions, also one tenth longer, drawings and points.
    [(40, 0.88), (400, 3.71), (90, 1.41), (61, 1.42)],
)
def test_a_run_asks_for_what_was_measured_and_not_for_twice_as_much(megabytes: float, gibibytes: float) -> None:
    asked = container(int(megabytes * 1e6))["resources"]["requests"]["memory"]
    assert gibibytes < int(asked.removesuffix("Mi")) / 1024 < 2 * gibibytes


def test_a_run_reads_its_versions_and_a_workflow_all_of_its_own() -> None:
    lacking = {"11-v1.1": [Lacking(("flat_questions",), ("11-v1.1-part-1-of-4",))]}

    def read(job: str, *keys: str, tables: tuple[str, ...] = ()) -> int:
        return bytes_read(PlannedRun(job, tables, keys, "key"), State({}, [*SIZES], SIZES, 1, lacking))

    assert read(BUILD_VERSIONS, "10-v3.2", "10-v3.10") == 12
    assert read(POOL_WORKFLOW, "11") == 100
    assert read(BUILD_PART, "11-v1.1-part-2-of-4") == 25
    # From parts, and whole because a part could not be made.
    assert read(BUILD_VERSIONS, "11-v1.1", tables=("classifications",)) == 25
    assert read(BUILD_VERSIONS, "11-v1.1", tables=("flat_questions", "quarantine")) == 100
    assert read(ROW_ACCOUNTING) == 0


def test_only_runs_that_kubernetes_launches_have_the_tag() -> None:
    class Launcher:
        pass

    Launcher.__module__ = "dagster_k8s.launcher"
    (tag, value), *others = size_tags(SimpleNamespace(run_launcher=Launcher()), 0).items()
    assert (tag, json.loads(value), others) == (CONFIG, {"container_config": container(0)}, [])
    with dg.DagsterInstance.ephemeral() as instance:
        assert size_tags(instance, 0) == {}
