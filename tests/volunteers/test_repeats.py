"""How consistent volunteers are with themselves."""

import polars as pl

from zoo_dag.volunteers.repeats import self_consistency

Row = tuple[str, str | None, str, str]


def consistency(rows: list[Row]) -> dict[str, tuple[int, float]]:
    """By volunteer, from subject, option, volunteer and label in the order of time."""
    names = ("subject_ids", "option", "user_key", "label")
    schema = dict.fromkeys(names, pl.String())
    ballots = pl.DataFrame(rows, schema, orient="row").with_row_index("classification_id")
    ballots = ballots.with_columns(task=pl.lit("T0"), created_at=pl.lit(0))
    found = self_consistency(ballots.lazy(), ["task"]).collect()
    return {row["user_key"]: (row["n_repeats"], row["self_consistency"]) for row in found.to_dicts()}


def test_later_votes_are_compared_with_the_first() -> None:
    assert consistency(
        [
            ("1", None, "user:1", "cat"),
            ("1", None, "user:1", "dog"),
            ("1", None, "user:1", "cat"),
            ("2", None, "user:1", "cat"),
            ("3", None, "user:2", "cat"),
            ("3", None, "user:2", "cat"),
            # Two people who were not logged in repeat nothing, one of them does.
            ("4", None, "session:a", "cat"),
            ("4", None, "session:b", "dog"),
            ("4", None, "session:b", "cat"),
        ]
    ) == {"user:1": (2, 0.5), "user:2": (1, 1.0), "anonymous": (1, 0.0)}


def test_of_several_answers_those_count_that_were_given() -> None:
    rows: list[Row] = [
        (subject, option, "user:1", label)
        for subject, option, labels in (
            ("1", "owl", ("yes", "yes")),
            ("1", "fox", ("no", "yes")),
            ("1", "elk", ("no", "no")),
        )
        for label in labels
    ]
    assert consistency(rows) == {"user:1": (2, 0.5)}
