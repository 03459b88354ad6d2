"""Row accounting: what entered each stage, and where it went."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from tests.builders import answer, classification_row
from tests.task_types.samples import VERSION, Sample, flat, sample
from zoo_dag.exports.reads import Reads
from zoo_dag.ledger.accounting import RawPart, accounting_rows, total_accounting, version_accounting
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.tables.ledger import EXCLUSION_REASONS

POINT = {"task": "T2", "task_label": "Mark", "value": [{"x": 1, "y": 2, "tool": 0, "tool_label": "Nest"}]}
IMPORTS = TABLES["imports"].dtypes
FORGOTTEN = TABLES["forgotten"].dtypes


def of_version(given: Sample, **replaced: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """The accounting of a version by stage; tables may be replaced by others."""
    frames = {name: table.lazy() for name, table in {**given.tables, **replaced}.items()}
    rows = version_accounting(VERSION, given.raw.lazy(), frames, given.n_elements)
    return {row["stage"]: row for row in rows.to_dicts()}


def test_the_accounting_of_a_version_counts_rows_and_elements() -> None:
    given = sample(
        [
            classification_row(1, annotations=[answer(), POINT, POINT, 0]),
            classification_row(2, annotations="[{"),
            classification_row(
                3, gold_standard=True, annotations=[answer("T9", [answer(), answer("T1", ["Red", "Blue"])])]
            ),
        ]
    )
    stages = of_version(given)
    parsed, flattened = stages["parsed"], stages["flattened"]
    counts = ("unit", "rows_in", "rows_out", "quarantined", "merged", "excluded", "balanced")
    assert [parsed[name] for name in counts] == ["rows", 3, 2, 1, 0, 1, True]
    assert [flattened[name] for name in counts] == ["elements", 6, 4, 1, 1, 0, True]
    assert (parsed["workflow_id"], parsed["workflow_version"]) == (11, "3.10")


def test_every_reason_to_leave_a_row_out_is_counted_apart() -> None:
    rows = [
        classification_row(1, user_id=1),
        classification_row(2, user_id=1),
        classification_row(3, user_id=1),
        classification_row(4, gold_standard=True),
    ]
    parsed = of_version(sample(rows))["parsed"]
    reasons = {reason: parsed[f"excluded_{reason}"] for reason in EXCLUSION_REASONS}
    assert reasons == {**dict.fromkeys(EXCLUSION_REASONS, 0), "gold_standard": 1, "repeat": 2}
    assert parsed["excluded"] == 3


def test_an_answer_of_many_rows_is_one_element() -> None:
    flattened = of_version(flat([answer("T1", ["Red", "Green", "Blue"], "Which colours?")]))["flattened"]
    assert (flattened["rows_in"], flattened["rows_out"], flattened["balanced"]) == (1, 1, True)


@pytest.mark.parametrize("table", ["question_annotations", "flattened_quarantine"])
def test_a_lost_row_unbalances_the_flattened_stage(table: str) -> None:
    given = flat([answer(), None], [answer(), None])
    assert of_version(given)["flattened"]["balanced"]
    assert not of_version(given, **{table: given.tables[table].head(1)})["flattened"]["balanced"]


def test_a_lost_classification_unbalances_the_parsed_stage() -> None:
    given = flat([answer()], [answer()])
    lost = given.tables["classifications"].head(1)
    assert not of_version(given, classifications=lost)["parsed"]["balanced"]


def test_an_element_in_two_tables_unbalances_the_flattened_stage() -> None:
    given = flat([answer()])
    columns = given.tables["other_annotations"].columns
    twice = given.questions.with_columns(value=pl.lit("1"), reason=None).select(columns)
    assert not of_version(given, other_annotations=twice)["flattened"]["balanced"]


def test_a_version_without_rows_is_balanced() -> None:
    assert {stage: row["balanced"] for stage, row in of_version(sample([])).items()} == {
        "parsed": True,
        "flattened": True,
    }


def test_missing_counts_are_0() -> None:
    frame = accounting_rows([{"stage": "raw", "unit": "rows", "rows_in": 2, "rows_out": 2}])
    assert frame.schema == TABLES["accounting"].dtypes
    assert frame.select("quarantined", "merged", "excluded", "balanced").row(0) == (0, 0, 0, True)


@pytest.mark.parametrize(
    ("counts", "balanced"),
    [
        ({"rows_in": 5, "rows_out": 3, "quarantined": 1, "merged": 1}, True),
        ({"rows_in": 5, "rows_out": 3, "quarantined": 1}, False),
        ({"rows_in": 3, "rows_out": 4, "merged": -1}, False),
    ],
)
def test_the_sums_match_or_they_do_not(counts: dict[str, int], balanced: bool) -> None:
    assert accounting_rows([{"stage": "raw", "unit": "rows", **counts}])["balanced"].to_list() == [balanced]


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 3, 5, hour, minute, tzinfo=UTC)


def imports_of(*records: tuple[str, str, dict[str, int]]) -> pl.DataFrame:
    """The table `imports` for files by name and kind, with the rows read by part; one an hour."""
    rows = [
        {"sha256": name, "kind": kind, "rows_read": json.dumps(parts), "imported_at": at(hour)}
        for hour, (name, kind, parts) in enumerate(records)
    ]
    return pl.DataFrame(rows, schema=IMPORTS)


SUMS = ["workflow_version", "unit", "rows_in", "rows_out", "quarantined", "merged", "balanced"]


def sums(raw: dict[str, RawPart], imports: pl.DataFrame, forgotten: Sequence[dict[str, Any]] = ()) -> list[tuple]:
    everything = total_accounting(
        raw, TABLES["version_accounting"].empty(), imports, pl.DataFrame(list(forgotten), schema=FORGOTTEN)
    )
    return everything.select(SUMS).rows()


def test_the_accounting_is_in_the_order_of_the_versions_with_the_rows_without_one() -> None:
    versions = {f"11-v{version}": 5 for version in ("3.9", "3.10", "3.2")}
    raw = {key: RawPart(4, Reads({"a": 5}, 1)) for key in versions}
    raw |= {
        "quarantine classifications": RawPart(1, Reads({"a": 1})),
        "subjects": RawPart(4, Reads({"b": 4})),
        "quarantine subjects": RawPart(1, Reads({"b": 1})),
    }
    imports = imports_of(
        ("a", "classifications", versions | {"quarantine classifications": 1}),
        ("b", "subjects", {"subjects": 4, "quarantine subjects": 1}),
    )
    assert sums(raw, imports) == sums(raw, imports.reverse())
    assert sums(raw, imports) == [
        ("3.2", "rows", 5, 4, 0, 1, True),
        ("3.9", "rows", 5, 4, 0, 1, True),
        ("3.10", "rows", 5, 4, 0, 1, True),
        (None, "classifications rows without a version", 1, 0, 1, 0, True),
        (None, "subjects rows", 5, 4, 1, 0, True),
    ]


def test_a_part_that_is_missing_or_older_than_the_imports_unbalances_the_sums() -> None:
    imports = imports_of(
        ("a", "classifications", {"11-v3.2": 5, "11-v3.9": 2}), ("b", "classifications", {"11-v3.2": 6})
    )
    assert sums({"11-v3.2": RawPart(5, Reads({"a": 5}))}, imports)[:2] == [
        ("3.2", "rows", 11, 5, 0, 0, False),
        ("3.9", "rows", 2, 0, 0, 0, False),
    ]


def test_rows_that_an_interrupted_import_stored_count_although_it_has_no_record() -> None:
    raw = {"11-v3.2": RawPart(6, Reads({"a": 5, "b": 6}, 5))}
    imports = imports_of(("a", "classifications", {"11-v3.2": 5}))
    assert sums(raw, imports)[0] == ("3.2", "rows", 11, 6, 0, 5, True)


def test_rows_that_were_forgotten_since_their_import_do_not_count() -> None:
    imports = imports_of(
        ("a", "classifications", {"11-v3.2": 5}),
        ("a", "classifications", {"11-v3.2": 5, "11-v3.9": 2}),
        ("b", "subjects", {"subjects": 4}),
    )
    of_version = {"table": "raw_classifications", "kind": "classifications", "workflow_id": 11}
    forgotten = [
        of_version | {"workflow_version": "3.9", "forgotten_at": at(5)},
        of_version | {"workflow_version": "3.2", "forgotten_at": at(0, 30)},
        {"table": "raw_subjects", "kind": "subjects", "workflow_id": 11, "forgotten_at": at(5)},
    ]
    raw = {"11-v3.2": RawPart(5, Reads({"a": 5})), "subjects": RawPart(1, Reads({"": 1}))}
    assert sums(raw, imports, forgotten) == [
        ("3.2", "rows", 5, 5, 0, 0, True),
        (None, "classifications rows without a version", 0, 0, 0, 0, True),
        (None, "subjects rows", 1, 1, 0, 0, True),
    ]


def test_the_accounting_needs_every_flattened_table() -> None:
    given = flat([answer()])
    tables = {name: table.lazy() for name, table in given.tables.items() if name != FLATTENED[-1]}
    with pytest.raises(KeyError, match=FLATTENED[-1]):
        version_accounting(VERSION, given.raw.lazy(), tables, given.n_elements)
