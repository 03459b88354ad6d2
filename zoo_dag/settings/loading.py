"""The settings of a project: one `zoo_dag.toml` in the data folder. None are needed for a first run."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from zoo_dag.errors import SettingsError
from zoo_dag.settings.alerts import Alerts
from zoo_dag.settings.backfills import Backfills
from zoo_dag.settings.camtrap_dp import CamtrapDp
from zoo_dag.settings.checks import Checks
from zoo_dag.settings.darwin_core import DarwinCore
from zoo_dag.settings.fetching import Fetching
from zoo_dag.settings.history import History
from zoo_dag.settings.importing import Importing
from zoo_dag.settings.pictures import Pictures
from zoo_dag.settings.publication import Publication
from zoo_dag.settings.results import ResultSettings
from zoo_dag.settings.running import Running

SETTINGS_FILE = "zoo_dag.toml"
# What people who seldom write TOML get wrong, by how Python's parser begins its message.
_HINTS = {
    "Invalid value": "Text stands between quotes; true and false are in lower case.",
    "Cannot overwrite": "A setting has one line; a list holds all its values.",
    "Cannot declare": "A section has one line with its name, and all its settings below.",
}


class Settings(ResultSettings):
    """All settings, by section: those that change results, and these, which change only how zoo_dag works."""

    importing: Importing = Importing()
    fetching: Fetching = Fetching()
    publication: Publication = Publication()
    pictures: Pictures = Pictures()
    camtrap_dp: CamtrapDp = CamtrapDp()
    darwin_core: DarwinCore = DarwinCore()
    checks: Checks = Checks()
    alerts: Alerts = Alerts()
    backfills: Backfills = Backfills()
    history: History = History()
    running: Running = Running()


def load_settings(data: Path) -> Settings:
    """The settings of a data folder; the defaults where it has no `zoo_dag.toml`.

    Raises SettingsError for a file that is not TOML, a wrong value, an unknown setting, for which it names the
    nearest known one, and a file whose name is nearly the right one.
    """
    file = data / SETTINGS_FILE
    if not file.is_file():
        _refuse_other_names(data)
        return Settings()
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = next((f" {hint}" for start, hint in _HINTS.items() if str(error).startswith(start)), "")
        raise SettingsError(f"{file}: not a TOML file: {error}.{hint}") from None
    return given_settings(values, str(file))


def given_settings(values: Mapping[str, Any], source: str) -> Settings:
    """The settings with these values by section, which were written in `source`. Raises SettingsError."""
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        # The sentence says it all; logs would print the cause with its traceback.
        raise SettingsError(f"{source}: {_explain(error)}") from None


def _refuse_other_names(data: Path) -> None:
    """An editor adds .txt, and the command is `zoo-dag`: the settings in such a file would silently not hold."""
    for other in sorted(data.glob("[zZ]oo*.[tT]*")):
        if other.is_file() and other.name.lower().removesuffix(".txt").replace("-", "_") in (
            SETTINGS_FILE,
            "zoo_dag",
        ):
            raise SettingsError(f"{other}: settings are read from {SETTINGS_FILE} only. Rename the file.")


def load_or_default(data: Path) -> tuple[Settings, SettingsError | None]:
    """The settings of a data folder and None; where they have a problem, what can be read of them and the problem.

    For code that must work in spite of a typo, such as a server that has to report it: a section with a problem
    has its defaults, and the others, such as the alerts, are as written.
    """
    try:
        return load_settings(data), None
    except SettingsError as error:
        return _valid_sections(data / SETTINGS_FILE), error


def _valid_sections(file: Path) -> Settings:
    try:
        sections = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, FileNotFoundError):
        return Settings()
    valid = Settings()
    for name in Settings.model_fields.keys() & sections.keys():
        try:
            section = Settings.model_validate({name: sections[name]})
        except ValidationError:
            continue
        valid = valid.model_copy(update={name: getattr(section, name)})
    return valid


def _explain(error: ValidationError) -> str:
    problems = []
    for problem in error.errors():
        *sections, name = [str(part) for part in problem["loc"]] or [""]
        if problem["type"] == "extra_forbidden":
            problems.append(_unknown(sections, name, problem["input"]))
        else:
            message = problem["msg"].removeprefix("Value error, ")
            if problem["type"] == "tuple_type":
                message = f'expected a list, such as ["{problem["input"]}"]'
            # The address of a webhook is a secret.
            found = "another address" if name == "webhook" else repr(problem["input"])
            # What is missing, or wrong together, is found in all of the section.
            found = "" if isinstance(problem["input"], dict) else f", found {found}"
            problems.append(f"{'.'.join([*sections, name])}: {message}{found}.")
    return " ".join(problems)


def _unknown(sections: list[str], name: str, value: Any) -> str:
    if (sections, name) == ([], "questions") and isinstance(value, dict) and "of_repeated_task" in value:
        return "of_repeated_task holds for all task types: move it from [questions] to the section [consensus]."
    if sections and name in Settings.model_fields:
        return (
            f"unknown setting {'.'.join([*sections, name])}: {name} is a section of its own. Begin it with a line "
            f"[{name}], and write its settings below."
        )
    if not sections and not isinstance(value, dict):
        for section in Settings.model_fields:
            if name in _fields([section]):
                return f"unknown setting {name}: write it below a line [{section}]."
    near = difflib.get_close_matches(name, _fields(sections), n=1, cutoff=0)
    return f"unknown setting {'.'.join([*sections, name])}; did you mean {'.'.join([*sections, *near])}?"


def _fields(sections: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for section in sections:
        # The number of an entry is not a section.
        field = model.model_fields.get(section)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), model)
    return list(model.model_fields)
