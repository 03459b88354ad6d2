"""The methods by name, and when none of them is used: then the shares of the votes stand, with the reason.

Models are imported when they are used: SciPy is slow to import, and many projects have few votes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from zoo_dag.settings.volunteers import Method
from zoo_dag.volunteers import weighting
from zoo_dag.volunteers.fitting import Fit, fit, not_certain
from zoo_dag.volunteers.mace import Mace
from zoo_dag.volunteers.swap import swap
from zoo_dag.volunteers.votes import Votes


def _dawid_skene(votes: Votes) -> Fit:
    from zoo_dag.volunteers.confusion import DawidSkene

    return fit(votes, DawidSkene(votes))


def _variational_bayes(votes: Votes) -> Fit:
    from zoo_dag.volunteers.confusion import VariationalBayes

    return fit(votes, VariationalBayes(votes))


def _one_coin(votes: Votes) -> Fit:
    from zoo_dag.volunteers.one_coin import OneCoin

    return fit(votes, OneCoin(votes))


def _glad(votes: Votes) -> Fit:
    from zoo_dag.volunteers.one_coin import Glad

    return fit(votes, Glad(votes))


METHODS: Mapping[Method, Callable[[Votes], Fit]] = {
    "plurality": weighting.plurality,
    "agreement_weights": weighting.with_agreement,
    "consistency_weights": weighting.with_consistency,
    "gold_weights": weighting.with_gold,
    "dawid_skene": _dawid_skene,
    "one_coin": _one_coin,
    "variational_bayes": _variational_bayes,
    "swap": swap,
    "glad": _glad,
    "mace": lambda votes: fit(votes, Mace(votes)),
}
# The methods that compare volunteers with gold only.
_OF_GOLD = ("gold_weights", "swap")
# With fewer votes a model finds skill in chance: on one vote per subject Dawid and Skene's halves the accuracy.
LEAST_VOTES_PER_UNIT = 3
LEAST_VOTES_PER_VOLUNTEER = 3


@dataclass(frozen=True)
class Weighed:
    """A fit, the `method` that was used, and the `reason` why it is not the one that was wanted, else None."""

    fit: Fit
    method: Method
    reason: str | None = None


def weigh(votes: Votes, method: Method) -> Weighed:
    """Posteriors by a method; shares of the votes where there is too little to use it on."""
    # Machines add no votes to what a model needs: it compares people with each other.
    reason = _too_little(votes.of_people, method)
    used: Method = "plurality" if reason else method
    fitted = METHODS[used](votes)
    certain = not_certain(votes, fitted.posterior)
    return Weighed(Fit(certain, fitted.iterations, fitted.converged, fitted.objectives), used, reason)


def _too_little(votes: Votes, method: Method) -> str | None:
    if method == "plurality":
        return None
    if votes.n_labels < 2:
        return "There is only one answer."
    if method in _OF_GOLD and not votes.is_gold[votes.unit].any():
        return f"Nobody voted on gold, by which {method} weighs volunteers."
    for counted, least, of in (
        (votes.unit, LEAST_VOTES_PER_UNIT, "subject"),
        (votes.volunteer, LEAST_VOTES_PER_VOLUNTEER, "volunteer"),
    ):
        each = np.bincount(counted)
        median = float(np.median(each[each > 0])) if each.any() else 0.0
        if median < least:
            return f"Half of the {of}s have {median:g} votes or fewer; {method} needs {least}."
    return None
