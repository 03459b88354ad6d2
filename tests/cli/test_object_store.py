"""A project in an object store, from the command line: the same tables as on a disk, and few requests."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from tests.builders import classification_row, subject_row, write_classifications, write_subjects
from tests.built_projects import BuiltProjects
from tests.cli.test_main import Zoo, commands
from tests.object_stores import Request, Store
from zoo_dag.errors import OvertakenError
from zoo_dag.store import object_store as object_stores
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.pointer import parse_pointer
from zoo_dag.store.working_copy import WorkingCopy, close_copies
from zoo_dag.tables import TABLES

VERSIONS = ("3.10", "4.2")
LOGIN = "somebody-quite-singular"


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Exports with two versions of one workflow."""
    folder = tmp_path / "exports"
    folder.mkdir()
    rows = [
        classification_row(number, workflow_version=VERSIONS[number % 2], user_name=LOGIN)
        for number in range(1, 10)
    ]
    write_classifications(folder / "classifications.csv", rows)
    write_subjects(folder / "subjects.csv", [subject_row(101)])
    return folder


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Zoo]:
    with commands(tmp_path) as zoo, pytest.MonkeyPatch.context() as patch:
        # Undone before what `commands` sets: the other way round it would stay set for the tests after this one.
        patch.delenv("DAGSTER_HOME")
        move_to(tmp_path / "first machine", monkeypatch)
        yield zoo
        close_copies()


def move_to(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on as another process, on the machine that has this cache."""
    close_copies()
    monkeypatch.setenv("ZOO_DAG_CACHE", str(machine))


def content(data: str | Path) -> dict[str, pl.DataFrame]:
    """All tables, without what differs from one import to the next: its time."""
    files = DataFolder.find(data).tables
    stored = [
        name for name, table in TABLES.items() if (files.keys(table) if table.partition else files.exists(table))
    ]
    return {name: zoo_dag.scan(name, data).drop("imported_at", strict=False).collect() for name in stored}


def test_a_project_is_the_same_as_on_a_disk_for_all_machines_until_it_is_forgotten(
    zoo: Zoo, exports: Path, object_store: Store, built_projects: BuiltProjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, tmp_path = object_store.new_url(), exports.parent
    assert zoo("run", exports, "--data", url).exit_code == 0
    # Two versions, one workflow, and the tables of all: 40 requests for each.
    assert len(object_store.requests) <= 4 * 40
    objects = object_store.objects(url)
    assert not any(name.endswith((".lock", ".db")) for name in objects)

    move_to(tmp_path / "second machine", monkeypatch)
    object_store.requests.clear()
    on_disk = built_projects.of(exports).folder.root
    for data, target in ((url, tmp_path / "store.csv"), (on_disk, tmp_path / "disk.csv")):
        assert zoo("export", "subject_summary", "--data", data, "--to", target).exit_code == 0
    assert (tmp_path / "store.csv").read_bytes() == (tmp_path / "disk.csv").read_bytes()
    assert sum("/objects/" in each.path for each in object_store.requests) < 20
    here, there = content(url), content(on_disk)
    assert here.keys() == there.keys()
    assert [name for name in here if not here[name].equals(there[name])] == []

    move_to(tmp_path / "first machine", monkeypatch)
    object_store.requests.clear()
    assert zoo("run", exports, "--data", url).exit_code == 0
    assert {each.method for each in object_store.requests} == {"GET"}

    assert LOGIN.encode() in b"".join(object_store.objects(url).values())
    slow, refused = WorkingCopy(url, tmp_path / "slow machine"), list[str]()
    votes = TABLES["question_consensus"]
    slow_tables = DataFolder(slow.root).tables
    slow_tables.publish(votes, votes.empty().lazy(), {"data_version": "0"}, "11-v9.9")
    saved = list[Request]()

    def save_meanwhile(request: Request) -> None:
        saved.extend([request] if request.is_of_pointer else [])
        # The rows are removed, and others are counted without them.
        if len(saved) == 3 and not refused:
            refused.append("")
            try:
                slow.save()
            except OvertakenError as error:
                refused[0] = str(error)

    with object_store.spoiled(save_meanwhile):
        assert zoo("forget", 11, "--version", "4.2", "--yes", "--data", url).exit_code == 0
    slow.close()
    assert "rows were forgotten by another process" in refused[0]
    stored = object_store.objects(url)
    named = parse_pointer(stored["pointer.json"], url).objects
    assert {name.removeprefix("objects/") for name in stored.keys() - {"pointer.json"}} == named
    assert zoo("forget", "--all", "--yes", "--data", url).exit_code == 0
    # By which limits tables are checked is no table.
    (left,) = object_store.objects(url).keys() - {"pointer.json"}
    assert list(parse_pointer(object_store.objects(url)["pointer.json"], url).files) == ["tables/.limits"]
    assert [path.name for path in (tmp_path / "first machine").rglob("objects/*")] == [Path(left).name]


def test_what_is_not_possible_is_a_sentence(
    zoo: Zoo, object_store: Store, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(object_stores._RETRIES, "max_retries", 0)
    url = object_store.new_url()
    result = zoo("export", "subjects", "--to", "x.csv", "--data", url)
    assert (result.exit_code, result.stderr) == (
        2,
        f"Error: The table subjects does not exist yet in {url}. Run `zoo-dag run` first.\n",
    )
    result = zoo("demo", "--data", url)
    assert (result.exit_code, result.stderr) == (
        2,
        f"Error: {url}: zoo-dag demo needs a data folder on a disk, not an object store.\n",
    )
    object_stores.open_store(url).put("zoo_dag.toml", b"[importing]\ninbx = 1\n")
    result = zoo("run", exports, "--data", url)
    assert (result.exit_code, result.stderr.startswith(f"Error: {url}/zoo_dag.toml: unknown setting")) == (2, True)
    with object_store.spoiled(lambda _: 503):
        result = zoo("run", exports, "--data", url)
    assert (result.exit_code, result.stderr.startswith(f"Error: {url}: the object store cannot be used (")) == (
        2,
        True,
    )
    assert zoo("tables", "--data", "ftp://there").exit_code == 2
