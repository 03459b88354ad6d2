"""Settings of a project: one `zoo_dag.toml` in the data folder. None are needed for a first run."""

import difflib
import hashlib
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zoo_dag.errors import SettingsError

SETTINGS_FILE = "zoo_dag.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Exclusion(_Section):
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


class Volunteers(_Section):
    """How people are told apart."""

    anonymous_by_ip: bool = Field(
        default=False, description="Take all anonymous classifications from one IP token for one person."
    )


class Subjects(_Section):
    """What a subject is."""

    expand_groups: bool = Field(
        default=False, description="Replace the pseudo subject of a subject group by its member subjects."
    )


class Questions(_Section):
    """Consensus of questions."""

    of_repeated_task: Literal["last", "first"] = Field(
        default="last", description="Which element counts where a task occurs twice in one classification."
    )


class Importing(_Section):
    """Where exports come from."""

    inbox: str = Field(
        default="inbox", description="Folder that the raw assets read, relative to the data folder."
    )


class Settings(_Section):
    """All settings, by section."""

    importing: Importing = Importing()
    exclusion: Exclusion = Exclusion()
    volunteers: Volunteers = Volunteers()
    subjects: Subjects = Subjects()
    questions: Questions = Questions()

    def fingerprint(self) -> str:
        """A short text that changes with every setting that changes results."""
        text = self.model_dump_json(exclude={"importing"})
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
        annotation = model.model_fields[section].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return list(model.model_fields)
