"""What a check says of several partitions together."""

import polars as pl

from zoo_dag.checks.finding import Finding, verdict


def test_of_one_partition_the_finding_is_the_verdict():
    bad = Finding("3 rows are wrong.", {"rows": 9}, passed=False, advice="Import again.")
    found = verdict({"10-v3.2": bad})
    assert found.description == "3 rows are wrong. Import again."
    assert (found.passed, found.grave, found.failing, found.numbers) == (False, False, ("10-v3.2",), {"rows": 9})


def test_advice_is_not_given_where_all_is_well():
    assert verdict({None: Finding("All is well.", advice="Import again.")}).description == "All is well."


def test_counts_add_up_and_of_shares_the_largest_stays():
    found = verdict(
        {
            "1-v1.1": Finding("", {"rows": 10, "share": 0.5, "wrong": 5}),
            "1-v1.2": Finding("", {"rows": 30, "share": 0.1, "wrong": 3}),
        }
    )
    assert found.numbers == {"rows": 40, "share": 0.5, "wrong": 8}
    assert found.description == "All 2 partitions pass."


def test_the_partitions_that_fail_are_named_with_what_was_found_and_the_advice_once():
    good, bad, worse = (
        Finding("fine."),
        Finding("2 rows wrong.", passed=False, advice="Import again."),
        Finding("9 rows wrong.", passed=False, grave=True, advice="Import again."),
    )
    found = verdict({"1-v1.1": good, "1-v1.2": bad, "1-v1.3": worse, "1-v1.4": bad})
    assert found.description == (
        "3 of 4 partitions do not pass. 1-v1.2, 1-v1.4: 2 rows wrong. 1-v1.3: 9 rows wrong. Import again."
    )
    assert found.failing == ("1-v1.2", "1-v1.3", "1-v1.4")
    assert found.grave


def test_of_very_many_partitions_the_description_stays_short():
    findings = {f"1-v1.{n}": Finding(f"{n} rows wrong.", passed=False, advice="Import again.") for n in range(300)}
    found = verdict(findings)
    assert len(found.description) < 300
    assert "Much the same in 1-v1.3, 1-v1.4, 1-v1.5, 1-v1.6, 1-v1.7 and 292 more." in found.description
    assert len(found.failing) == 300


def test_examples_of_several_partitions_say_which_partition_they_are_of():
    rows = pl.DataFrame({"task": ["T0", "T1", "T2"]})
    found = verdict(
        {
            "1-v1.1": Finding("", passed=False, examples=rows),
            "1-v1.2": Finding("", passed=False, examples=rows),
            "1-v1.3": Finding("", examples=rows),
        }
    )
    assert found.examples.rows() == [
        ("1-v1.1", "T0"),
        ("1-v1.1", "T1"),
        ("1-v1.1", "T2"),
        ("1-v1.2", "T0"),
        ("1-v1.2", "T1"),
    ]
