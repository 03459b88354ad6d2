"""What each table is built from, and by which version of the code.

The assets are declared with it, and the search for stale tables reads it without Dagster.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from zoo_dag import __version__
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.answer_names import VOTED
from zoo_dag.task_types.catalogue import consensus_types, flattened_tables
from zoo_dag.task_types.flattened_rows import QUARANTINE
from zoo_dag.task_types.posteriors import OF_ANSWERS, VOLUNTEERS, VOTES, WEIGHED

# Version of the code that builds a table; a higher number makes the stored tables stale.
CODE_VERSIONS = {
    **dict.fromkeys(("subjects", "classifications", "flattened_quarantine"), 2),
    "parsed_quarantine": 3,
    **{f"{kind}_annotations": 2 for kind in ("dropdown", "survey", "text", "slider", "other")},
    **dict.fromkeys(("question_annotations", "highlight_annotations"), 3),
    "drawing_annotations": 5,
    **{
        name: version
        for version, kinds in (
            (2, ("slider",)),
            (3, ("dropdown", "survey", "text")),
            (4, ("drawing", "question")),
        )
        for kind in kinds
        for name in (f"{kind}_consensus", f"pooled_{kind}_consensus")
    },
    **{f"{kind}_posteriors": 2 for kind in ("question", "dropdown", "survey")},
    "volunteers": 2,
    "volunteer_activity": 2,
    "subject_summary": 5,
    "accounting": 2,
    **dict.fromkeys(("event_consensus", "deployment_rates"), 2),
}

# The tables that an import writes.
IMPORTED = ("raw_classifications", "raw_subjects", "raw_workflows", "raw_quarantine", "imports")
# The tables that read `subjects` where the setting `exclusion.after_retirement` is on. By default they do not
# depend on it, so that a new subjects export makes no version stale.
AFTER_RETIREMENT = ("classifications", "parsed_quarantine")
_FLATTENED = (*flattened_tables(), QUARANTINE)
# The tables that only `[events]` in the settings asks for, and all that depend on these settings.
OF_EVENTS = tuple(name for name, table in TABLES.items() if table.asked_for == "events")
_WITH_EVENTS = ("subject_summary", *OF_EVENTS)
_CONSENSUS = {each.table: each.inputs for each in consensus_types()}
_POOLED = {each.pooled_table: each.inputs for each in consensus_types()}
_GATHERED = ("accounting", "quarantine")
_RETIREMENTS = "retirements"
# The tables that are made from the votes.
OF_VOTES = ("volunteer_activity", "task_agreement", _RETIREMENTS)
_WEIGHED = (*WEIGHED, VOLUNTEERS, VOTES, *OF_VOTES)

# The tables that are built from others, by name, each with those that it is built from.
INPUTS: Mapping[str, tuple[str, ...]] = {
    "subjects": ("raw_subjects",),
    "workflow_versions": ("raw_workflows",),
    "tasks": ("workflow_versions",),
    **dict.fromkeys(AFTER_RETIREMENT, ("raw_versions", "tasks")),
    **dict.fromkeys(_FLATTENED, ("classifications", "tasks")),
    "version_accounting": ("raw_versions", "classifications", "parsed_quarantine", *_FLATTENED),
    # Only from tables whose row accounting balances: that check stops later steps.
    **{name: ("classifications", "tasks", "version_accounting", *inputs) for name, inputs in _CONSENSUS.items()},
    **{name: ("classifications", "tasks", "version_accounting", *inputs) for name, inputs in _POOLED.items()},
    **{
        # `shown_subjects` change with every export; what feedback says of them is an input by its content.
        name: ("classifications", "tasks", "version_accounting", *each.inputs, each.pooled_table)
        for name, (each, _) in WEIGHED.items()
    },
    VOLUNTEERS: tuple(WEIGHED),
    VOTES: OF_ANSWERS,
    **dict.fromkeys(OF_VOTES, (VOTES,)),
    "volunteer_activity": ("classifications", VOTES),
    "subject_frames": ("classifications", "version_accounting", "subjects"),
    "subject_summary": ("classifications", "tasks", "shown_subjects", "subjects", *_POOLED, *WEIGHED),
    "subject_votes": ("tasks", "subject_summary", *VOTED, VOTES),
    "event_consensus": (
        *("tasks", "shown_subjects", "subjects"),
        *("pooled_survey_consensus", "pooled_question_consensus"),
    ),
    "deployment_rates": ("shown_subjects", "subjects", "event_consensus"),
    **dict.fromkeys(
        _GATHERED,
        (
            "raw_versions",
            *("imports", "raw_quarantine", "raw_subjects", "raw_workflows"),
            *("version_accounting", "parsed_quarantine", QUARANTINE),
        ),
    ),
}


def not_asked_for(settings: Settings) -> frozenset[str]:
    """The tables that are not built, because nothing in the settings asks for them."""
    asked = {
        "events": settings.events.are_wanted,
        "drawings.contours": bool(settings.drawings.contours),
        "retirement": bool(settings.retirement.rules),
    }
    return frozenset(name for name, table in TABLES.items() if table.asked_for and not asked[table.asked_for])


class Recipe(NamedTuple):
    """A table, the tables that it is built from, and by which code and settings.

    `code` changes with the code and the columns of the table, `settings` with the settings that change results.
    """

    name: str
    inputs: tuple[str, ...]
    code: str
    settings: str

    @property
    def code_version(self) -> str:
        """The version of the code under the settings of the project, for Dagster and for data versions."""
        return f"{self.code}-{self.settings}"

    @property
    def provenance(self) -> dict[str, str]:
        """How the table is built, as metadata of its files.

        The settings themselves may name volunteers, so only their fingerprint is stored.
        """
        return {"code_version": self.code, "settings": self.settings, "zoo_dag": __version__}


def recipe(name: str, settings: Settings) -> Recipe:
    """How a table is built."""
    code = f"{CODE_VERSIONS.get(name, 1)}-{TABLES[name].fingerprint}"
    fingerprint = settings.fingerprint(
        of_posteriors=name in _WEIGHED, of_retirement=name == _RETIREMENTS, of_events=name in _WITH_EVENTS
    )
    return Recipe(name, INPUTS.get(name, ()), code, fingerprint)


def recipes(settings: Settings, names: Iterable[str] = tuple(INPUTS)) -> list[Recipe]:
    """How tables are built, by default all, each after its inputs."""
    waiting = {name: recipe(name, settings) for name in names}
    ordered: list[Recipe] = []
    while waiting:
        ready = [name for name, each in waiting.items() if not set(each.inputs) & set(waiting)]
        ordered.extend(waiting.pop(name) for name in ready)
    return ordered
