"""Tables of votes that are weighed by the skill of volunteers: posteriors, and the volunteers themselves."""

from collections.abc import Sequence
from dataclasses import replace

from zoo_dag.tables import pooled
from zoo_dag.tables.columns import Column, count, flag, measure, of, structs, text
from zoo_dag.tables.flattened import DRAWINGS, DROPDOWNS, QUESTIONS, SURVEYS
from zoo_dag.tables.table import Table, carried

_TASK = ("workflow_id", "parent_task", "task", "task_revision", "task_label")
# What is weighed of drawings is each mark.
_NAMES = {"drawing": "mark"}
_POOLED = {table.name: table for table in pooled.TABLES}


def _voted(table: str) -> tuple[str, ...]:
    return of(table, "user_key", "created_at", "status", "excluded") + of("tasks", "option_path")


def _posteriors(
    kind: str,
    description: str,
    option: Sequence[str],
    share: tuple[str, str],
    votes: Sequence[str],
) -> Table:
    """The posteriors of a task type: those columns of its pooled consensus that name an option, and its votes.

    `share` are the columns with its votes and their share, `votes` those of the flattened table that are votes.
    """
    consensus = _POOLED[f"pooled_{kind}_consensus"]
    sources = of(f"{kind}_annotations", *votes) + _voted(f"{kind}_annotations")
    columns: dict[str, Column] = {
        **carried((*_TASK, "subject_id", "subject_ids", *option, *share), consensus),
        "posterior": measure(
            "Probability that it is right, from the votes and the skill of who cast them; shares of the votes "
            "where `method` is `plurality`, and of their weights where it ends in `_weights`",
            sources,
        ),
        "posterior_calibrated": measure(
            "The same, made as certain as gold shows it to be; null without enough gold: then `posterior` is not "
            "calibrated, and mostly too certain",
            sources,
        ),
        "wins": flag("By `posterior` it is the answer", sources),
        "differs_from_plurality": flag("By the most votes the answer would be another one", sources),
        "is_gold": flag(
            "It is known what is right: from the file of gold, from an expert in gold-standard mode, or from "
            "training feedback",
            sources,
        ),
        "method": text("How votes were weighed", sources),
        "reason": text("Why `method` is not the one of the settings; else null", sources),
    }
    return Table(f"{_NAMES.get(kind, kind)}_posteriors", "pooled", description, columns, partition="workflow")


QUESTION_POSTERIORS = _posteriors(
    "question",
    "One row per subject, task and answer voted for, with the probability that it is right.\n\n"
    "Good for answers weighed by the skill of volunteers, beside the plurality. Where several answers are "
    "allowed, each is a yes or no of its own. Next, open `volunteers`, which has the skills.",
    ("answer_index", "answer"),
    ("votes", "fraction"),
    ("answer_index", "answer"),
)
DROPDOWN_POSTERIORS = _posteriors(
    "dropdown",
    "One row per subject, task, select and option voted for, with the probability that it is right.\n\n"
    "Good for options weighed by the skill of volunteers, beside the plurality. Next, open `volunteers`, which "
    "has the skills.",
    ("select_index", "select_label", "option_value", "option_label", "free_text"),
    ("votes", "fraction"),
    ("select_index", "option_value", "option_label", "option_index", "free_text"),
)
SURVEY_POSTERIORS = _posteriors(
    "survey",
    "One row per subject, task and choice that was named, with the probability that it is there.\n\n"
    "Good for species weighed by the skill of volunteers: each choice is a yes or no of everybody who answered. "
    "Next, open `volunteers`, which has the skills.",
    ("choice_id", "choice_label"),
    ("votes", "fraction_of_all"),
    ("choice_id",),
)
MARK_POSTERIORS = _posteriors(
    "drawing",
    "One row per cluster of marks, candidates included, with the probability that there is something.\n\n"
    "Good for marks weighed by the skill of volunteers: who has a mark in the cluster says yes, everybody else "
    "who was asked says no. `frame`, tool and `cluster_index` name the cluster. Next, open "
    "`pooled_drawing_consensus`, which has its place and size.",
    ("frame", "tool_index", "tool_type", "tool_label", "cluster_index", "is_candidate"),
    ("n_members", "detection"),
    ("classification_id",),
)
_VOTES = tuple(
    dict.fromkeys(source for table in (QUESTIONS, DROPDOWNS, SURVEYS, DRAWINGS) for source in _voted(table.name))
)
VOLUNTEERS = Table(
    "volunteers",
    "pooled",
    "One row per workflow, task and volunteer: how much they did and how often they are right.\n\n"
    "Good for skills with their intervals, and for what volunteers take for what. Those who were not logged in "
    "are one row, `anonymous`, and the predictions of a machine are `machine`. Next, open `question_posteriors`, "
    "where the skills weigh votes.",
    {
        **carried(_TASK, _POOLED["pooled_question_consensus"]),
        "user_key": replace(
            text(
                "Volunteer, as in `classifications`; `anonymous` for all who were not logged in, `machine` for "
                "the predictions of the setting `volunteers.predictions`",
                of("classifications", "user_key"),
            ),
            identifies="user key",
        ),
        "n_votes": count(
            "Votes; where several answers are allowed, and for marks, a yes or no for each. Of `machine` the sum "
            "of its probabilities",
            _VOTES,
        ),
        "agreement": measure("Mean share of the other people on the subject who say the same", _VOTES),
        "skill": measure("Share of right votes, as the posteriors see them", _VOTES),
        "skill_low": measure("Lower end of the 95 % credible interval of skill", _VOTES),
        "skill_high": measure("Upper end of the 95 % credible interval of skill", _VOTES),
        "confusion": structs(
            "What they say where something is right",
            {
                "truth": text("What is right"),
                "answer": text("What they say"),
                "probability": measure("How probable that is"),
            },
            _VOTES,
        ),
        "n_gold": count("Votes on subjects of which it is known what is right", _VOTES),
        "gold_accuracy": measure("Share of right ones among these", _VOTES),
        "n_repeats": count("Votes on what they had voted on before, which may not count", _VOTES),
        "self_consistency": measure("Share of these that say what their first vote said", _VOTES),
    },
    partition="workflow",
)

TABLES = (QUESTION_POSTERIORS, DROPDOWN_POSTERIORS, SURVEY_POSTERIORS, MARK_POSTERIORS, VOLUNTEERS)
