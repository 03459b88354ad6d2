"""Tables of the pooled stage about votes and who cast them: from these is answered what teams ask."""

from dataclasses import replace

from zoo_dag.tables import pooled
from zoo_dag.tables.columns import Column, count, flag, measure, moment, of, text, texts
from zoo_dag.tables.flattened import DROPDOWNS, QUESTIONS, SURVEYS
from zoo_dag.tables.parsed import CLASSIFICATIONS
from zoo_dag.tables.table import Table, carried

_TASK = ("workflow_id", "parent_task", "task", "task_revision", "task_label")
_CONSENSUS = {table.name: table for table in pooled.TABLES}["pooled_question_consensus"]
_SUBJECT = ("subject_id", "subject_ids")
_ANNOTATIONS = tuple(table.name for table in (QUESTIONS, DROPDOWNS, SURVEYS))
_CAST = tuple(
    source for table in _ANNOTATIONS for source in of(table, "user_key", "created_at", "status", "excluded")
)
_SAID = (
    of("question_annotations", "answer_index", "answer")
    + of("dropdown_annotations", "select_index", "option_value", "option_label", "free_text")
    + of("survey_annotations", "choice_id")
)
_VOTES = _CAST + _SAID
_OPTION: dict[str, Column] = {
    "option": text(
        "What is voted on, where a task asks several things: an answer or the id of a choice of which several may "
        "be given, the position of a select; else null",
        _SAID,
    ),
    "option_label": text(
        "The same as volunteers read it",
        of("question_annotations", "answer")
        + of("dropdown_annotations", "select_label")
        + of("survey_annotations", "choice_label"),
    ),
}
VOTES = Table(
    "votes",
    "pooled",
    "One row per vote: who said what of which subject, over all versions of a workflow.\n\n"
    "Good for other programs that weigh votes: it is the long table that they take. Where several answers are "
    "allowed, each that anybody gave of the subject is a yes or a no of everybody who answered. What experts said "
    "in gold-standard mode is no vote, but in `gold`. Next, open `question_posteriors`.",
    {
        **carried(_TASK, _CONSENSUS),
        **carried(_SUBJECT, _CONSENSUS),
        **_OPTION,
        "of_several": flag("Several may be given: `label` is yes or no", _SAID),
        "user_key": replace(
            text("Volunteer, as in `classifications`", of("classifications", "user_key")), identifies="user key"
        ),
        "label": text("What they said", _VOTES),
        "gold": text("What is right, where that is known", _VOTES),
        **carried(("created_at", "classification_id", "workflow_version"), CLASSIFICATIONS),
    },
    partition="workflow",
)
_EFFORT = of("classifications", "user_key", "created_at", "excluded")
VOLUNTEER_ACTIVITY = Table(
    "volunteer_activity",
    "pooled",
    "One row per workflow and volunteer: how much they did, when, and what looks like a program.\n\n"
    "Good for credits, for effort, and to find bots. Sessions and effort are by when the server stored the "
    "classifications. Those who were not logged in are one row, `anonymous`. Next, open `volunteers`, which says "
    "how often they are right.",
    {
        **carried(("workflow_id",), CLASSIFICATIONS),
        "user_key": replace(
            text(
                "Volunteer, as in `classifications`; `anonymous` for all who were not logged in",
                of("classifications", "user_key"),
            ),
            identifies="user key",
        ),
        "user_name": replace(
            text("Newest login name; null for those who were not logged in", of("classifications", "user_name")),
            identifies="login",
        ),
        "n_people": count(
            "1; of those who were not logged in, different values of `user_key`: one person may have several",
            of("classifications", "user_key"),
        ),
        "n_classifications": count("Classifications, but for those sent twice", _EFFORT),
        "n_counted": count("Of these, those that count", _EFFORT),
        "n_days": count("Different days (UTC)", _EFFORT),
        "first_at": moment("First classification", _EFFORT),
        "last_at": moment("Last classification", _EFFORT),
        "n_sessions": count("Runs of classifications without a gap of more than 30 minutes", _EFFORT),
        "effort_hours": measure(
            "Hours of work: gaps between classifications of a session, each of at most 5 minutes, and for the "
            "first of each session `median_duration_s`, else the median gap",
            _EFFORT + of("classifications", "duration_s"),
        ),
        "median_gap_s": measure("Median gap between classifications of a session, in seconds", _EFFORT),
        "gap_spread": measure("Interquartile range of these gaps, divided by the median", _EFFORT),
        "longest_session_hours": measure(
            "From the first to the last classification of the longest session", _EFFORT
        ),
        "median_duration_s": measure(
            "Median of `duration_s` where it is credible: not negative, no longer than 30 minutes, and not begun "
            "before the previous classification was stored",
            _EFFORT + of("classifications", "duration_s"),
        ),
        "n_durations_left_out": count("Durations that are not", _EFFORT + of("classifications", "duration_s")),
        "commonest_answer": text(
            "Of the tasks with at least 50 classifications of the volunteer, what they said most",
            of("votes", "label"),
        ),
        "commonest_share": measure("In which share of their classifications of the task", of("votes", "user_key")),
        "commonest_share_of_all": measure("The same of all volunteers", of("votes", "user_key")),
        "suspicions": texts(
            "What looks like a program, of volunteers with at least 50 classifications: `fast` (a median gap of "
            "at most 1 s), `regular` (a spread of at most 0.1, of gaps of 10 s and more), `no_pause` (16 hours "
            "and more in a session), `one_answer` (at least 98 % the same, which at most 70 % of all say); empty "
            "where nothing does, null for `anonymous`",
            _EFFORT + of("votes", "label"),
        ),
    },
    partition="workflow",
)
TASK_AGREEMENT = Table(
    "task_agreement",
    "pooled",
    "One row per task, and per answer where several may be given: how well volunteers agree.\n\n"
    "Good for whether a question is clear, beyond chance, and whether its versions may be pooled: are these "
    "answered alike? Next, open "
    "`pooled_question_consensus`.",
    {
        **carried(_TASK, _CONSENSUS),
        **_OPTION,
        "n_subjects": count("Subjects with at least two votes", _VOTES),
        "n_votes": count("All votes", _VOTES),
        "n_volunteers": count("Who voted", _VOTES),
        "alpha": measure(
            "Krippendorff's alpha: 1 is perfect agreement, 0 that of chance; null where all said the same. In a "
            "row without `option` of a task with several answers, of all answers of a volunteer together",
            _VOTES,
        ),
        "alpha_low": measure("Lower end of its 95 % interval", _VOTES),
        "alpha_high": measure("Upper end of its 95 % interval", _VOTES),
        "newest_version": text(
            "The newest version with votes on subjects that earlier versions have votes on too; null where there "
            "is none: then nothing is compared",
            _CAST + of("classifications", "workflow_version"),
        ),
        "earlier_versions": texts("These versions", of("classifications", "workflow_version")),
        "n_subjects_of_both": count("These subjects", _VOTES),
        "n_votes_newest": count("Votes of the newest version on them", _VOTES),
        "n_votes_earlier": count("Votes of the earlier versions on them", _VOTES),
        "drift": measure(
            "Total variation distance of the answers of the newest version from those of the earlier ones on the "
            "same subjects: 0 is the same, 1 entirely another",
            _VOTES,
        ),
        "drift_p": measure("How probable so large a difference is by chance", _VOTES),
        "drift_q": measure("The same as a false discovery rate over the tasks of the workflow", _VOTES),
    },
    partition="workflow",
)
RETIREMENTS = Table(
    "retirements",
    "pooled",
    "One row per scheme of `[retirement]`, task and subject: when its rules would have retired the subject, and "
    "as what.\n\n"
    "Good for choosing a rule: what it saves, and what it loses. `zoo-dag ask rules` sums it up. Built only with "
    "rules in the settings. Next, open `votes`, over which they are replayed.",
    {
        **carried(_TASK, VOTES),
        **carried(_SUBJECT, VOTES),
        **carried(("option", "option_label"), VOTES),
        "scheme": text("Scheme of the settings", of("votes", "task")),
        "rule": text("The rule that retired it; null where none did", of("votes", "label", "created_at")),
        "retired_at": moment("With the vote of this time", of("votes", "created_at")),
        "n_used": count("Votes until then, else all", of("votes", "label")),
        "n_votes": count("All votes", of("votes", "label")),
        "answer": text("As what; else what most votes say", of("votes", "label")),
        "answer_of_all": text("What most of all votes say", of("votes", "label")),
        "agrees": flag("No other answer has more of all votes than `answer`", of("votes", "label")),
        "gold": text("What is right, where that is known", of("votes", "gold")),
    },
    partition="workflow",
    asked_for="retirement",
)

TABLES = (VOTES, VOLUNTEER_ACTIVITY, TASK_AGREEMENT, RETIREMENTS)
