"""The result of a check over several partitions."""

import polars as pl

from zoo_dag.checks.finding import Finding, combine


def test_the_result_of_one_partition_is_its_finding():
    bad = Finding("3 rows are wrong.", {"rows": 9}, passed=False, advice="Import again.")
    result = combine({"10-v3.2": bad})
    assert result.description == "3 rows are wrong. Import again."
    assert (result.passed, result.is_error, result.failing, result.numbers) == (
        False,
        False,
        ("10-v3.2",),
        {"rows": 9},
    )


def test_a_check_that_passes_gives_no_advice():
    assert combine({None: Finding("All is well.", advice="Import again.")}).description == "All is well."


def test_counts_are_added_and_the_largest_share_is_kept():
    result = combine(
        {
            "1-v1.1": Finding("", {"rows": 10, "share": 0.5, "wrong": 5}),
            "1-v1.2": Finding("", {"rows": 30, "share": 0.1, "wrong": 3}),
        }
    )
    assert result.numbers == {"rows": 40, "share": 0.5, "wrong": 8}
    assert result.description == "All 2 partitions pass."


def test_failing_partitions_are_named_with_their_messages_and_the_advice_once():
    good, bad, worse = (
        Finding("fine."),
        Finding("2 rows wrong.", passed=False, advice="Import again."),
        Finding("9 rows wrong.", passed=False, is_error=True, advice="Import again."),
    )
    result = combine({"1-v1.1": good, "1-v1.2": bad, "1-v1.3": worse, "1-v1.4": bad})
    assert result.description == (
        "3 of 4 partitions do not pass. 1-v1.2, 1-v1.4: 2 rows wrong. 1-v1.3: 9 rows wrong. Import again."
    )
    assert result.failing == ("1-v1.2", "1-v1.3", "1-v1.4")
    assert result.is_error


def test_the_description_of_many_partitions_stays_short():
    findings = {f"1-v1.{n}": Finding(f"{n} rows wrong.", passed=False, advice="Import again.") for n in range(300)}
    result = combine(findings)
    assert len(result.description) < 300
    assert "Similar in 1-v1.3, 1-v1.4, 1-v1.5, 1-v1.6, 1-v1.7 and 292 more." in result.description
    assert len(result.failing) == 300


def test_examples_of_several_partitions_say_which_partition_they_are_of():
    rows = pl.DataFrame({"task": ["T0", "T1", "T2"]})
    result = combine(
        {
            "1-v1.1": Finding("", passed=False, examples=rows),
            "1-v1.2": Finding("", passed=False, examples=rows),
            "1-v1.3": Finding("", examples=rows),
        }
    )
    assert result.examples.rows() == [
        ("1-v1.1", "T0"),
        ("1-v1.1", "T1"),
        ("1-v1.1", "T2"),
        ("1-v1.2", "T0"),
        ("1-v1.2", "T1"),
    ]


def test_a_finding_without_shares_and_faults_is_of_nothing() -> None:
    assert Finding("", {"rows": 7, "share": 0.0}).is_of_nothing
    assert not Finding("", {"rows": 7, "share": 0.1}).is_of_nothing
    assert not Finding("", {"rows": 7}, passed=False).is_of_nothing
