"""Settings: none are needed, and one that is wrong is named together with the nearest right one."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from zoo_dag.errors import SettingsError
from zoo_dag.settings.loading import SETTINGS_FILE, Settings, load_or_default, load_settings
from zoo_dag.settings.results import ResultSettings


def load(folder: Path, text: str) -> Settings:
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
    return load_settings(folder)


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()
    assert load(tmp_path, "") == Settings()


def test_fields_of_the_file_are_read(tmp_path: Path) -> None:
    settings = load(
        tmp_path, '[exclusion]\nrepeat = "last"\ngold_standard = false\n[volunteers]\nanonymous_by_ip = true'
    )
    assert (settings.exclusion.repeat, settings.exclusion.gold_standard) == ("last", False)
    assert settings.exclusion.pre_launch is True
    assert settings.volunteers.anonymous_by_ip is True


def test_a_byte_order_mark_of_an_editor_does_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, '\ufeff[exclusion]\nrepeat = "all"').exclusion.repeat == "all"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[exclusion]\ngold = true", r"unknown setting exclusion\.gold; did you mean exclusion\.gold_standard\?"),
        ("[exclusion]\nrepeats = 1", r"unknown setting exclusion\.repeats; did you mean exclusion\.repeat\?"),
        ("[exclusions]\n", r"unknown setting exclusions; did you mean exclusion\?"),
        (
            '[[drawings.overrides]]\ntasks = "T0"',
            r"unknown setting drawings\.overrides\.0\.tasks; did you mean drawings\.overrides\.0\.task\?",
        ),
        ("zzz = 1", r"unknown setting zzz; did you mean \w+\?"),
        ('repeat = "last"', r"unknown setting repeat: write it below a line \[exclusion\]\."),
        (
            '[exclusion]\npooling.same = ["1 T0@2.3"]',
            r"unknown setting exclusion\.pooling: pooling is a section of its own\. Begin it .* \[pooling\]",
        ),
        ('[exclusion]\nusers = "ann"', r"exclusion\.users: expected a list, such as \[\"ann\"\], found 'ann'"),
        ("[exclusion]\nrepeat = last", r"\(at line 2, column 10\)\. Text stands between quotes"),
        ("[exclusion]\npre_launch = False", "true and false are in lower case"),
        ('pooling.same = ["a"]\npooling.same = ["b"]', "a list holds all its values"),
        ("[exclusion]\n[exclusion]", "A section has one line with its name"),
        ('[exclusion]\nrepeat = "never"', r"exclusion\.repeat: .*'first', 'last' or 'all', found 'never'"),
        ("exclusion = 3", r"exclusion: .* found 3"),
        ("[exclusion", "not a TOML file"),
        ('[importing]\ninbox = ["a"]', r"importing\.inbox: .* found \['a'\]"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as raised:
        load(tmp_path, text)
    assert str(tmp_path / SETTINGS_FILE) in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "versions = [4.10]",
            'exclusion.versions.0: expected a version between quotes, such as "4.10": a number is',
        ),
        (
            'versions = ["4"]',
            "exclusion.versions.0: expected a version such as 4.11, or with its workflow 3141 4.11,",
        ),
        (
            'before = "spring"',
            "exclusion.before: expected a day such as 2024-03-05, or a time such as 2024-03-05T01",
        ),
    ],
)
def test_a_list_that_cannot_be_read_says_what_it_expects(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        load(tmp_path, f"[exclusion]\n{text}\n")


def test_days_and_times_of_a_file_are_read(tmp_path: Path) -> None:
    text = "[exclusion]\nusers = [7, 'Ann']\nbefore = 2024-03-05\nafter = 2024-06-30T12:00:00+02:00\n"
    rules = load(tmp_path, text).exclusion
    assert rules.users == ("7", "Ann")
    assert rules.before == datetime(2024, 3, 5, tzinfo=UTC)
    assert rules.after == datetime(2024, 6, 30, 10, tzinfo=UTC)


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"exclusion\.gold;.*volunteers\.by_ip;"):
        load(tmp_path, "[exclusion]\ngold = true\n[volunteers]\nby_ip = true")


def test_a_setting_in_its_old_section_is_named_with_the_new_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, '[questions]\nof_repeated_task = "first"\n[exclusion]\nrepeat = "all"')
    assert str(raised.value) == (
        f"{tmp_path / SETTINGS_FILE}: of_repeated_task holds for all task types: move it from [questions] to the "
        "section [consensus]."
    )
    assert load(tmp_path, '[consensus]\nof_repeated_task = "first"').consensus.of_repeated_task == "first"


def test_a_problem_comes_with_what_can_be_read_for_what_must_start_all_the_same(tmp_path: Path) -> None:
    assert load_or_default(tmp_path) == (Settings(), None)
    changed = load(tmp_path, '[exclusion]\nrepeat = "all"')
    assert load_or_default(tmp_path) == (changed, None)
    typo = '[exclusion]\nrepeat = "all"\ngold = true\n[alerts]\npages = "http://science.example"\n[nothing]\n'
    (tmp_path / SETTINGS_FILE).write_text(typo, encoding="utf-8")
    settings, problem = load_or_default(tmp_path)
    assert settings.exclusion == Settings().exclusion
    assert settings.alerts.pages == "http://science.example"
    assert isinstance(problem, SettingsError)
    assert "unknown setting exclusion.gold" in str(problem)


def test_bytes_that_are_no_text_are_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(b"\xff\xfe[\x00")
    with pytest.raises(SettingsError, match="not a TOML file"):
        load_settings(tmp_path)
    assert load_or_default(tmp_path)[0] == Settings()


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"exclusion": {"repeat": "all"}}, False),
        ({"subjects": {"expand_groups": True}}, False),
        ({"consensus": {"of_repeated_task": "first"}}, False),
        ({"drawings": {"overrides": [{"tool": 1, "eps_pixels": 3}]}}, False),
        ({"exclusion": {"repeat": "first"}}, True),
        ({"importing": {"inbox": "elsewhere"}}, True),
        ({"fetching": {"project": 1234}}, True),
        ({"checks": {"drift": 0.5}}, True),
        ({"alerts": {"webhook": "https://example.org"}}, True),
    ],
)
def test_the_fingerprint_changes_with_what_changes_results(changed: dict[str, Any], same: bool) -> None:
    assert (Settings.model_validate(changed).fingerprint() == Settings().fingerprint()) is same


def test_the_sections_that_change_no_result_are_these() -> None:
    assert Settings.model_fields.keys() - ResultSettings.model_fields.keys() == {
        "importing",
        "fetching",
        "publication",
        "pictures",
        "camtrap_dp",
        "darwin_core",
        "checks",
        "alerts",
        "backfills",
        "history",
        "running",
    }


def test_every_setting_is_described() -> None:
    for section in Settings.model_fields.values():
        assert isinstance(section.annotation, type)
        assert issubclass(section.annotation, BaseModel)
        for name, field in section.annotation.model_fields.items():
            assert field.description, name


@pytest.mark.parametrize("name", ["zoo-dag.toml", "zoo_dag.toml.txt", "zoo_dag.txt", "Zoo_dag.TOML"])
def test_a_file_with_nearly_the_right_name_is_no_silent_loss(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('[exclusion]\nrepeat = "all"', encoding="utf-8")
    with pytest.raises(
        SettingsError, match=rf"{name}: settings are read from zoo_dag\.toml only\. Rename the file\."
    ):
        load_settings(tmp_path)
    settings, problem = load_or_default(tmp_path)
    assert settings == Settings()
    assert problem is not None
    (tmp_path / SETTINGS_FILE).write_text('[exclusion]\nrepeat = "last"', encoding="utf-8")
    assert load_settings(tmp_path).exclusion.repeat == "last"
