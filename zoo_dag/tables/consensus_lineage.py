"""Where the columns of the consensus and pooled tables come from; in the form that `lineage` describes."""

from collections.abc import Mapping

RUN = ""

Declared = Mapping[str, str]


def _consensus(source: str, measures: Declared, unit: str = "") -> dict[str, str]:
    """A consensus of one flattened table, or of several joined with a blank; `unit` are columns it has besides.

    In `measures`, `$` stands for each of the tables.
    """
    tables = source.split()

    def of(columns: str) -> str:
        return "; ".join(f"{table}: {columns}" for table in tables)

    keys = f"workflow_id workflow_version task task_revision task_label subject_id subject_ids {unit}"
    counts = {
        keys: of("="),
        "n_classifications": of("classification_id excluded"),
        "n_blank": of("classification_id status excluded"),
        "n_volunteers": of("user_key excluded"),
    }
    return counts | {
        columns: made if "$" not in made else "; ".join(made.replace("$", table) for table in tables)
        for columns, made in measures.items()
    }


_VOTES = "$: classification_id status excluded"
_VOTED = "votes fraction fraction_of_all fraction_low fraction_high rank tied agreement"
_SHAPE = "x y x1 y1 x2 y2 width height r rx ry angle spread start_time points closed"
# Paths have no spread of their own.
_SPREADS = {f"{name}_std": f"$: {name} user_key excluded" for name in _SHAPE.split()[:-2]}
VERSION: dict[str, Declared] = {
    "question_consensus": _consensus(
        "question_annotations",
        {
            _VOTED: f"{_VOTES} answer answer_index",
            "n_answered": _VOTES,
            "entropy": f"{_VOTES} answer answer_index; tasks: option_path",
        },
        unit="answer_index answer",
    ),
    "dropdown_consensus": _consensus(
        "dropdown_annotations",
        {
            "option_value": "$: option_value option_index",
            _VOTED: f"{_VOTES} option_value option_label option_index free_text",
            "n_answered": f"{_VOTES} select_index",
            "entropy": f"{_VOTES} option_value option_label free_text; tasks: option_id option_path",
        },
        unit="select_index select_label option_label free_text",
    ),
    "survey_consensus": _consensus(
        "survey_annotations",
        {
            "votes fraction_of_all fraction_low fraction_high tied n_choices evenness evenness_without_blanks": (
                f"{_VOTES} choice_id"
            ),
            "rank": f"{_VOTES} choice_id; tasks: option_id option_index",
            "n_answered": _VOTES,
            "answers count_min count_median count_max": (
                f"{_VOTES} answers; tasks: option_id option_label option_index option_path"
            ),
        },
        unit="choice_id choice_label",
    ),
    "drawing_consensus": _consensus(
        "drawing_annotations",
        {
            "cluster_index n_marks n_members detection": f"$: user_key status excluded {_SHAPE}",
            _SHAPE: "$: = user_key excluded",
            **_SPREADS,
            "iou": f"$: {_SHAPE}",
            "details": "$: details user_key excluded",
        },
        unit="frame tool_index tool_type tool_label",
    ),
    "slider_consensus": _consensus(
        "slider_annotations",
        {"mean median std mad min max q25 q75 mean_low mean_high": "$: value untouched status excluded"},
    ),
    "text_consensus": _consensus(
        "text_annotations drawing_annotations",
        {
            "line_index x1 y1 x2 y2": "drawing_annotations: frame x1 y1 x2 y2 user_key excluded",
            "text agreement tokens": (
                "text_annotations: text excluded; drawing_annotations: details tool_type user_key excluded"
            ),
            "n_answered": (
                "text_annotations: text classification_id excluded; drawing_annotations: details user_key excluded"
            ),
            "method": RUN,
        },
    ),
}


# What an option of an older version is called in the newest one.
_RENAMED = (
    "answer_index answer tool_index tool_label choice_id choice_label select_index select_label option_value "
    "option_label"
)


def _pooled(declared: Declared) -> dict[str, str]:
    """The same over all versions: who counts is decided anew, and labels are those of the newest version."""
    pooled = {}
    for columns, made in declared.items():
        again = "; classifications: excluded" if "excluded" in made else ""
        for name in columns.split():
            if name == "workflow_version":
                pooled["versions"] = made.replace("=", name)
            else:
                labels = (
                    "; tasks: option_label option_index option_id option_origin"
                    if name in _RENAMED.split()
                    else ""
                )
                pooled[name] = made + again + labels
    return pooled


POOLED: dict[str, Declared] = {f"pooled_{name}": _pooled(declared) for name, declared in VERSION.items()}

SUMMARY: Declared = {
    "workflow_id subject_id subject_ids": "classifications: =",
    "subject_known": "subjects: subject_id",
    "versions": "classifications: workflow_version excluded",
    "n_classifications n_excluded": "classifications: excluded",
    "n_volunteers": "classifications: user_key excluded",
    "first_at last_at": "classifications: created_at excluded",
    "classifications_count retired_at retirement_reason metadata": "subjects: =",
    "urls": "subjects: locations",
}
