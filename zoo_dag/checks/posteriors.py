"""Checks of posteriors and skills: they are probabilities and shares."""

from collections.abc import Callable

import polars as pl

from zoo_dag.checks.consensus import evaluate_rules
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.consensus.rules import Rules, fractions, ordered
from zoo_dag.task_types.posteriors import VOLUNTEERS, WEIGHED

_RULES: Rules = {
    **fractions("posterior", "posterior_calibrated"),
    "method is plurality where there is a reason": pl.col("reason").is_not_null()
    & (pl.col("method") != "plurality"),
}
RULES = {
    **dict.fromkeys(WEIGHED, _RULES),
    VOLUNTEERS: {
        **fractions("agreement", "gold_accuracy"),
        **ordered("skill_low", "skill", "skill_high"),
        "n_votes is 1 or more": pl.col("n_votes") < 1,
    },
}


def is_consistent(table: str) -> Callable[[CheckInput], Finding]:
    """A check that a table of posteriors, or that of the volunteers, is consistent."""
    return lambda inputs: evaluate_rules(inputs.tables[table], RULES[table], table)
