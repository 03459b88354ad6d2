"""Checks of posteriors, skills, votes and what is made of votes: they are probabilities, shares and counts."""

from collections.abc import Callable

import polars as pl

from zoo_dag.checks.consensus import evaluate_rules
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.consensus.rules import Rules, fractions, ordered
from zoo_dag.task_types.posteriors import VOLUNTEERS, VOTES, WEIGHED
from zoo_dag.volunteers.ballots import NO, YES

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
    VOTES: {
        "label is yes or no where several may be given": pl.col("of_several") & ~pl.col("label").is_in([YES, NO]),
        "a vote has a classification": pl.col("workflow_version").is_null(),
    },
    "volunteer_activity": {
        **fractions("commonest_share", "commonest_share_of_all"),
        **ordered("n_counted", "n_classifications"),
        "effort is not negative": pl.col("effort_hours") < 0,
    },
    "task_agreement": {**fractions("drift", "drift_p", "drift_q"), **ordered("alpha_low", "alpha", "alpha_high")},
    "retirements": {
        **ordered("n_used", "n_votes"),
        "what is retired has a time": pl.col("rule").is_not_null() != pl.col("retired_at").is_not_null(),
    },
}


def is_consistent(table: str) -> Callable[[CheckInput], Finding]:
    """A check that a table of posteriors or votes is consistent."""
    return lambda inputs: evaluate_rules(inputs.tables[table], RULES[table], table)
