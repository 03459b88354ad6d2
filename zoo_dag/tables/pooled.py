"""Tables of the pooled stage: consensus from the votes of all versions of a workflow."""

from dataclasses import replace

from zoo_dag.tables import consensus
from zoo_dag.tables.columns import count, flag, identifiers, index, local_time, measure, moment, of, text, texts
from zoo_dag.tables.consensus_table import OF_ONE_VERSION
from zoo_dag.tables.parsed import CLASSIFICATIONS, SUBJECTS
from zoo_dag.tables.raw import SHOWN_SUBJECTS
from zoo_dag.tables.table import Table, carried

_OF_ALL_VERSIONS = (
    "Votes are those of all versions of the workflow in which the task is the same; labels are the newest."
)
# The columns in which an option of an older version gets its name in the newest version.
_RENAMED = (
    "answer_index",
    "answer",
    "tool_index",
    "tool_label",
    "tools",
    "choice_id",
    "choice_label",
    "select_index",
    "select_label",
    "option_value",
    "option_label",
    "label",
)
# Who saw a subject is counted over the versions that have the revision of the task.
_COUNTED_BY_REVISION = ("n_seen", "asked")
_VERSIONS_OF_REVISIONS = of("classifications", "workflow_version") + of(
    "tasks", "task_revision", "next", "option_next", "shortcut"
)
_NEWEST_NAMES = of("tasks", "option_label", "option_index", "option_id", "option_origin")


def pooled(table: Table) -> Table:
    """The twin of a consensus table over all versions of a workflow: the same measures, and which versions voted.

    Which classifications count is decided again over all versions, so those columns depend on
    `classifications`; options are named as in the newest version, which depends on `tasks`.
    """
    columns = {}
    for name, column in table.columns.items():
        if name == "workflow_version":
            columns["versions"] = texts("Versions whose votes were pooled", column.sources)
            continue
        decided = any(source.endswith(".excluded") for source in column.sources)
        sources = column.sources + (of("classifications", "excluded") if decided else ())
        sources += _NEWEST_NAMES if name in _RENAMED else ()
        sources += _VERSIONS_OF_REVISIONS if name in _COUNTED_BY_REVISION else ()
        columns[name] = replace(column, sources=tuple(dict.fromkeys(sources)))
    description = table.description.replace(OF_ONE_VERSION, _OF_ALL_VERSIONS)
    return Table(
        f"pooled_{table.name}", "pooled", description, columns, partition="workflow", asked_for=table.asked_for
    )


# What says when and where a picture was taken.
CAMERA = of("subjects", "metadata", "created_at") + of("shown_subjects", "metadata")
OF_EVENTS = {
    "deployment": text("Camera in one placement, by the metadata fields of `events.deployment`", CAMERA),
    "taken_at": local_time(
        "When the picture was taken, by the clock of the camera; null where that cannot be read", CAMERA
    ),
    "event_id": text(
        "Event: `<deployment>/<first time>`, or `<deployment>/<sequence>`; `<deployment>/subject-<id>` of a "
        "picture that has no time and no event around it, `subject-<id>` of one without a deployment",
        CAMERA,
    ),
    "event_size": count("Subjects of the event, unclassified ones included", CAMERA),
}
# What people wrote about a subject, by the export that `talk.comments` names.
OF_TALK = {
    "talk_comments": count("Comments about the subject on Talk, without deleted ones"),
    "talk_tags": texts("Tags in these comments, in lower case, those in the most comments first"),
    "talk_latest_at": moment("When the latest of these comments was written"),
}

SUBJECT_SUMMARY = Table(
    "subject_summary",
    "pooled",
    "One row per workflow and subject (or subjects shown together), with the consensus of every task.\n\n"
    "Good for a spreadsheet: winning answers, agreement, counts, retirement, addresses of images and metadata "
    "side by side. Next, open the pooled table of a task, such as `pooled_question_consensus`, for its "
    "details.\n\n"
    "After these columns come those of the tasks, such as `T0_answer`, `T0_fraction`, `T0_agreement`, "
    "`T0_reached`; docs/subject_summary.md lists them. A task of which there are several revisions has "
    "columns for each.",
    {
        **carried(("workflow_id", "subject_id", "subject_ids"), CLASSIFICATIONS),
        "subject_known": flag(
            "The subjects export has the subject; of subjects shown together all of them",
            of("subjects", "subject_id"),
        ),
        "training": flag(
            "For training, by its metadata; of subjects shown together any of them",
            of("subjects", "training") + of("classifications", "training"),
        ),
        "subject_set_ids": identifiers(
            "Its subject sets that are linked to the workflow, by the newest subjects export that has it",
            of("subjects", "subject_set_id", "is_current"),
        ),
        "same_as": identifiers(
            "Other subjects of the workflow with the same picture, by sums or file names in the metadata; null "
            "where these have neither",
            of("subjects", "metadata") + of("shown_subjects", "metadata"),
        ),
        "versions": texts("Versions it was classified in", of("classifications", "workflow_version", "excluded")),
        "n_classifications": count("Classifications that count", of("classifications", "excluded")),
        "n_excluded": count("Classifications that are left out", of("classifications", "excluded")),
        "n_volunteers": count(
            "Different volunteers among those that count", of("classifications", "user_key", "excluded")
        ),
        "n_anonymous": count(
            "Of those that count, how many are by volunteers who were not logged in",
            of("classifications", "user_key", "excluded"),
        ),
        "n_after_retirement": count(
            "Of those that count, how many were made after the subject was retired",
            of("classifications", "after_retirement", "excluded"),
        ),
        "first_at": moment("First classification that counts", of("classifications", "created_at", "excluded")),
        "last_at": moment("Last classification that counts", of("classifications", "created_at", "excluded")),
        "classifications_count": count(
            "The server's count, by other rules. This, retirement and metadata are those of the subjects export, "
            "else those in the classifications export",
            of("subjects", "classifications_count") + of("shown_subjects", "classifications_count"),
        ),
        **carried(("retired_at", "retirement_reason"), SUBJECTS, SHOWN_SUBJECTS),
        "urls": texts("Media URLs by frame; of subjects shown together those of all", of("subjects", "locations")),
        **carried(["metadata"], SUBJECTS, SHOWN_SUBJECTS),
    },
    partition="workflow",
    open_ended=True,
    optional={**OF_EVENTS, **OF_TALK},
)

_SEEN = of("classifications", "subject_dimensions")
SUBJECT_FRAMES = Table(
    "subject_frames",
    "pooled",
    "One row per workflow, subject and frame: the size of the picture.\n\n"
    "Good for marks as fractions of the picture, and for formats that want its size. It is the size that most "
    "classifications saw, also those that do not count; of equally common ones the widest, and of these the "
    "highest. Frames of which no browser wrote a size have no row, nor have those that the subjects export "
    "does not have. Next, open `pooled_drawing_consensus`.",
    {
        **carried(("workflow_id", "subject_id"), CLASSIFICATIONS),
        "frame": index("Frame of the subject", _SEEN + of("subjects", "n_frames")),
        "width": measure("Width of the picture in pixels", _SEEN),
        "height": measure("Its height in pixels", _SEEN),
        "n_classifications": count("Classifications that saw this size", _SEEN),
    },
    partition="workflow",
)

SUBJECT_VOTES = Table(
    "subject_votes",
    "pooled",
    "One row per workflow and subject, with the votes for every answer in columns.\n\n"
    "Good for training: `t0_yes_count`, `t0_yes_fraction`, and the classifications that reached the task and that "
    "answered, `t0_n_classifications` and `t0_n_answered`, for each answer to each question, dropdown and survey. "
    "docs/wide_tables.md says how columns are named; `zoo-dag export` writes the key to the labels besides. Next, "
    "open `subject_summary` for who won.",
    carried(("workflow_id", "subject_id", "subject_ids", "n_classifications"), SUBJECT_SUMMARY),
    partition="workflow",
    open_ended=True,
)

TABLES = (*map(pooled, consensus.TABLES), SUBJECT_FRAMES, SUBJECT_SUMMARY, SUBJECT_VOTES)
