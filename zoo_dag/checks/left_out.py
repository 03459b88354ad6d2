"""Is much of a workflow left out of the consensus for one reason? Then a rule may not fit the project."""

from typing import NamedTuple

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.settings.results import Exclusion
from zoo_dag.tables.ledger import ExclusionReason
from zoo_dag.wording.sentences import counted, percent, ratio, share


class Explained(NamedTuple):
    """A reason in a sentence, and the setting that decides on it."""

    why: str
    setting: str


EXPLAINED: dict[ExclusionReason, Explained] = {
    "gold_standard": Explained(
        "Experts made them in gold-standard mode.", "exclusion.gold_standard = false counts them."
    ),
    "pre_launch": Explained(
        "They were made before the project was launched.", "exclusion.pre_launch = false counts them."
    ),
    "tutorial_subject": Explained(
        "They are of the subject that the tutorial shows.", "exclusion.tutorial_subject = false counts them."
    ),
    "listed": Explained(
        "The settings name their volunteer, their time or their version.",
        "See exclusion.users, exclusion.before, exclusion.after and exclusion.versions.",
    ),
    "training_subject": Explained(
        "They are of subjects for training.", "exclusion.training_subject = false counts them."
    ),
    "after_retirement": Explained(
        "They were made after their subject was retired.", "exclusion.after_retirement = false counts them."
    ),
    "network_duplicate": Explained(
        "The same classification was sent twice, and the first counts.",
        "exclusion.network_duplicate = false counts them.",
    ),
    "repeat": Explained(
        "The same volunteer classified the same subject several times, and only the {which} counts.",
        'exclusion.repeat = "first", "last" or "all" says which of them count.',
    ),
    "known_bad": Explained("The server marked them as damaged.", "exclusion.known_bad = false counts them."),
}


def few_are_left_out(inputs: CheckInput) -> Finding:
    """Whether no reason leaves out more than `checks.left_out` of the classifications of a workflow.

    Takes `classifications` of all versions: `excluded`, `user_key`.
    """
    by_address = pl.col("user_key").str.starts_with("ip:")
    rows = inputs.tables["classifications"].group_by("excluded").agg(n=pl.len(), by_address=by_address.sum())
    found = {reason: (n, shared) for reason, n, shared in rows.collect().iter_rows()}
    total = sum(n for n, _ in found.values())
    counts = {reason: found[reason] for reason in EXPLAINED if reason in found}
    left_out = sum(n for n, _ in counts.values())
    numbers = {"classifications": total, "left out": left_out, "share left out": ratio(left_out, total)}
    limit = inputs.limits.left_out
    many = {reason: count for reason, count in counts.items() if ratio(count[0], total) > limit}
    if not many:
        largest = max((ratio(n, total) for n, _ in counts.values()), default=0.0)
        return Finding(
            f"Left out of the consensus: {share(left_out, total, 'classifications')}, for no reason more than "
            f"{percent(largest)}.",
            numbers,
        )
    messages = [_sentence(reason, *count, total, inputs.settings.exclusion) for reason, count in many.items()]
    advice = [
        "They stay in classifications, with the reason in the column excluded.",
        *(EXPLAINED[reason].setting for reason in many),
        "This warns above the share checks.left_out.",
    ]
    return Finding(" ".join(messages), numbers, passed=False, advice=" ".join(advice))


def _sentence(reason: ExclusionReason, n: int, by_address: int, total: int, rules: Exclusion) -> str:
    why = EXPLAINED[reason].why.format(which=rules.repeat)
    sentence = f"Left out of the consensus as {reason}: {share(n, total, 'classifications')}. {why}"
    if reason != "repeat" or not by_address:
        return sentence
    return (
        f"{sentence} {counted(by_address, 'classifications')} of these come from people known only by their "
        "network address, which several may share."
    )
