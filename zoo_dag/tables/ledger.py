"""Tables of the ledger: where every row of the exports went."""

from collections.abc import Mapping
from typing import Literal, get_args

from zoo_dag.tables.columns import count, flag, identifier, of, text, with_sources
from zoo_dag.tables.flattened import ANNOTATIONS
from zoo_dag.tables.quarantine import QUARANTINE, quarantine
from zoo_dag.tables.table import Partition, Table

# Why a classification is excluded from consensus. Of several reasons the first in this order is stored.
ExclusionReason = Literal[
    "gold_standard",
    "pre_launch",
    "tutorial_subject",
    "listed",
    "training_subject",
    "after_retirement",
    "network_duplicate",
    "repeat",
    "known_bad",
]
EXCLUSION_REASONS: tuple[ExclusionReason, ...] = get_args(ExclusionReason)
_MEANING: dict[ExclusionReason, str] = {
    "gold_standard": "gold standard",
    "pre_launch": "before launch, in a project that launched",
    "tutorial_subject": "tutorial subject",
    "listed": "the settings name the volunteer, the time or the version",
    "training_subject": "a subject for training",
    "after_retirement": "made after the subject was retired",
    "network_duplicate": "the same classification was sent twice",
    "repeat": "the volunteer classified the subject again",
    "known_bad": "the server marked the row as damaged",
}

_COLUMNS = {
    "workflow_id": identifier("Workflow; null for rows that reached no version"),
    "workflow_version": text("Workflow version; null for rows that reached no version"),
    "stage": text("raw, parsed or flattened"),
    "unit": text("What is counted: rows of the export, or elements of annotations"),
    "rows_in": count("Units that entered the stage"),
    "rows_out": count("Units that are in a table of the stage"),
    "quarantined": count("Units in the quarantine"),
    "merged": count("Units that repeated another one and were merged with it"),
    "excluded": count("Of rows_out, units kept but left out of consensus"),
    **{f"excluded_{reason}": count(f"Left out: {meaning}") for reason, meaning in _MEANING.items()},
    "balanced": flag("The sums match"),
}
_EXCLUDED = tuple(name for name in _COLUMNS if name.startswith("excluded"))


def _accounting(name: str, sources: Mapping[str, tuple[str, ...]], partition: Partition | None) -> Table:
    """An accounting, with the sources of its columns."""
    return Table(
        name,
        "ledger",
        "One row per workflow version and stage: rows in = rows out + quarantined + merged.\n\n"
        "Good for proving that nothing was lost: `balanced` says whether the sums match. Next, open "
        "`quarantine` for the rows that no table could take, and `classifications` for those left out of "
        "consensus.",
        with_sources(_COLUMNS, sources),
        partition,
    )


_COUNTED = of("raw_classifications", "classification_id") + of("classifications", "annotations")
_KEPT = of("classifications", "classification_id") + tuple(
    source for table in ANNOTATIONS for source in of(table.name, "classification_id", "annotation_index")
)
_REJECTED = of("parsed_quarantine", "reason") + of("flattened_quarantine", "reason")

# The accounting of all versions adds the raw stage to that of each version.
_OF_RAW = {
    "workflow_id": of("raw_versions", "workflow_id"),
    "workflow_version": of("raw_versions", "workflow_version"),
    "stage": of("imports", "kind"),
    "unit": of("imports", "kind"),
    "rows_in": of("raw_versions", "n_read") + of("imports", "rows_read"),
    "rows_out": of("raw_versions", "n_rows")
    + of("raw_subjects", "subject_id")
    + of("raw_workflows", "workflow_id"),
    "quarantined": of("raw_quarantine", "kind"),
    "merged": of("raw_versions", "n_merged"),
}

_HELD = ("raw_quarantine", "parsed_quarantine", "flattened_quarantine")
# Where a rejected element was read, its classification says; where a subject or a workflow was, its raw table.
_READ_FROM = ("raw_quarantine", "parsed_quarantine", "raw_classifications", "raw_subjects", "raw_workflows")

TABLES = (
    _accounting(
        "version_accounting",
        {
            "rows_in": _COUNTED,
            "rows_out": _KEPT,
            "quarantined": _REJECTED,
            "merged": of("classifications", "annotations"),
            **dict.fromkeys(_EXCLUDED, of("classifications", "excluded")),
            "balanced": _COUNTED + _KEPT + _REJECTED,
        },
        "workflow_version",
    ),
    _accounting(
        "accounting",
        {name: of("version_accounting", name) + _OF_RAW.get(name, ()) for name in _COLUMNS},
        None,
    ),
    quarantine(
        "quarantine",
        "ledger",
        {
            name: tuple(
                f"{table}.{name}" for table in (_READ_FROM if name in ("source_file", "source_row") else _HELD)
            )
            for name in QUARANTINE
        },
        partition=None,
    ),
)
