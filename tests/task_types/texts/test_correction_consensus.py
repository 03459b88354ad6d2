"""Consensus of corrections, and the text that they make."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from tests.builders import answer, classification_row, workflow_row
from tests.task_types.samples import sample, seen_by
from zoo_dag.consensus.rules import UNIT
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.task_columns import SUBJECT
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Agreement
from zoo_dag.store.given_texts import GIVEN_TEXTS
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.declaration import Consensus
from zoo_dag.task_types.texts import TEXTS
from zoo_dag.task_types.texts.correction_consensus import CORRECTIONS

WORKFLOW = workflow_row(
    tasks={"T0": {"type": "textFromSubject", "instruction": "T0.instruction"}},
    strings={"T0.instruction": "Correct the text"},
)
GIVEN = {"101": "Tho cat sat on teh mat"}


def consensus(of: Consensus, given: Mapping[str, str] | None, *texts: str | None) -> pl.DataFrame:
    """A consensus of texts that volunteers sent of subject 101; `given` are given texts by subject."""
    rows = [classification_row(number, annotations=[answer(value=text)]) for number, text in enumerate(texts, 1)]
    found = sample(rows, [WORKFLOW]).tables
    annotations = {"text_annotations": found["text_annotations"].lazy()}
    annotations["drawing_annotations"] = TABLES["drawing_annotations"].empty().lazy()
    annotations[SEEN] = seen_by(list(annotations.values()))
    if given is not None:
        pairs: Any = list(given.items())
        annotations[GIVEN_TEXTS] = pl.LazyFrame(
            pairs, schema={"subject_ids": pl.String, "given": pl.String}, orient="row"
        )
    return aggregate(of, annotations, found["tasks"].lazy(), VERSION, Settings()).table.collect()


COLUMNS = ("before", "after", "votes", "n_answered", "n_changed", "rank", "accepted", "to_review")
SENT = (
    "The cat sat on the mat",
    "The cat sat on teh mat",
    "Tho cat sat on teh mat",
    None,
    "Tho cat sat on the mat",
    "",
)


def test_each_changed_place_is_a_row_measured_by_those_who_changed_anything() -> None:
    found = consensus(CORRECTIONS, GIVEN, *SENT)
    assert found.select(COLUMNS).rows() == [
        ("Tho", "The", 2, 4, 3, 1, True, False),
        ("teh", "the", 2, 4, 3, 1, True, False),
    ]
    assert found.select("start", "end").rows() == [(0, 3), (15, 18)]
    assert found["fraction"].to_list() == [2 / 3, 2 / 3]
    assert (found["fraction_low"] < 2 / 3).all()
    assert found.select("n_classifications", "n_blank").row(0) == (6, 2)
    rules = {**UNIT, **CORRECTIONS.rules}
    assert not any(found.select(broken.fill_null(False).any()).item() for broken in rules.values())


def test_what_is_accepted_by_fewer_than_half_is_to_be_reviewed() -> None:
    others = [f"Tho cat sat on teh mat {number}" for number in range(3)]
    found = consensus(CORRECTIONS, GIVEN, SENT[0], SENT[0], *others).filter("accepted")
    assert found.select("after", "votes", "n_changed", "to_review").rows() == [
        ("The", 2, 5, True),
        ("the", 2, 5, True),
    ]


def test_a_unit_keeps_a_row_whatever_is_known_of_it() -> None:
    unchanged = consensus(CORRECTIONS, GIVEN, GIVEN["101"], GIVEN["101"])
    assert unchanged.select(COLUMNS).rows() == [(None, None, None, 2, 0, None, None, None)]
    for given in ({"102": "another"}, None):
        unknown = consensus(CORRECTIONS, given, *SENT)
        assert unknown.select(COLUMNS).rows() == [(None, None, None, 4, None, None, None, None)]


def test_the_text_is_the_given_one_with_what_is_accepted() -> None:
    (row,) = consensus(TEXTS.consensus_tables[0], GIVEN, *SENT).to_dicts()
    assert (row["text"], row["method"], row["n_answered"]) == ("The cat sat on the mat", "correction", 4)
    assert [(token["token"], token["votes"]) for token in row["tokens"]][:2] == [("The", 2), ("cat", 4)]
    assert row["agreement"] == (2 + 4 + 4 + 4 + 2 + 4) / 24
    (aligned,) = consensus(TEXTS.consensus_tables[0], None, *SENT).to_dicts()
    assert aligned["method"] == "star_alignment"


def test_the_summary_counts_corrections_and_what_to_review() -> None:
    rows = consensus(CORRECTIONS, GIVEN, *SENT)
    assert CORRECTIONS.task_columns.named(rows, "T0", Agreement()).to_dicts() == [
        {SUBJECT: "101", "T0_corrections": 2, "T0_to_review": 0, "T0_n_changed": 3}
    ]
    unknown = CORRECTIONS.task_columns.named(consensus(CORRECTIONS, None, *SENT), "T0", Agreement())
    assert unknown.select("T0_corrections", "T0_to_review").row(0) == (None, None)
