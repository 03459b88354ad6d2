"""What the Panoptes formatter really exported for hand-made annotations, flattened back to what was stored."""

from collections import Counter
from typing import Any

import pytest

from tests.builders import workflow_row
from tests.task_types.samples import NO_WORKFLOWS, Sample, flat

Case = dict[str, Any]

# Stored values that the exporter destroys, by case and classifier; of all others label and index
# come back.
LOSSES: dict[str, list[tuple[Any, ...]]] = {
    "single oob v1": [("T0", "unknown_label", None, None)],
    "single str v1": [("T0", "unknown_label", None, None)],
    "single bool v1": [("T0", "unknown_label", None, None)],
    "single dict v1": [("T0", "unknown_label", None, None)],
    "single false v1": [("T0", "unknown_label", None, None)],
    # A negative index is the last answer to the server.
    "single neg v1": [("T0", "answered", 1, "No")],
    # The first answer only.
    "single list v1": [("T0", "answered", 0, "Yes")],
    # Answer 2 has no label in `strings`.
    "multi v1": [("T1", "unknown_label", None, None), ("T1", "answered", 0, "Red")],
    "multi bad v1": [("T1", "answered", 0, "Red"), ("T1", "unknown_label", None, None)],
}
# Without the version the exporter leaves an index; its task type is told by nothing.
NOT_QUESTIONS = {"missing ver": ("unknown", "answered")}


def exported(golden: dict[str, Any]) -> list[Case]:
    """The cases that can occur in a finished file."""
    return [case for case in golden["cases"] if "exported" in case]


def task_type(golden: dict[str, Any], case: Case) -> str:
    return str(golden["tasks"].get(case["stored"]["task"], {}).get("type"))


def flattened(golden: dict[str, Any], case: Case) -> Sample:
    known = [workflow_row(tasks=golden["tasks"], strings=golden["strings"])]
    return flat([case["exported"]], workflows=known if case["version_found"] else NO_WORKFLOWS)


def stored_rows(golden: dict[str, Any], stored: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows that a stored answer of positions has to give: `task, status, answer_index, answer`."""
    task, value = stored["task"], stored.get("value")
    positions = value if isinstance(value, list) else [] if value is None else [value]
    labels = [golden["strings"][f"{task}.answers.{int(position)}.label"] for position in positions]
    rows = [(task, "answered", int(position), label) for position, label in zip(positions, labels, strict=True)]
    return rows or [(task, "blank", None, None)]


def test_every_question_case_comes_back_as_stored_or_as_the_documented_loss(golden: dict[str, Any]) -> None:
    seen: Counter[str] = Counter()
    for case in exported(golden):
        kind = task_type(golden, case)
        if kind not in ("single", "multiple", "shortcut") or case["name"] in NOT_QUESTIONS:
            continue
        seen[kind] += 1
        expected = LOSSES.get(f"{case['name']} {case['classifier']}") or stored_rows(golden, case["stored"])
        given = flattened(golden, case)
        assert given.answers() == expected, case["name"]
        assert given.row_accounting()["balanced"], case["name"]
        assert set(given.questions["task_type"]) == {kind}
    assert seen == {"single": 13, "multiple": 6, "shortcut": 3}


def test_an_index_without_its_version_is_kept_whole(golden: dict[str, Any]) -> None:
    for case in exported(golden):
        if case["name"] in NOT_QUESTIONS:
            given = flattened(golden, case)
            assert [row[3:] for row in given.elements()] == [NOT_QUESTIONS[case["name"]]]
            assert given.tables["other_annotations"]["value"].to_list() == ["1"]


def test_the_children_of_the_combo_case_come_back_as_stored(golden: dict[str, Any]) -> None:
    (case,) = (case for case in exported(golden) if case["name"] == "combo")
    given = flattened(golden, case)
    assert given.answers("annotation_index", "task", "parent_task", "status", "answer_index", "answer") == [
        (0, "T0", "T5", "answered", 0, "Yes"),
        (3, "T9", "T5", "answered", 0, "Nothing here"),
    ]
    held = given.quarantine.select("annotation_index", "found").rows()
    assert held == [
        (5, '{"error":"combo tasks cannot be nested"}'),
        (6, '{"task":"NOPE","value":1}'),
    ]
    others = {row[1]: row[2] for row in given.elements() if row[2] not in ("T0", "T9")}
    assert others == {1: "T3", 2: "T4", 4: "T6"}
    assert given.row_accounting()["rows_in"] == 7
    assert given.row_accounting()["balanced"]


@pytest.mark.parametrize(
    ("name", "rows", "held"),
    [
        ("combo scalar", [], ["0"]),
        ("combo str item", [], ['"x"']),
        ("combo empty", [(1001, 0, "T5", "combo", "blank")], []),
        ("combo null", [(1001, 0, "T5", "combo", "blank")], []),
    ],
)
def test_combos_without_proper_children(
    golden: dict[str, Any], name: str, rows: list[Any], held: list[str]
) -> None:
    (case,) = (case for case in exported(golden) if case["name"] == name)
    given = flattened(golden, case)
    assert given.elements() == rows
    assert given.quarantine["found"].to_list() == held
    assert given.row_accounting()["balanced"]


def test_every_case_lands_somewhere_and_the_accounting_balances(golden: dict[str, Any]) -> None:
    for case in exported(golden):
        given = flattened(golden, case)
        accounting = given.row_accounting()
        assert accounting["balanced"], case["name"]
        assert accounting["rows_in"] >= 1, case["name"]
        assert len(given.elements()) + given.quarantine.height >= 1, case["name"]


def test_all_cases_in_one_annotation_balance_too(golden: dict[str, Any]) -> None:
    known = [workflow_row(tasks=golden["tasks"], strings=golden["strings"])]
    given = flat([case["exported"] for case in exported(golden)], workflows=known)
    accounting = given.row_accounting()
    assert accounting["balanced"]
    # The one combo with seven children counts as seven.
    assert accounting["rows_in"] == len(exported(golden)) + 6
