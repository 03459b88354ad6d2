"""Tables of events: what was at a camera and when, from the consensus on its pictures."""

from zoo_dag.tables import pooled
from zoo_dag.tables.columns import count, flag, index, local_time, measure, of, text, texts
from zoo_dag.tables.table import Table, carried

_TASK = ("workflow_id", "parent_task", "task", "task_revision", "task_label")
_VOTED = ("pooled_survey_consensus", "pooled_question_consensus")
_POOLED = tuple(table for table in pooled.TABLES if table.name in _VOTED)
_RETIRED = of("subjects", "retired_at") + of("shown_subjects", "retired_at")


def _voted(*columns: str) -> tuple[str, ...]:
    """Columns that both tables of votes have."""
    return tuple(source for table in _VOTED for source in of(table, *columns))


_CHOICE = of("pooled_survey_consensus", "choice_id", "choice_label") + of(
    "pooled_question_consensus", "answer", "answer_index"
)
_BLANK = of("pooled_survey_consensus", "is_blank", "is_blank_choice") + of("pooled_question_consensus", "answer")
_WON = _voted("votes", "n_answered") + of("pooled_survey_consensus", "rank", "n_choices") + _BLANK

EVENT_CONSENSUS = Table(
    "event_consensus",
    "pooled",
    "One row per event, task and choice that won one of its subjects; of a blank event one without a choice.\n\n"
    "Good for what was at a camera in one visit, rather than on one picture: surveys, and questions with one "
    "answer. It has rows where the settings have `[events]`. Next, open `deployment_rates`, which counts events "
    "per camera, or `subject_summary`, whose `event_id` leads back to the pictures.",
    {
        **carried(_TASK, *_POOLED),
        "event_id": text("Event, as in `subject_summary`", pooled.CAMERA),
        "deployment": text("Camera in one placement; null where the metadata do not say", pooled.CAMERA),
        "event_start": local_time("Time of the first picture; null where no picture has one", pooled.CAMERA),
        "event_end": local_time("Time of the last picture", pooled.CAMERA),
        "n_subjects": count("Subjects of the event, unclassified ones included", pooled.CAMERA),
        "n_classified": count(
            "Of these, how many were asked the task, alone or together with others of the event",
            _voted("subject_ids"),
        ),
        "complete": flag(
            "Each subject has `agreement.min_classifications` or is retired; else the row is a lower bound",
            _voted("n_classifications") + _RETIRED,
        ),
        "n_blank_subjects": count("Subjects on which at most half named anything", _WON),
        "is_blank": flag("No subject has a winner; null where nobody answered", _WON),
        "choice_id": text("Choice of a survey, or answer to a question; null for a blank event", _CHOICE),
        "choice_label": text("Its label", _CHOICE),
        "n_subjects_won": count("Subjects that it won", _WON),
        "votes": count("Classifications that named it, of all subjects that are not blank", _voted("votes")),
        "share": measure("votes / classifications of these subjects", _voted("votes", "n_classifications")),
        "best_fraction": measure(
            "Largest share of the classifications of a subject that it won", _voted("votes", "n_classifications")
        ),
        "best_low": measure(
            "Largest lower end of the 95 % Wilson interval of that share", _voted("votes", "n_classifications")
        ),
        "rank": index(
            "1 for most votes, among all choices named but blank ones, also those that won nothing",
            _voted("votes"),
        ),
        "present": flag(
            "It has the first rank of the choices that won a subject, or its `best_low` is at least "
            "`events.min_fraction_low`",
            _WON,
        ),
        **{
            name: text(
                f"{what} of `count_median` over the subjects that it won, as in the survey",
                of("pooled_survey_consensus", "count_median") + of("tasks", "option_label", "option_index"),
            )
            for name, what in (
                ("count_min", "Smallest"),
                ("count_median", "Median, between two bins the upper one,"),
                ("count_max", "Largest"),
            )
        },
        "versions": texts("Versions whose votes were pooled", _voted("versions")),
    },
    partition="workflow",
    asked_for="events",
)

_EVENTS = of("event_consensus", "event_start", "event_end", "present")
DEPLOYMENT_RATES = Table(
    "deployment_rates",
    "pooled",
    "One row per deployment that is classified, task and choice that is present anywhere, zeros included.\n\n"
    "Good for comparing cameras: independent events per 100 days of effort. A rate is no density: docs/events.md. "
    "It has rows where the settings have `[events]`. Next, open `event_consensus` for the events.",
    {
        **carried((*_TASK, "deployment"), EVENT_CONSENSUS),
        "choice_id": text("Choice of a survey, or answer to a question", of("event_consensus", "choice_id")),
        "choice_label": text("Its label", of("event_consensus", "choice_label")),
        "n_events": count("Events in which it is present", _EVENTS),
        "n_independent": count(
            "Of these, the independent ones (`events.independent_minutes`); null where none of them has a time",
            _EVENTS,
        ),
        "n_individuals": count(
            "Sum of `count_max`; null where a count is a bin such as 11-50, or nobody counted",
            of("event_consensus", "count_max"),
        ),
        "n_days": count("Calendar days on which such an event began", _EVENTS),
        "effort_days": measure(
            "Days of effort: elapsed time, at least a day where it is of pictures", pooled.CAMERA
        ),
        "effort_source": text(
            "`deployments`: from the table of the settings; `pictures`: from the first to the last picture, blank "
            "ones included, which is a lower bound of the effort, so that the rate is an upper bound",
            pooled.CAMERA,
        ),
        "rate": measure(
            "Independent events per 100 days: 100 n_independent / effort_days", _EVENTS + pooled.CAMERA
        ),
        "rate_low": measure("Lower end of its 95 % Poisson interval (Byar)", _EVENTS + pooled.CAMERA),
        "rate_high": measure("Upper end of its 95 % Poisson interval (Byar)", _EVENTS + pooled.CAMERA),
    },
    partition="workflow",
    asked_for="events",
)

TABLES = (EVENT_CONSENSUS, DEPLOYMENT_RATES)
