"""Who made a classification: the order in which an export identifies a person."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders import CLASSIFICATION_COLUMNS, anonymous, classification_row, metadata, write_classifications
from tests.exports.raw_project import RawProject
from zoo_dag.settings.loading import Settings

ADDRESS = "0123456789abcdef0123"
BY_ADDRESS = Settings.model_validate({"volunteers": {"anonymous_by_ip": True}})


def imported(
    project: RawProject, *rows: dict[str, Any], columns: tuple[str, ...] = CLASSIFICATION_COLUMNS
) -> None:
    project.add(write_classifications(project.root.parent / "classifications.csv", rows, columns))


def column(project: RawProject, name: str) -> list[Any]:
    return project.classifications().sort("classification_id")[name].to_list()


def without(*names: str) -> tuple[str, ...]:
    return tuple(name for name in CLASSIFICATION_COLUMNS if name not in names)


def test_an_account_id_may_be_any_text(project: RawProject) -> None:
    ids = ["7001", "7001.0", " 7001", "9f86d081884c7d65", "volunteer A", "\uff11\uff12", "1" * 30]
    imported(project, *(classification_row(number, user_id=each) for number, each in enumerate(ids, 1)))
    assert column(project, "user_id") == [7001, 7001, 7001, None, None, None, None]
    assert column(project, "user_key") == [
        *["user:7001"] * 3,
        "user:9f86d081884c7d65",
        "user:volunteer A",
        "user:\uff11\uff12",
        f"user:{'1' * 30}",
    ]
    assert project.parsed()[1].height == 0


def test_one_hashed_account_at_two_computers_is_one_person(project: RawProject) -> None:
    rows = [
        classification_row(1, user_id="ab12", user_ip="a" * 20),
        classification_row(2, user_id="ab12", user_ip="b" * 20),
    ]
    imported(project, *rows)
    assert column(project, "user_key") == ["user:ab12", "user:ab12"]
    assert column(project, "excluded") == [None, "repeat"]


@pytest.mark.parametrize("nothing", [None, "", " ", "NA", "NaN", "None", "null", "NULL", "<NA>"])
def test_what_stands_for_nothing_is_no_account(project: RawProject, nothing: str | None) -> None:
    imported(project, anonymous(1, user_id=nothing), anonymous(2, user_id=nothing))
    assert column(project, "user_id") == [None, None]
    assert column(project, "user_key") == ["session:session-1", "session:session-2"]


def test_without_an_id_the_login_is_the_person(project: RawProject) -> None:
    rows = [
        classification_row(1, user_name="ann", user_ip="a" * 40),
        classification_row(2, user_name="bob", user_ip="a" * 40),
        classification_row(3, user_name="ann", user_ip="b" * 40),
        anonymous(4),
    ]
    imported(project, *rows, columns=without("user_id"))
    assert column(project, "user_key") == ["name:ann", "name:bob", "name:ann", "session:session-4"]
    assert column(project, "excluded") == [None, None, "repeat", None]


@pytest.mark.parametrize("name", [None, "", "NA", "not-logged-in", "not-logged-in-"])
def test_a_name_of_nobody_is_no_login(project: RawProject, name: str | None) -> None:
    imported(project, anonymous(1, user_name=name), anonymous(2, user_name=name, metadata=metadata(session="")))
    assert column(project, "user_key") == ["session:session-1", f"ip:{ADDRESS}"]


def test_the_name_of_an_anonymous_person_contains_the_address(project: RawProject) -> None:
    rows = [
        anonymous(1, metadata={}, user_name="not-logged-in-aa"),
        anonymous(2, metadata={}, user_name="not-logged-in-bb"),
        anonymous(3, metadata={}, user_name="not-logged-in-aa"),
    ]
    imported(project, *rows, columns=without("user_ip"))
    assert column(project, "user_key") == ["ip:aa", "ip:bb", "ip:aa"]
    assert column(project, "excluded") == [None, None, "repeat"]


def test_addresses_of_removed_columns_can_go_first_too(tmp_path: Path) -> None:
    project = RawProject(tmp_path / "by address", BY_ADDRESS)
    rows = [anonymous(1), anonymous(2), classification_row(3), classification_row(4, user_id=None)]
    imported(project, *rows, columns=without("user_ip"))
    assert column(project, "user_key") == [f"ip:{ADDRESS}", f"ip:{ADDRESS}", "user:7003", "name:volunteer-4"]


def test_a_login_in_the_form_of_an_anonymous_name_is_a_login(project: RawProject) -> None:
    imported(
        project,
        classification_row(1, user_name="not-logged-in-abc", user_id=1234),
        anonymous(2, user_name="alice"),
    )
    assert column(project, "user_key") == ["user:1234", "name:alice"]


def test_a_renamed_volunteer_stays_one(project: RawProject) -> None:
    imported(
        project,
        classification_row(1, user_name="alice", user_id=77),
        classification_row(2, user_name="deleted-77", user_id=77),
    )
    assert column(project, "user_key") == ["user:77", "user:77"]
    assert column(project, "excluded") == [None, "repeat"]


def test_two_people_behind_one_address_are_two(tmp_path: Path) -> None:
    rows = [anonymous(1), anonymous(2)]
    usual = RawProject(tmp_path / "usual")
    imported(usual, *rows)
    assert column(usual, "user_key") == ["session:session-1", "session:session-2"]
    assert column(usual, "excluded") == [None, None]
    together = RawProject(tmp_path / "together", BY_ADDRESS)
    imported(together, *rows)
    assert column(together, "user_key") == [f"ip:{ADDRESS}"] * 2
    assert column(together, "excluded") == [None, "repeat"]


def test_without_a_session_the_address_stands_for_a_person_of_one_file(project: RawProject) -> None:
    imported(project, anonymous(1, metadata=metadata(session=...)))
    assert column(project, "user_key") == [f"ip:{ADDRESS}"]


def test_somebody_without_any_trace_is_nobody_else(project: RawProject) -> None:
    rows = [anonymous(number, metadata={}, user_ip=None, user_name=None) for number in (1, 2)]
    imported(project, *rows)
    assert column(project, "user_key") == ["classification:1001", "classification:1002"]
