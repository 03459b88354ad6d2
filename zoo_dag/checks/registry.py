"""Which table has which checks. A new check is a function in the module of its stage, and one line here."""

from collections.abc import Iterable

from zoo_dag.checks import (
    blank_choices,
    consensus,
    corrections,
    drift,
    events,
    flattened,
    grids,
    highlights,
    identity,
    late_votes,
    ledger,
    left_out,
    parsed,
    pictures,
    pooled,
    posteriors,
    quarantine,
    raw,
    revisions,
    untouched,
)
from zoo_dag.checks.finding import Check
from zoo_dag.checks.server_counts import server_counts_agree
from zoo_dag.task_types.catalogue import TASK_TYPES, consensus_types
from zoo_dag.task_types.subject_votes import SUBJECT_VOTES

_COLUMNS = "The exports have the columns of today's layout and no others. Warns with their names."
_IDS = "No two rows have the same id."
_QUARANTINE = "Few rows are in the quarantine. Warns above a share, and is an error above a larger one."
_ANSWERS = "In every task, few answers have an unknown label or cannot be read. Warns with the tasks."
_CONSISTENT = (
    "Fractions are between 0 and 1 and inside their intervals, and nothing has more votes than voters. A failure "
    "is a fault of zoo_dag."
)

_PROBABILITIES = "Posteriors, skills and votes are what they should be. A failure is a fault of zoo_dag."

_EVENTS_ADD_UP = (
    "Numbers of events and rates obey their rules, and every subject with a consensus is in one event. A failure "
    "is a fault of zoo_dag."
)

_RAW = (
    Check("raw_classifications", "columns_are_known", _COLUMNS, raw.columns_are_known("classifications")),
    Check(
        "raw_classifications",
        "newest_classification_is_recent",
        "The newest classification is recent. Warns after `checks.quiet_after_days`, where that is set.",
        raw.newest_classification_is_recent,
    ),
    Check("raw_subjects", "columns_are_known", _COLUMNS, raw.columns_are_known("subjects")),
    Check("raw_workflows", "columns_are_known", _COLUMNS, raw.columns_are_known("workflows")),
    Check(
        "imports",
        "rows_fit_the_header",
        "No row of a file had empty cells beyond the header. Warns with the files.",
        raw.rows_fit_the_header,
    ),
    Check(
        "imports",
        "files_are_as_downloaded",
        "No file was written again by R in a way that had to be undone. Warns with the files and what it was.",
        raw.files_are_as_downloaded,
    ),
    Check("raw_quarantine", quarantine.NAME, _QUARANTINE, raw.few_rows_are_quarantined, is_of_a_share=True),
)
_PARSED = (
    Check("subjects", identity.NAME, _IDS, parsed.subject_ids_are_unique),
    Check(
        "subjects",
        "pictures_are_unique",
        "No picture was uploaded as several subjects. Warns with those whose metadata name the same file.",
        parsed.pictures_are_unique,
    ),
    Check("workflow_versions", identity.NAME, _IDS, parsed.workflow_versions_are_unique),
    Check(
        "tasks",
        "version_is_defined",
        "The workflows export has the version. Warns where the options are those of another version.",
        parsed.version_is_defined,
    ),
    Check("classifications", identity.NAME, _IDS, parsed.classification_ids_are_unique, adds_up=True),
    Check(
        "classifications",
        "times_are_plausible",
        "All classifications have a time, none in the future and none before 2014. Warns otherwise.",
        parsed.times_are_plausible,
        adds_up=True,
    ),
    Check(
        "classifications",
        "session_times_are_read",
        "All times in the metadata of classifications could be read. Warns with the workflow and their number.",
        parsed.session_times_are_read,
        adds_up=True,
    ),
    Check(
        "classifications",
        "starts_are_their_own",
        "No session has the same start for several classifications. Warns where the time since the classification "
        "before stands for the duration.",
        parsed.starts_are_their_own,
        adds_up=True,
    ),
    Check(
        "parsed_quarantine",
        quarantine.NAME,
        _QUARANTINE,
        parsed.few_rows_are_quarantined,
        is_of_a_share=True,
        adds_up=True,
    ),
)
_FLATTENED = (
    *(
        Check(
            flattening.table,
            "answers_are_known",
            _ANSWERS,
            flattened.answers_are_known(flattening),
            adds_up=True,
            is_of_a_share=True,
        )
        for flattening in (each.flattening for each in TASK_TYPES)
        if flattening.example is not None
    ),
    Check(
        pictures.TABLE,
        "picture_sizes_are_known",
        "The size of every picture with marks is known, where their distances are a share of it. Warns otherwise.",
        pictures.picture_sizes_are_known,
    ),
    Check(
        grids.VOTES,
        "subjects_of_grids_have_a_vote",
        "Each subject that a grid showed has one vote. Warns where cells are of other subjects.",
        grids.subjects_of_grids_have_a_vote,
        adds_up=True,
    ),
    Check(
        grids.WHOLE,
        "subjects_of_grids_are_known",
        "The export says which subjects each grid showed. Warns with the number of grids that are kept whole.",
        grids.subjects_of_grids_are_known,
        adds_up=True,
    ),
    Check(
        highlights.TABLE,
        "offsets_fit_the_texts",
        "Every highlight ends where its text does. Warns with their number and an example.",
        highlights.offsets_fit_the_texts,
    ),
    Check(
        highlights.TABLE,
        "texts_stay_the_same",
        "Highlights at the same place of a subject have the same text. Warns where the subject was edited.",
        highlights.texts_stay_the_same,
    ),
    Check(
        "flattened_quarantine",
        quarantine.NAME,
        _QUARANTINE,
        flattened.few_classifications_lose_an_element,
        adds_up=True,
        is_of_a_share=True,
    ),
)
_CONSENSUS = (
    *(
        Check(
            each.table,
            consensus.NAME,
            f"{_CONSISTENT} No subject with an answer is missing.",
            consensus.is_consistent(each),
            adds_up=each.versions_together,
        )
        for each in consensus_types()
    ),
    Check(
        "survey_consensus",
        "blank_choice_is_known",
        "No survey has a choice that looks like `Nothing here` and is not known to stand for an empty subject. "
        "Warns with the choices.",
        blank_choices.blank_choice_is_known,
        adds_up=True,
    ),
)
_POOLED = (
    *(
        Check(each.pooled_table, consensus.NAME, _CONSISTENT, pooled.is_consistent(each))
        for each in consensus_types()
    ),
    Check(
        "pooled_question_consensus",
        "answers_do_not_drift",
        "The newest version of each task is answered like the earlier ones on the same subjects. Warns otherwise.",
        drift.answers_do_not_drift,
    ),
    Check(
        corrections.TABLE,
        "given_texts_are_known",
        "The text that volunteers corrected is known of every subject. Warns with what is wrong with the sources.",
        corrections.given_texts_are_known,
    ),
    Check(
        corrections.TABLE,
        "corrections_are_of_half",
        "At least half of those who changed anything made each accepted correction. Warns with those to review.",
        corrections.corrections_are_of_half,
    ),
    Check(
        untouched.TABLE,
        "sliders_are_moved",
        "On no subject most volunteers left a slider where it stood. Warns with the tasks.",
        untouched.sliders_are_moved,
    ),
    *(
        Check(
            each.pooled_table,
            late_votes.NAME,
            "No winner is another one because of votes that came after the retirement of its subject. Warns with "
            "the subjects.",
            late_votes.late_votes_change_no_winner(each),
        )
        for each in consensus_types()
        if each.has_winner
    ),
    *(Check(table, consensus.NAME, _PROBABILITIES, posteriors.is_consistent(table)) for table in posteriors.RULES),
    Check(pooled.SUMMARY, consensus.NAME, _CONSISTENT, pooled.summary_is_consistent),
    Check(SUBJECT_VOTES, consensus.NAME, _CONSISTENT, pooled.votes_are_consistent),
    Check(
        pooled.FRAMES,
        consensus.NAME,
        "Each frame of a subject has one row, with a size. A failure is a fault of zoo_dag.",
        pooled.frames_are_consistent,
    ),
    Check(
        pooled.SUMMARY,
        "questions_stay_the_same",
        "Each task asks the same in all versions, so that its votes are pooled. Warns with the texts before and "
        "after, and the setting that joins them.",
        revisions.questions_stay_the_same,
    ),
    Check(
        pooled.SUMMARY,
        "classifications_count_once",
        "No classification is in two versions.",
        pooled.classifications_count_once,
    ),
    Check(
        pooled.SUMMARY,
        "few_are_left_out",
        "No reason leaves out many of a workflow's classifications. Warns above a share, with the reason and the "
        "setting.",
        left_out.few_are_left_out,
        is_of_a_share=True,
    ),
    Check(
        pooled.SUMMARY,
        "subjects_are_known",
        "The subjects export has the classified subjects. Warns where it lacks too many.",
        pooled.subjects_are_known,
        is_of_a_share=True,
    ),
    Check(
        pooled.SUMMARY,
        "server_counts_agree",
        "As many classifications are here as the server counted. Warns where an export is older or partial.",
        server_counts_agree,
    ),
    Check(
        pooled.SUMMARY,
        "most_subjects_have_enough",
        "Most subjects have `agreement.min_classifications`. Warns otherwise.",
        pooled.most_subjects_have_enough,
        is_of_a_share=True,
    ),
)
_EVENTS = (
    *(Check(table, consensus.NAME, _EVENTS_ADD_UP, events.is_consistent(table)) for table in events.TABLES),
    Check(
        events.CONSENSUS,
        "times_are_read",
        "The time of each picture that has one could be read, and can be true. Warns with three of the others and "
        "the setting.",
        events.times_are_read,
        needs_step=True,
    ),
    Check(
        events.CONSENSUS,
        "deployments_are_known",
        "Each picture has a deployment. Warns with the number of the others.",
        events.deployments_are_known,
        needs_step=True,
    ),
    Check(
        events.CONSENSUS,
        "rows_from_outside_agree",
        "Each row of the table of `events.table` names its picture, and no two about the same one differ. Warns "
        "with the pictures and rows.",
        events.rows_from_outside_agree,
        needs_step=True,
    ),
    Check(
        events.RATES,
        "deployments_are_clear",
        "The table of `events.deployments` has a time for each deployment, no two rows overlap, all can be read, "
        "and all pictures were taken in these times. Warns with the rows.",
        events.deployments_are_clear,
        needs_step=True,
    ),
)
_LEDGER = (
    Check("accounting", "sums_match", "Every row of all exports is accounted for.", ledger.sums_match),
    Check("quarantine", quarantine.NAME, _QUARANTINE, ledger.few_rows_are_quarantined, is_of_a_share=True),
)

CHECKS: tuple[Check, ...] = (*_RAW, *_PARSED, *_FLATTENED, *_CONSENSUS, *_POOLED, *_EVENTS, *_LEDGER)


def checks_of(tables: Iterable[str]) -> list[Check]:
    """The checks of some tables."""
    wanted = set(tables)
    return [check for check in CHECKS if check.table in wanted]
