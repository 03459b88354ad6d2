"""Projects in an object store, against a server of the protocol of S3: nothing is torn, and nothing is lost."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import polars as pl
import pytest

from tests.object_stores import Machines, Request, Store
from zoo_dag.errors import BusyError, OvertakenError, TableError
from zoo_dag.store import object_store as object_stores
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.object_store import StoreError, open_store
from zoo_dag.store.saved_project import SavedProject
from zoo_dag.store.table_files import TableFiles
from zoo_dag.store.working_copy import WorkingCopy, close_copies
from zoo_dag.tables import TABLES

VOTES, IMPORTS = TABLES["question_consensus"], TABLES["imports"]
FIRST, SECOND = "1-v1.1", "1-v1.2"


def tables(copy: WorkingCopy) -> TableFiles:
    return TableFiles(copy.root / "tables")


def write(copy: WorkingCopy, key: str, answer: str, rows: int = 1) -> None:
    """Write a table of rows with this answer."""
    frame = pl.DataFrame({"answer": [answer] * rows}, schema={"answer": pl.String})
    tables(copy).publish(VOTES, VOTES.conform(pl.concat([VOTES.empty(), frame], how="diagonal").lazy()), {}, key)


def answers(copy: WorkingCopy) -> dict[str, list[str]]:
    """The answers in each stored table."""
    files = tables(copy)
    return {key: files.scan(VOTES, key).collect()["answer"].to_list() for key in files.keys(VOTES)}


def names(store: Store, copy: WorkingCopy) -> set[str]:
    return {name.partition("/")[0] for name in store.objects(copy.url)}


def test_what_one_machine_saves_another_one_reads_by_one_request_for_each_file(
    machine: Machines, object_store: Store
) -> None:
    here = machine("here")
    write(here, FIRST, "Yes")
    write(here, SECOND, "No", rows=3)
    (here.root / "tables" / ".limits").write_text("a1", encoding="utf-8")
    (here.root / "staging").mkdir()
    (here.root / "staging" / "rows.parquet").write_text("secret", encoding="utf-8")
    (here.root / "tables" / "question_consensus" / f".{FIRST}.{'0' * 32}.parquet").write_text("half")
    here.save()
    assert sorted(object_store.objects(here.url)) == sorted(
        [*(f"objects/{each.name}" for each in here.machine.joinpath("objects").iterdir()), "pointer.json"]
    )
    object_store.requests.clear()
    there = machine("there")
    assert (there.root / "tables" / ".limits").read_text(encoding="utf-8") == "a1"
    opening = [each.method for each in object_store.requests]
    assert tables(there).exists(VOTES, FIRST)
    object_store.requests.clear()
    assert answers(there) == {FIRST: ["Yes"], SECOND: ["No"] * 3}
    assert answers(there) == answers(machine("there"))
    reading = [each for each in object_store.requests if each.path.partition("?")[0].count("/objects/")]
    # The pointer, the settings that are not there, and the only file that is no table.
    assert (opening, [each.method for each in reading]) == (["GET"] * 3, ["GET"] * 2)


def test_a_removed_table_is_removed_for_others_and_nothing_is_put_where_nothing_changed(
    machine: Machines, object_store: Store
) -> None:
    here, there = machine("here"), machine("there")
    write(here, FIRST, "Yes")
    write(here, SECOND, "No")
    here.save()
    there.update()
    tables(there).remove(VOTES, FIRST)
    there.save()
    here.update()
    assert answers(here) == {SECOND: ["No"]}
    write(here, SECOND, "No")
    with object_store.spoiled(lambda _: None) as requests:
        here.save()
    assert requests == []
    assert tables(here).path(VOTES, SECOND).is_symlink()


def test_a_reader_beside_a_writer_sees_only_whole_states(machine: Machines) -> None:
    writer, reader, ended = machine("here"), machine("there"), Event()

    def save_pairs() -> None:
        try:
            for number in range(15):
                write(writer, FIRST, str(number), rows=number)
                write(writer, SECOND, str(number), rows=number)
                writer.save()
        finally:
            ended.set()

    states = []
    with ThreadPoolExecutor() as threads:
        saving = threads.submit(save_pairs)
        while not ended.is_set():
            reader.update()
            states.append(answers(reader))
        saving.result()
    reader.update()
    states.append(answers(reader))
    assert all(state == {} or state[FIRST] == state[SECOND] for state in states)
    assert states[-1][FIRST] == ["14"] * 14


def test_of_two_writers_of_one_table_the_second_is_told_and_nothing_of_the_first_is_lost(
    machine: Machines, object_store: Store
) -> None:
    first, second = machine("here"), machine("there")
    write(first, FIRST, "Yes")
    write(second, FIRST, "No")
    write(second, SECOND, "No")
    first.save()
    with pytest.raises(OvertakenError, match=r"^s3://\S+: tables/question_consensus/1-v1\.1\.parquet was changed"):
        second.save()
    assert answers(second) == answers(first) == {FIRST: ["Yes"]}
    assert len(object_store.objects(first.url)) == 2
    # The second one tries again with what the first one saved.
    write(second, SECOND, "No")
    second.save()
    first.update()
    assert answers(first) == {FIRST: ["Yes"], SECOND: ["No"]}


def test_two_writers_of_the_same_content_are_no_conflict(machine: Machines, object_store: Store) -> None:
    copies = [machine("here"), machine("there")]
    for copy in copies:
        write(copy, FIRST, "Yes")
        copy.save()
    assert [answers(copy) for copy in copies] == [{FIRST: ["Yes"]}] * 2
    assert len(object_store.objects(copies[0].url)) == 2


def test_many_writers_of_different_tables_all_save(machine: Machines) -> None:
    copies = [machine(str(number)) for number in range(5)]

    def save_three(number: int) -> None:
        for minor in range(3):
            write(copies[number], f"{number + 1}-v1.{minor}", str(number))
            copies[number].save()

    with ThreadPoolExecutor() as threads:
        list(threads.map(save_three, range(5)))
    last = machine("another")
    assert len(answers(last)) == 15
    assert SavedProject(open_store(last.url)).pointer().generation == 15


def test_a_save_whose_answer_was_lost_is_a_save(machine: Machines, object_store: Store) -> None:
    copy, lost = machine("here"), list[Request]()

    def lose_the_first(request: Request) -> str | None:
        if request.is_of_pointer and not lost:
            lost.append(request)
            return "lost"
        return None

    write(copy, FIRST, "Yes")
    with object_store.spoiled(lose_the_first):
        copy.save()
    assert len(lost) == 1
    assert SavedProject(open_store(copy.url)).pointer().generation == 1
    assert answers(machine("there")) == {FIRST: ["Yes"]}


def test_a_save_whose_answer_was_lost_and_that_is_overtaken_loses_nothing_that_is_in_use(
    machine: Machines, object_store: Store
) -> None:
    here, there = machine("here"), machine("there")
    of_pointer = list[Request]()

    def overtake(request: Request) -> str | None:
        if not request.path.endswith("/pointer.json"):
            return None
        of_pointer.append(request)
        if len(of_pointer) == 2:
            # Before the first one looks whether it was saved, another one saves what follows.
            there.update()
            write(there, FIRST, "No")
            there.save()
        return "lost" if len(of_pointer) == 1 else None

    write(here, FIRST, "Yes")
    write(here, SECOND, "Yes")
    with object_store.spoiled(overtake), pytest.raises(OvertakenError):
        here.save()
    assert answers(machine("another")) == answers(here) == {FIRST: ["No"], SECOND: ["Yes"]}
    assert len(object_store.objects(here.url)) == 3


@pytest.mark.parametrize("fault", [500, 503, "reset", "lost", "cut"])
def test_every_third_request_may_fail(machine: Machines, object_store: Store, fault: int | str) -> None:
    copy = machine("here")
    for number in range(8):
        write(copy, f"1-v1.{number}", str(number))
    with object_store.spoiled(lambda request: fault if request.number % 3 == 0 else None) as requests:
        copy.save()
        other = machine("there")
        assert answers(other) == {f"1-v1.{number}": [str(number)] for number in range(8)}
    assert len(requests) < 60
    assert SavedProject(open_store(copy.url)).pointer().generation == 1


def test_a_store_that_stays_down_is_one_sentence_and_nothing_is_half_saved(
    machine: Machines, object_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The waits between the tries take seconds.
    monkeypatch.setitem(object_stores._RETRIES, "max_retries", 1)
    copy = machine("here")
    write(copy, FIRST, "Yes")
    copy.save()
    write(copy, FIRST, "No")
    for fault in (lambda _: 503, lambda request: "reset" if request.method == "PUT" else None):
        with object_store.spoiled(fault), pytest.raises(StoreError) as raised:
            copy.save()
        sentence = str(raised.value)
        assert sentence.startswith(f"{copy.url}: the object store cannot be used (")
        assert "\n" not in sentence
        assert len(sentence) < 600
    assert answers(machine("there")) == {FIRST: ["Yes"]}
    # It is not lost: the store answers again.
    copy.save()
    assert answers(machine("there")) == {FIRST: ["No"]}


def test_what_comes_late_is_asked_for_again_and_what_comes_slowly_is_waited_for(
    machine: Machines, object_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A second of the test is two minutes.
    for name in object_stores._TIMEOUTS.keys() - {"connect_timeout"}:
        seconds = int(object_stores._TIMEOUTS[name].removesuffix("s"))
        monkeypatch.setitem(object_stores._TIMEOUTS, name, f"{seconds * 1000 // 120}ms")
    monkeypatch.setitem(object_stores._RETRIES, "retry_timeout", object_stores._RETRIES["retry_timeout"] / 120)
    seen = set[tuple[str, bool]]()

    def first_of_its_kind(request: Request) -> str | None:
        kind = request.method, request.is_of_pointer
        is_first = kind not in seen and (request.is_of_pointer or "/objects/" in request.path)
        seen.update([kind] if is_first else [])
        return "late" if is_first else None

    here = machine("here")
    write(here, FIRST, "Yes")
    with object_store.spoiled(first_of_its_kind):
        here.save()
        assert answers(machine("there")) == {FIRST: ["Yes"]}
    assert seen == {("PUT", False), ("PUT", True), ("GET", False)}
    with object_store.spoiled(lambda request: "slow" if "/objects/" in request.path else None) as requests:
        assert answers(machine("elsewhere")) == {FIRST: ["Yes"]}
    assert sum("/objects/" in each.path for each in requests) == 1
    write(here, FIRST, "No")
    with (
        object_store.spoiled(lambda _: "late") as requests,
        pytest.raises(StoreError, match=r"^s3://\S+: the object store cannot be used \("),
    ):
        here.save()
    assert len(requests) <= 3
    # What comes too late does no harm.
    assert answers(machine("yet another")) == {FIRST: ["Yes"]}
    assert SavedProject(open_store(here.url)).pointer().generation == 1


def test_a_store_that_ignores_conditions_is_refused_before_anything_is_saved(
    machine: Machines, object_store: Store
) -> None:
    copy = machine("here")
    write(copy, FIRST, "Yes")
    with object_store.spoiled(lambda _: "unconditional"), pytest.raises(StoreError, match="ignores conditions"):
        copy.save()
    assert object_store.objects(copy.url) == {}


def test_an_object_that_was_damaged_in_the_store_is_not_read(machine: Machines, object_store: Store) -> None:
    copy = machine("here")
    write(copy, FIRST, "Yes")
    copy.save()
    (name,) = [name for name in object_store.objects(copy.url) if name.startswith("objects/")]
    half = copy.root / "half"
    half.write_bytes(object_store.objects(copy.url)[name][:-20])
    open_store(copy.url).put(name, half)
    with pytest.raises(TableError, match=r"objects/\w+-\w+ is damaged"):
        answers(machine("there"))


def test_what_is_forgotten_is_gone_from_the_store_and_nobody_brings_it_back(
    machine: Machines, object_store: Store
) -> None:
    copy, slow, reader = machine("here"), machine("there"), machine("elsewhere")
    write(copy, FIRST, "a secret")
    copy.save()
    reader.update()
    # Of a process that was killed before it could save.
    left_over = copy.root / "left over"
    left_over.write_text("a secret", encoding="utf-8")
    open_store(copy.url).put("objects/0-0", left_over)
    write(slow, SECOND, "a secret")
    # Stores tell times in seconds.
    time.sleep(1.1)
    tables(copy).remove(VOTES, FIRST)
    copy.forget()
    assert list(object_store.objects(copy.url)) == ["pointer.json"]
    assert list((copy.machine / "objects").iterdir()) == []
    with pytest.raises(BusyError, match="rows were forgotten by another process"):
        slow.save()
    assert list(object_store.objects(copy.url)) == ["pointer.json"]
    with pytest.raises(
        TableError, match=r"was replaced or forgotten while it was read\. Run the command again\.$"
    ):
        answers(reader)


def test_what_is_replaced_stays_for_a_day_and_a_listing_that_lags_removes_nothing_in_use(
    machine: Machines, object_store: Store
) -> None:
    copy = machine("here")
    saved = SavedProject(open_store(copy.url))
    write(copy, FIRST, "Yes")
    copy.save()
    list(open_store(copy.url).objects("objects"))
    time.sleep(1.1)
    write(copy, FIRST, "No")
    copy.save()
    saved.remove_others(timedelta(days=1))
    assert len(object_store.objects(copy.url)) == 3
    with object_store.spoiled(lambda _: "lag"):
        saved.remove_others(timedelta())
    assert len(object_store.objects(copy.url)) == 2
    assert answers(machine("there")) == {FIRST: ["No"]}


def test_what_came_to_this_machine_later_is_as_old_as_in_the_store(
    machine: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else a run on another machine would seem to have left its tables for others to change, and be repeated.
    here = machine("here")
    write(here, FIRST, "Yes")
    here.save()
    open_store(here.url).put("zoo_dag.toml", b"")
    ended = time.time()
    monkeypatch.setenv("ZOO_DAG_CACHE", str(tmp_path / "there"))
    folder = DataFolder.find(here.url)
    try:
        path = folder.tables.path(VOTES, FIRST)
        assert folder.tables.scan(VOTES, FIRST).collect()["answer"].to_list() == ["Yes"]
        assert path.stat().st_ctime > ended
        assert not folder.is_changed_since(path, ended)
        assert not folder.settings_changed_since(ended)
        assert folder.is_changed_since(path, ended - 3600)
        assert folder.is_changed_since(folder.tables.path(VOTES, SECOND), ended)
    finally:
        close_copies()


def test_settings_and_the_files_that_they_name_are_copied(machine: Machines, object_store: Store) -> None:
    copy = machine("here")
    given = copy.root / "given"
    store = open_store(copy.url)
    for name, text in (
        (
            "zoo_dag.toml",
            '[volunteers]\ngold = "known/gold.csv"\n[alerts]\ncommand = ["/etc/x.csv", "../y.csv"]\n',
        ),
        ("known/gold.csv", "subject_id"),
        ("other.csv", "not named"),
    ):
        given.write_text(text, encoding="utf-8")
        store.put(name, given)
    copy.update()
    assert (copy.root / "known" / "gold.csv").read_text(encoding="utf-8") == "subject_id"
    assert not (copy.root / "other.csv").exists()
    store.remove(["zoo_dag.toml"])
    copy.update({"talk": {"comments": "other.csv"}})
    assert not (copy.root / "zoo_dag.toml").exists()
    assert (copy.root / "other.csv").read_text(encoding="utf-8") == "not named"


def test_other_addresses_are_refused() -> None:
    with pytest.raises(StoreError, match=r"^ftp://there: expected a folder, or an URL that begins with s3://"):
        open_store("ftp://there")
