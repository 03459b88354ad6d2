"""Row accounting: what entered each stage, and where it went."""

from typing import Any

import polars as pl
import pytest

from tests.builders import answer, classification_row
from tests.task_types.samples import VERSION, Sample, flat, sample
from zoo_dag.ledger.accounting import Unversioned, accounting_rows, total_accounting, version_accounting
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.tables.ledger import EXCLUSION_REASONS

POINT = {"task": "T2", "task_label": "Mark", "value": [{"x": 1, "y": 2, "tool": 0, "tool_label": "Nest"}]}
IMPORTS = TABLES["imports"].dtypes
RAW_VERSIONS = TABLES["raw_versions"].dtypes
QUARANTINE = TABLES["raw_quarantine"].dtypes


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
    twice = given.questions.with_columns(value=pl.lit("1")).select(columns)
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


def test_the_accounting_is_in_the_order_of_the_versions_with_the_rows_without_one() -> None:
    raw_versions = pl.DataFrame(
        [
            {"workflow_id": 11, "workflow_version": version, "n_read": 5, "n_rows": 4, "n_merged": 1}
            for version in ("3.9", "3.10", "3.2")
        ],
        schema={name: RAW_VERSIONS[name] for name in RAW_VERSIONS},
    )
    imports = pl.DataFrame(
        [
            {"source_file": "c.csv", "kind": "classifications", "n_rows": 16, "n_quarantined": 1},
            {"source_file": "s.csv", "kind": "subjects", "n_rows": 7},
        ],
        schema=IMPORTS,
    )
    quarantine = pl.DataFrame([{"kind": "classifications"}, {"kind": "subjects"}], schema=QUARANTINE)
    forgotten = pl.DataFrame(
        [
            {"table": "raw_subjects", "kind": "subjects", "n_rows": 2},
            {"table": "raw_classifications", "kind": "classifications", "n_rows": 100},
        ],
        schema=TABLES["forgotten"].dtypes,
    )
    everything = total_accounting(
        raw_versions,
        TABLES["version_accounting"].empty(),
        Unversioned(imports, quarantine, forgotten, {"subjects": 4}),
    )
    columns = ["workflow_version", "unit", "rows_in", "rows_out", "quarantined", "merged", "balanced"]
    assert everything.select(columns).rows() == [
        ("3.2", "rows", 5, 4, 0, 1, True),
        ("3.9", "rows", 5, 4, 0, 1, True),
        ("3.10", "rows", 5, 4, 0, 1, True),
        (None, "classifications rows without a version", 1, 0, 1, 0, True),
        (None, "subjects rows", 5, 4, 1, 0, True),
    ]


def test_the_accounting_needs_every_flattened_table() -> None:
    given = flat([answer()])
    tables = {name: table.lazy() for name, table in given.tables.items() if name != FLATTENED[-1]}
    with pytest.raises(KeyError, match=FLATTENED[-1]):
        version_accounting(VERSION, given.raw.lazy(), tables, given.n_elements)
