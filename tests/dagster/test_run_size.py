"""What runs ask of Kubernetes."""

import json
from types import SimpleNamespace

import dagster as dg

from zoo_dag.dagster.planner import BUILD_PART, BUILD_VERSIONS, POOL_WORKFLOW, ROW_ACCOUNTING, PlannedRun
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
        "resources": {"requests": {"cpu": "3", "memory": "1664Mi"}, "limits": {"memory": "3328Mi"}},
        "env": [{"name": "POLARS_MAX_THREADS", "value": "3"}],
    }
    assert container(1024 * MEBIBYTE)["env"] == [{"name": "POLARS_MAX_THREADS", "value": "4"}]


def test_a_run_reads_its_versions_and_a_workflow_all_of_its_own() -> None:
    def read(job: str, *keys: str) -> int:
        return bytes_read(PlannedRun(job, (), keys, "key"), SIZES)

    assert read(BUILD_VERSIONS, "10-v3.2", "10-v3.10") == 12
    assert read(POOL_WORKFLOW, "11") == 100
    assert read(BUILD_PART, "11-v1.1-part-2-of-4") == 25
    assert read(ROW_ACCOUNTING) == 0


def test_only_runs_that_kubernetes_launches_have_the_tag() -> None:
    class Launcher:
        pass

    Launcher.__module__ = "dagster_k8s.launcher"
    (tag, value), *others = size_tags(SimpleNamespace(run_launcher=Launcher()), 0).items()
    assert (tag, json.loads(value), others) == (CONFIG, {"container_config": container(0)}, [])
    with dg.DagsterInstance.ephemeral() as instance:
        assert size_tags(instance, 0) == {}
