"""Where each column comes from: from which columns of which tables its values are made.

Declared as texts, in the form `table: column column; other_table: column`; `=` stands for the column's own name,
and `RUN` for what the run itself says, such as the partition or a constant. What only decides which rows count is
named where a column is a count of them. The tables named are upstream assets, not always the nearest ones.
"""

from functools import cache
from typing import NamedTuple

from zoo_dag.tables.consensus_lineage import POOLED, RUN, SUMMARY, VERSION, Declared
from zoo_dag.tables.ledger import EXCLUSION_REASONS


class Source(NamedTuple):
    """A column that another one is made from."""

    table: str
    column: str


_RAW = "raw_classifications"
_QUARANTINED_ROW = f"{_RAW}: ="

_PARSED: dict[str, Declared] = {
    "subjects": {
        "subject_id project_id metadata created_at updated_at retirement_reason": "raw_subjects: =",
        "workflow_id": "raw_subjects: workflow_id workflow_ids",
        "subject_set_id": "raw_subjects: subject_set_id subject_set_ids",
        "locations n_frames": "raw_subjects: locations",
        "classifications_count": "raw_subjects: classifications_count classifications_by_workflow",
        "retired_at": "raw_subjects: retired_at retired_in_workflow",
    },
    "workflow_versions": {
        "workflow_id display_name active classifications_count pairwise grouped prioritized primary_language "
        "first_task tutorial_subject_id retired_set_member_subjects_count tasks strings retirement aggregation": (
            "raw_workflows: ="
        ),
        "version_major": "raw_workflows: version",
        "version_minor": "raw_workflows: minor_version",
        "workflow_version": "raw_workflows: version minor_version",
        "retirement_criteria retirement_count": "raw_workflows: retirement",
    },
    "tasks": {
        "workflow_id tutorial_subject_id": "workflow_versions: =",
        "workflow_version": RUN,
        "task": "workflow_versions: tasks first_task",
        "task_revision option_origin": "workflow_versions: tasks strings version_major version_minor",
        "task_type required next option_kind option_path option_index option_id option_next shortcut": (
            "workflow_versions: tasks"
        ),
        "task_label option_label": "workflow_versions: tasks strings",
        "version_match": "workflow_versions: version_major version_minor",
    },
    "classifications": {
        "classification_id user_name user_id user_ip workflow_id workflow_name created_at gold_standard expert "
        "metadata annotations": f"{_RAW}: =",
        "user_key": f"{_RAW}: user_id metadata user_ip user_name classification_id",
        "workflow_version version_major version_minor": f"{_RAW}: workflow_version",
        "subject_ids subject_id n_subjects": f"{_RAW}: subject_ids subject_data",
        "classifier_version session started_at finished_at duration_s user_language live_project seen_before "
        "already_seen retired_when_shown source translation_bug": f"{_RAW}: metadata",
        "version_match": "tasks: version_match",
        "excluded": (
            f"{_RAW}: gold_standard metadata user_id user_ip user_name subject_ids subject_data created_at "
            "annotations classification_id; tasks: tutorial_subject_id"
        ),
    },
    "parsed_quarantine": {
        "source_file source_row classification_id workflow_id workflow_version": _QUARANTINED_ROW,
        "column reason found": (
            f"{_RAW}: classification_id created_at user_id gold_standard subject_ids subject_data metadata "
            "annotations"
        ),
        "stage kind annotation_index row": RUN,
    },
}

_ELEMENT: Declared = {
    "classification_id subject_id subject_ids user_key workflow_id workflow_version created_at excluded": (
        "classifications: ="
    ),
    "annotation_index parent_task": "classifications: annotations",
    "task": "classifications: annotations",
    "task_type task_label task_revision": "classifications: annotations; tasks: =",
}
_READ = "classifications: annotations"
_LABELLED = "classifications: annotations; tasks: option_label option_path option_index"
_IDENTIFIED = "classifications: annotations; tasks: option_id option_label"

_FLATTENED: dict[str, Declared] = {
    "question_annotations": {"status answer_index answer": _LABELLED, "n_selected": _READ},
    "dropdown_annotations": {
        "status select_index select_label option_index option_value option_label": (
            "classifications: annotations; tasks: option_id option_label option_path option_index"
        ),
        "free_text": _READ,
    },
    "survey_annotations": {
        "choice_label answers": _IDENTIFIED,
        "status identification_index choice_id filters": _READ,
    },
    "drawing_annotations": {
        "mark_index frame x y x1 y1 x2 y2 width height r rx ry angle spread start_time points closed mark": _READ,
        "status tool_index tool_type tool_label details": (
            "classifications: annotations; tasks: option_id option_label option_path option_index"
        ),
    },
    "text_annotations": {"status text": _READ},
    "slider_annotations": {"status value untouched": _READ},
    "highlight_annotations": {"status start end text color": _READ, "label": _IDENTIFIED},
    "other_annotations": {"status value": _READ},
    "flattened_quarantine": {
        "classification_id workflow_id workflow_version": "classifications: =",
        "column stage source_file source_row kind row": RUN,
        "annotation_index reason found": _READ,
    },
}


_COUNTED = f"{_RAW}: classification_id; classifications: annotations"
_KEPT = "classifications: classification_id; " + "; ".join(
    f"{name}: classification_id annotation_index" for name in _FLATTENED if name.endswith("_annotations")
)
_HELD = "parsed_quarantine: reason; flattened_quarantine: reason"
_EXCLUDED = "excluded " + " ".join(f"excluded_{reason}" for reason in EXCLUSION_REASONS)
_LEDGER: dict[str, Declared] = {
    "version_accounting": {
        "workflow_id workflow_version stage unit": RUN,
        "rows_in": _COUNTED,
        "rows_out": _KEPT,
        "quarantined": _HELD,
        "merged": "classifications: annotations",
        _EXCLUDED: "classifications: excluded",
        "balanced": f"{_COUNTED}; {_KEPT}; {_HELD}",
    },
    "accounting": {
        "workflow_id workflow_version": "version_accounting: =; raw_versions: =",
        "stage unit": "version_accounting: =; imports: kind",
        "rows_in": "version_accounting: =; raw_versions: n_read; imports: n_rows n_quarantined",
        "rows_out": (
            "version_accounting: =; raw_versions: n_rows; raw_subjects: subject_id; raw_workflows: workflow_id"
        ),
        "quarantined": "version_accounting: =; raw_quarantine: kind",
        "merged": "version_accounting: =; raw_versions: n_merged; imports: n_rows",
        f"{_EXCLUDED} balanced": "version_accounting: =",
    },
    "quarantine": {
        "source_file source_row": (
            f"raw_quarantine: =; parsed_quarantine: =; {_RAW}: =; raw_subjects: =; raw_workflows: ="
        ),
        "classification_id column reason found stage kind workflow_id workflow_version annotation_index row": (
            "raw_quarantine: =; parsed_quarantine: =; flattened_quarantine: ="
        ),
    },
}

_DECLARED: dict[str, Declared] = {
    **_PARSED,
    **{name: {**_ELEMENT, **own} if name.endswith("_annotations") else own for name, own in _FLATTENED.items()},
    **VERSION,
    **POOLED,
    "subject_summary": SUMMARY,
    **_LEDGER,
}


@cache
def lineage(table: str) -> dict[str, tuple[Source, ...]]:
    """The sources of each column of a table, none for what the run itself says; {} for a table without lineage."""
    found: dict[str, tuple[Source, ...]] = {}
    for columns, made in _DECLARED.get(table, {}).items():
        for column in columns.split():
            found[column] = _sources(made, column)
    return found


def _sources(made: str, column: str) -> tuple[Source, ...]:
    parts = [part.split(":") for part in made.split(";") if part.strip()]
    return tuple(
        dict.fromkeys(
            Source(table.strip(), column if name == "=" else name)
            for table, names in parts
            for name in names.split()
        )
    )
