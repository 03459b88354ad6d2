"""Is the choice of a survey that says "nothing here" known? Only then can empty subjects be distinguished."""

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.task_types.surveys.blank_choices import is_blank_choice, looks_blank
from zoo_dag.wording.sentences import counted, quoted

_TASK = ["workflow_version", "task"]
_CHOICE = [*_TASK, "choice_id", "choice_label"]
_CHOICES_NAMED = 3


def blank_choice_is_known(inputs: CheckInput) -> Finding:
    """Whether no survey has a choice that volunteers named and that looks like "nothing here" without being known.

    Takes `survey_consensus` and `tasks`. A survey with a choice that is known for it, named or not, passes.
    """
    named = inputs.tables["survey_consensus"].filter(pl.col("choice_id").is_not_null())
    offered = inputs.tables["tasks"].filter(option_kind="choice")
    offered = offered.select(*_TASK, choice_id="option_id", choice_label="option_label")
    surveys = inputs.settings.surveys
    every = pl.concat([named.select(_CHOICE), offered]).collect()
    known = every.group_by(_TASK).agg(is_known=is_blank_choice(surveys).any())
    votes = named.filter(looks_blank(surveys)).group_by(_CHOICE).agg(pl.col("votes").sum()).collect()
    unknown = votes.join(known.filter(~pl.col("is_known")), on=_TASK, how="semi", nulls_equal=True).drop(
        "workflow_version"
    )
    unknown = unknown.sort(pl.col("votes").neg(), *_CHOICE[1:])
    with_choice = int(known["is_known"].sum())
    numbers = {
        "surveys": known.height,
        "with a known choice": with_choice,
        "choices that look like it": unknown.height,
    }
    if unknown.is_empty():
        sentence = "Surveys in which a choice is known to stand for an empty subject"
        surveys_with = f"{sentence}: {with_choice:,} of {known.height:,}."
        return Finding(surveys_with if known.height else "No surveys.", numbers)
    each = [
        f"task {quoted(task)} {quoted(label or choice)} ({votes:,} votes)"
        for task, choice, label, votes in unknown.head(_CHOICES_NAMED).iter_rows()
    ]
    rest = unknown.height - _CHOICES_NAMED
    more = [f"and {counted(rest, 'choices')} more"] if rest > 0 else []
    return Finding(
        "These choices look like an empty subject, but no choice of their survey is known to stand for one: "
        f"{'; '.join([*each, *more])}.",
        numbers,
        passed=False,
        advice="fraction_blank and is_blank count them as animals. Add the id or label of a choice to "
        "surveys.blank_choices in zoo_dag.toml if it stands for an empty subject, else to "
        "surveys.not_blank_choices.",
        examples=unknown.head(5),
    )
