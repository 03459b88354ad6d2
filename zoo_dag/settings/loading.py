"""Settings of a project: one `zoo_dag.toml` in the data folder. None are needed for a first run."""

import difflib
import hashlib
import tomllib
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, Field, ValidationError

from zoo_dag.errors import SettingsError
from zoo_dag.settings.checks import Checks
from zoo_dag.settings.fetching import Fetching
from zoo_dag.settings.section import Section

SETTINGS_FILE = "zoo_dag.toml"
# Sections that change how zoo_dag works, but no result.
_WITHOUT_RESULTS = {"importing", "fetching", "checks", "alerts"}


class Exclusion(Section):
    """Which classifications are left out of consensus. They stay in every parsed and flattened table."""

    gold_standard: bool = Field(default=True, description="Leave out classifications made in gold-standard mode.")
    pre_launch: bool = Field(
        default=True, description="Leave out classifications made before launch, where there are live ones too."
    )
    tutorial_subject: bool = Field(default=True, description="Leave out the subject of the workflow's tutorial.")
    network_duplicate: bool = Field(
        default=True, description="Leave out a classification that the client sent a second time."
    )
    known_bad: bool = Field(default=True, description="Leave out rows that the server marked as damaged.")
    repeat: Literal["first", "last", "all"] = Field(
        default="first",
        description="Of a volunteer's repeats the first counts, the last, or all, also those sent twice.",
    )


class Volunteers(Section):
    """How people are told apart."""

    anonymous_by_ip: bool = Field(
        default=False, description="Take all anonymous classifications from one IP token for one person."
    )


class Subjects(Section):
    """What a subject is."""

    expand_groups: bool = Field(
        default=False, description="Replace the pseudo subject of a subject group by its member subjects."
    )


class Questions(Section):
    """Consensus of questions."""

    of_repeated_task: Literal["last", "first"] = Field(
        default="last", description="Which element counts where a task occurs twice in one classification."
    )


class Surveys(Section):
    """Consensus of surveys."""

    count_questions: tuple[str, ...] = Field(
        default=("HOWMANY", "HWMN"),
        description="Ids of the question that asks how many; where a survey has none of them, the first question "
        "with `how many` in its label.",
    )
    blank_choices: tuple[str, ...] = Field(
        default=("NOTHINGHERE", "NTHNGHR"), description="Ids of the choices that mean that nothing is there."
    )


class Sliders(Section):
    """Consensus of sliders."""

    count_untouched: bool = Field(
        default=True, description="Count a slider that the volunteer left at its default as a value."
    )


class Texts(Section):
    """Consensus of texts."""

    line_eps: float = Field(
        default=30.0,
        gt=0,
        description="How far beside each other lines may lie that volunteers drew under the same line of text, in "
        "pixels; along the line it may be four times as much.",
    )


class Pooling(Section):
    """Which versions of a task are one task, where the labels alone would say otherwise."""

    same: tuple[str, ...] = Field(
        default=(), description='Goes on with the revision before it, as "3141 T0@4.11".'
    )
    new: tuple[str, ...] = Field(default=(), description='Starts a revision, as "3141 T0@3.10".')


class MarkOverride(Section):
    """Other parameters for the marks of a workflow, task or tool, or of all of these that are given."""

    workflow: int | None = Field(default=None, description="Workflow id.")
    task: str | None = Field(default=None, description="Task key.")
    tool: int | None = Field(default=None, description="Position of the tool.")
    algorithm: Literal["dbscan", "optics", "hdbscan"] | None = Field(default=None, description="As in [drawings].")
    min_volunteers: int | None = Field(default=None, ge=1, description="As in [drawings].")
    eps_pixels: float | None = Field(default=None, gt=0, description="As in [drawings].")
    eps_overlap: float | None = Field(default=None, gt=0, lt=1, description="As in [drawings].")
    eps_time: float | None = Field(default=None, ge=0, description="As in [drawings].")


class Drawings(Section):
    """Consensus of marks."""

    algorithm: Literal["dbscan", "optics", "hdbscan"] = Field(
        default="dbscan",
        description="How clusters are found; `optics` and `hdbscan` need the extra `cluster` (scikit-learn).",
    )
    min_volunteers: int = Field(
        default=3, ge=1, description="How many different volunteers have to mark a place for a cluster."
    )
    eps_pixels: float = Field(
        default=20.0,
        gt=0,
        description="How far apart neighbours may be, in pixels: points, lines, circles, triangles, fans, columns "
        "and paths.",
    )
    eps_overlap: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="The same for boxes, ellipses and outlines: 1 - area in common / area of both together.",
    )
    eps_time: float = Field(
        default=0.05, ge=0, description="The same for marks on videos, in time, as a fraction of the video."
    )
    overrides: tuple[MarkOverride, ...] = Field(
        default=(),
        description="Other values of the settings above for a `workflow`, `task` or `tool` (position): one "
        "`[[drawings.overrides]]` for each; of several that fit, the later wins.",
    )


class Agreement(Section):
    """When `subject_summary` says that a subject's consensus on a task is reached."""

    min_classifications: int = Field(default=3, ge=1, description="Classifications that reached the task.")
    min_agreement: float = Field(
        default=0.6, ge=0, le=1, description="Agreement on the task, or detection of its clearest mark."
    )


class Importing(Section):
    """Where exports come from."""

    inbox: str = Field(
        default="inbox", description="Folder that the raw assets read, relative to the data folder."
    )
    remote_inbox: str | None = Field(
        default=None,
        description="Prefix of an object store, such as `s3://bucket/exports`; new objects are copied into the "
        "inbox. Needs the package for that store (the extra `s3`), and its login in the environment.",
    )
    settle_seconds: float = Field(
        default=20,
        ge=0,
        description="How long a new file in the inbox must stay the same before it counts as completely written.",
    )


class Alerts(Section):
    """Who is told when a run fails. See docs/operations.md."""

    webhook: str = Field(
        default="",
        description="Web address that gets the message: an incoming webhook of Slack or Mattermost, or of Discord "
        "with `/slack` at its end. It is a secret: better set the environment variable `ZOO_DAG_ALERT_WEBHOOK`, "
        "which goes before.",
    )
    command: tuple[str, ...] = Field(
        default=(),
        description="Program, with its arguments, that gets the message as JSON on its standard input. No shell "
        "reads it, and it has 5 seconds.",
    )
    pages: str = Field(
        default="",
        description="Where people open Dagster's pages, such as `http://science.example:3000`: for the link to "
        "the run.",
    )


class Settings(Section):
    """All settings, by section."""

    importing: Importing = Importing()
    fetching: Fetching = Fetching()
    exclusion: Exclusion = Exclusion()
    volunteers: Volunteers = Volunteers()
    subjects: Subjects = Subjects()
    questions: Questions = Questions()
    pooling: Pooling = Pooling()
    agreement: Agreement = Agreement()
    surveys: Surveys = Surveys()
    sliders: Sliders = Sliders()
    texts: Texts = Texts()
    drawings: Drawings = Drawings()
    checks: Checks = Checks()
    alerts: Alerts = Alerts()

    def fingerprint(self) -> str:
        """A short text that changes with every setting that changes results."""
        text = self.model_dump_json(exclude=_WITHOUT_RESULTS)
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def load_settings(data: Path) -> Settings:
    """The settings of a data folder; defaults where it has no `zoo_dag.toml`.

    Raises SettingsError, naming the nearest known field, where the file has an unknown one.
    """
    file = data / SETTINGS_FILE
    if not file.is_file():
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not a TOML file: {error}.") from error
    except ValidationError as error:
        raise SettingsError(f"{file}: {_explain(error)}") from error


def _explain(error: ValidationError) -> str:
    problems = []
    for problem in error.errors():
        *sections, name = [str(part) for part in problem["loc"]] or [""]
        field = ".".join([*sections, name])
        if problem["type"] == "extra_forbidden":
            known = _fields(sections)
            near = difflib.get_close_matches(name, known, n=1, cutoff=0)
            problems.append(f"unknown setting {field}; did you mean {'.'.join([*sections, *near])}?")
        else:
            problems.append(f"{field}: {problem['msg']}, found {problem['input']!r}.")
    return " ".join(problems)


def _fields(sections: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for section in sections:
        # The number of an entry is no section.
        field = model.model_fields.get(section)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), model)
    return list(model.model_fields)


def load_or_default(data: Path) -> tuple[Settings, SettingsError | None]:
    """The settings of a data folder; where they have a problem, the defaults and the problem."""
    try:
        return load_settings(data), None
    except SettingsError as error:
        return Settings(), error
