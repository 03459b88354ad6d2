"""The plan of the next runs, from what is stale, running and tried: plain values in, plain values out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_dag.dagster.planner import Lacking, PlannedRun, Running, State, Tried, plan

ORDER = ["10-v3.2", "10-v3.9", "10-v3.10", "11-v1.1"]
BYTES_PER_RUN = 64 << 20
VERSION_TABLE, POOLED_TABLE = "question_consensus", "pooled_question_consensus"


def stale_versions(*keys: str, version: str = "a") -> dict[str, dict[str | None, str]]:
    """One table stale in each of these versions."""
    return {VERSION_TABLE: dict.fromkeys(keys, version)}


def planned(stale, **state) -> list[PlannedRun]:
    sizes, most = state.pop("raw_bytes", dict.fromkeys(ORDER, 1)), state.pop("bytes_per_run", BYTES_PER_RUN)
    return plan(State(stale, ORDER, sizes, most, **state))


def after(tried: dict[str, Tried] | set[str]):
    """What became of runs, by their keys; those of a set failed."""
    became = tried if isinstance(tried, dict) else dict.fromkeys(tried, Tried.FAILED)
    return lambda run: became.get(run.run_key, Tried.NOT_YET)


def jobs(runs: list[PlannedRun]) -> list[tuple[str, tuple[str, ...]]]:
    return [(run.job, run.partitions) for run in runs]


def test_nothing_stale_is_nothing_to_do():
    assert planned({}) == []


def test_what_all_versions_share_comes_first_and_alone():
    stale = {"subjects": {None: "a"}, **stale_versions(*ORDER), POOLED_TABLE: {"10": "a"}}
    assert jobs(planned(stale)) == [("import_exports", ())]


def test_neighbouring_small_versions_share_a_run_also_over_workflows():
    assert jobs(planned(stale_versions(*ORDER))) == [("one_version", tuple(ORDER))]


def test_a_version_that_is_not_stale_divides_a_range():
    assert jobs(planned(stale_versions("10-v3.2", "10-v3.10"))) == [
        ("one_version", ("10-v3.2",)),
        ("one_version", ("10-v3.10",)),
    ]


def test_a_large_version_has_a_run_of_its_own():
    large = {**dict.fromkeys(ORDER, 1), "10-v3.9": 100 << 20}
    assert jobs(planned(stale_versions(*ORDER), raw_bytes=large)) == [
        ("one_version", ("10-v3.2",)),
        ("one_version", ("10-v3.9",)),
        ("one_version", ("10-v3.10", "11-v1.1")),
    ]


def test_a_smaller_size_makes_more_runs():
    assert jobs(planned(stale_versions(*ORDER), bytes_per_run=2)) == [
        ("one_version", ("10-v3.2", "10-v3.9")),
        ("one_version", ("10-v3.10", "11-v1.1")),
    ]


def test_a_run_builds_the_tables_that_are_stale_in_any_of_its_versions():
    stale = {**stale_versions("10-v3.2"), "slider_consensus": {"10-v3.9": "a"}}
    (run,) = planned(stale)
    assert (run.partitions, run.tables) == (("10-v3.2", "10-v3.9"), (VERSION_TABLE, "slider_consensus"))


def test_a_workflow_waits_only_for_its_versions():
    stale = {**stale_versions("10-v3.9"), POOLED_TABLE: {"10": "a", "11": "a"}}
    assert jobs(planned(stale)) == [("one_version", ("10-v3.9",)), ("pooled_only", ("11",))]


def test_neighbouring_small_workflows_share_a_run_and_are_pooled_one_by_one_where_it_fails():
    stale = {POOLED_TABLE: {"10": "a", "11": "a"}}
    (together,) = planned(stale)
    assert (together.job, together.partitions) == ("pooled_only", ("10", "11"))
    alone = planned(stale, tried=after({together.run_key}))
    assert jobs(alone) == [("pooled_only", ("10",)), ("pooled_only", ("11",))]
    assert planned(stale, tried=after({together.run_key, *(run.run_key for run in alone)})) == []


def test_a_large_workflow_is_pooled_alone():
    large = {**dict.fromkeys(ORDER, 1), "10-v3.2": 40 << 20, "10-v3.9": 40 << 20}
    runs = planned({POOLED_TABLE: {"10": "a", "11": "a"}}, raw_bytes=large)
    assert jobs(runs) == [("pooled_only", ("10",)), ("pooled_only", ("11",))]


def test_a_workflow_waits_for_a_version_that_is_running():
    running = Running(frozenset({"10-v3.2"}))
    assert planned({POOLED_TABLE: {"10": "a"}}, running=running) == []


def test_the_accounting_comes_last():
    stale = {**stale_versions("10-v3.9"), "accounting": {None: "a"}, "quarantine": {None: "a"}}
    assert jobs(planned(stale)) == [("one_version", ("10-v3.9",))]
    del stale[VERSION_TABLE]
    assert jobs(planned(stale, running=Running(frozenset({"10"})))) == []
    assert jobs(planned(stale)) == [("row_accounting", ())]


def test_nothing_starts_during_an_import():
    assert planned(stale_versions(*ORDER), running=Running(shared=True)) == []


def test_a_version_that_is_running_is_not_started_again():
    assert jobs(planned(stale_versions("10-v3.2", "10-v3.9"), running=Running(frozenset({"10-v3.2"})))) == [
        ("one_version", ("10-v3.9",))
    ]


def test_a_range_that_failed_is_tried_version_by_version_and_then_left():
    stale = {**stale_versions("10-v3.2", "10-v3.9"), POOLED_TABLE: {"10": "a"}}
    (together, *_) = planned(stale)
    tried = {together.run_key}
    alone = planned(stale, tried=after(tried))
    assert jobs(alone) == [("one_version", ("10-v3.2",)), ("one_version", ("10-v3.9",))]
    tried |= {run.run_key for run in alone}
    assert jobs(planned(stale, tried=after(tried))) == [("pooled_only", ("10",))]


def test_versions_that_failed_alone_are_not_joined_again():
    stale = stale_versions(*ORDER)
    tried = {planned(stale)[0].run_key}
    alone = planned(stale, tried=after(tried))
    # The last one succeeds, and is not stale any more.
    tried |= {run.run_key for run in alone}
    assert planned(stale_versions(*ORDER[:3]), tried=after(tried)) == []


def test_a_range_that_somebody_cancelled_is_neither_repeated_nor_divided():
    stale = stale_versions("10-v3.2", "10-v3.9")
    (together,) = planned(stale)
    assert planned(stale, tried=after({together.run_key: Tried.STOPPED})) == []


def test_the_key_changes_with_the_wanted_version_and_with_nothing_else():
    (first,) = planned(stale_versions("10-v3.9"))
    (same,) = planned({**stale_versions("10-v3.9")}, raw_bytes=dict.fromkeys(ORDER, 7))
    (other,) = planned(stale_versions("10-v3.9", version="b"))
    assert first.run_key == same.run_key != other.run_key


TABLES_OF = {
    "subjects": [None],
    VERSION_TABLE: ORDER,
    "slider_consensus": ORDER,
    POOLED_TABLE: ["10", "11"],
    "accounting": [None],
}


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_every_stale_table_is_built_once_and_the_plan_comes_to_an_end(data):
    stale = {
        name: dict.fromkeys(data.draw(st.sets(st.sampled_from(keys))), "a") for name, keys in TABLES_OF.items()
    }
    left = {name: dict(versions) for name, versions in stale.items() if versions}
    failing = data.draw(st.sets(st.sampled_from(ORDER)))
    tried: set[str] = set()
    for _ in range(20):
        runs = plan(State(left, ORDER, dict.fromkeys(ORDER, 1), BYTES_PER_RUN, tried=after(tried)))
        if not runs:
            break
        for run in runs:
            assert run.run_key not in tried
            tried.add(run.run_key)
            if not failing.intersection(run.partitions):
                for name in run.tables:
                    for key in run.partitions or (None,):
                        left[name].pop(key, None)
        left = {name: versions for name, versions in left.items() if versions}
    assert {key for versions in left.values() for key in versions} <= failing


LARGE, PARTS = "10-v3.9", ("10-v3.9-part-1-of-2", "10-v3.9-part-2-of-2")
PARSED, FLATTENED = "classifications", "question_annotations"
STALE_LARGE = {name: {LARGE: "a"} for name in ("tasks", PARSED, FLATTENED)} | {POOLED_TABLE: {"10": "a"}}


def of_large(*lacking: str, stale=STALE_LARGE, **state) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """What is planned where these tables lack both parts."""
    steps = {LARGE: [Lacking({name: "part of a"}, PARTS) for name in lacking]}
    return [(run.job, run.partitions, run.tables) for run in planned(stale, lacking=steps, **state)]


def without(*names: str) -> dict[str, dict[str | None, str]]:
    return {name: versions for name, versions in STALE_LARGE.items() if name not in names}


def test_a_large_version_is_built_step_by_step_each_of_its_parts_alone():
    assert of_large(PARSED, FLATTENED) == [("one_version", (LARGE,), ("tasks",))]
    parts = [("version_part", (part,), (PARSED,)) for part in PARTS]
    assert of_large(PARSED, FLATTENED, stale=without("tasks")) == parts
    assert of_large(FLATTENED, stale=without("tasks")) == [("one_version", (LARGE,), (PARSED,))]
    assert of_large(stale=without("tasks", PARSED)) == [("one_version", (LARGE,), (FLATTENED,))]


def test_a_large_version_waits_for_its_parts_and_its_workflow_for_it():
    for running in (LARGE, PARTS[1]):
        assert of_large(PARSED, FLATTENED, running=Running(frozenset({running}))) == []
    others = {**STALE_LARGE, PARSED: {LARGE: "a", "11-v1.1": "a"}}
    assert of_large(PARSED, stale=others, running=Running(frozenset({PARTS[0]}))) == [
        ("one_version", ("11-v1.1",), (PARSED,))
    ]


def test_where_a_part_failed_the_version_is_built_in_one_run():
    lacking = {LARGE: [Lacking({name: "part of a"}, PARTS) for name in (PARSED, FLATTENED)]}
    stale = without("tasks")
    _, second = planned(stale, lacking=lacking)
    after_failure = planned(stale, lacking=lacking, tried=after({second.run_key}))
    assert [(run.job, run.tables) for run in after_failure] == [("one_version", (PARSED,))]
    cancelled = after({second.run_key: Tried.STOPPED})
    assert jobs(planned(stale, lacking=lacking, tried=cancelled)) == [("pooled_only", ("10",))]


def test_parts_of_another_zoo_dag_are_built_again() -> None:
    """They fit together with its own alone, also where the table is to have the same data version."""
    stale = without("tasks")
    before, after_upgrade = ({LARGE: [Lacking({PARSED: version}, PARTS)]} for version in ("1.0 a", "1.1 a"))
    built = dict.fromkeys([run.run_key for run in planned(stale, lacking=before)], Tried.STOPPED)
    runs = planned(stale, lacking=after_upgrade, tried=after(built))
    assert jobs(runs)[:2] == [("version_part", (part,)) for part in PARTS]
