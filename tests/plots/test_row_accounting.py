"""Where rows went, and why some are in the quarantine."""

from tests.plots.samples import caption, image, nothing, paths, rows, texts
from zoo_dag.plots import row_accounting
from zoo_dag.wording.markdown import shown_at_once


def entry(version: str | None, stage: str, unit: str = "rows", **counts: int) -> dict:
    return {
        "workflow_id": None if version is None else 5,
        "workflow_version": version,
        "stage": stage,
        "unit": unit,
    } | {
        "excluded": 0,
        "quarantined": 0,
        "merged": 0,
        **counts,
    }


def test_the_accounting_of_a_version_has_a_bar_for_each_stage():
    found = [
        entry("3.2", "parsed", rows_in=100, rows_out=90, excluded=30, quarantined=10),
        entry("3.2", "flattened", "elements", rows_in=200, rows_out=150, merged=50),
    ]
    told = row_accounting.where_rows_went(rows("version_accounting", found), nothing)["where rows went"]
    assert texts(image(told))[:2] == ["100 parsed rows", "200 flattened elements"]
    assert caption(told) == "Rows and elements: kept 210, left out 30, quarantined 10, merged 50."
    kept, left_out, quarantined, merged = paths(image(told))
    assert kept == "M150 2h81v13h-81M150 20h202v13h-202"
    assert (left_out, quarantined, merged) == ("M231 2h40v13h-40", "M271 2h14v13h-14", "M352 20h68v13h-68")


def test_the_accounting_of_all_versions_has_a_bar_for_each_version():
    found = [
        entry("3.2", "raw", rows_in=10, rows_out=10),
        entry("3.2", "parsed", rows_in=10, rows_out=10),
        entry("3.10", "parsed", rows_in=20, rows_out=20),
        entry(None, "raw", "subjects rows", rows_in=5, rows_out=4, merged=1),
        entry(None, "raw", "workflows rows", rows_in=0, rows_out=0),
    ]
    told = row_accounting.where_rows_went(rows("accounting", found), nothing)["where rows went"]
    assert texts(image(told))[:3] == ["10 5-v3.2", "20 5-v3.10", "5 subjects rows"]
    assert caption(told) == "Rows of each version: kept 34, left out 0, quarantined 0, merged 1."


def test_of_many_versions_the_largest_are_drawn():
    found = [entry(f"1.{minor}", "parsed", rows_in=minor, rows_out=minor) for minor in range(1, 40)]
    told = row_accounting.where_rows_went(rows("accounting", found), nothing)["where rows went"]
    assert shown_at_once(told)
    assert texts(image(told))[0] == "39 5-v1.39"
    assert " 27 smaller ones are not drawn." in caption(told)


def test_an_empty_accounting_has_no_plot():
    assert row_accounting.where_rows_went(rows("accounting", []), nothing) == {}
    assert row_accounting.reasons(rows("quarantine", []), nothing) == {}


def test_reasons_are_counted_the_commonest_first():
    found = [{"column": "metadata", "reason": "expected a JSON object"}] * 2 + [{"column": None, "reason": None}]
    told = row_accounting.reasons(rows("quarantine", found), nothing)["reasons"]
    assert told.splitlines() == ["- 2 in `metadata`: `expected a JSON object`", "- 1 in `?`: `?`"]


def test_of_many_reasons_as_many_are_listed_as_fit():
    found = [{"column": "metadata", "reason": f"reason {number:02}" + 60 * "x"} for number in range(50)]
    told = row_accounting.reasons(rows("quarantine", found), nothing)["reasons"]
    assert shown_at_once(told)
    told_apart = len(told.splitlines()) - 1
    assert 5 < told_apart < 50
    assert told.splitlines()[-1] == f"- {50 - told_apart} other reasons"
