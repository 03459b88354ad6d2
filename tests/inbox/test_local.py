"""The inbox: what is looked at, and when a file counts as complete."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.inbox.local import Entry, InboxError, Memory, decide, look

SETTLE = 20.0


def files(*sizes: int) -> tuple[Entry, ...]:
    return tuple(Entry(f"{number}.csv", str(size)) for number, size in enumerate(sizes))


def test_a_file_is_taken_once_it_stayed_the_same_for_the_settle_time():
    first = decide(files(10), Memory(), 1000, SETTLE)
    assert (first.ready, first.reason) == ((), "waiting until it is complete: 0.csv")
    soon = decide(files(10), first.memory, 1019, SETTLE)
    assert soon.ready == ()
    later = decide(files(10), soon.memory, 1020, SETTLE)
    assert later.ready == files(10)
    assert decide(files(10), later.memory, 1040, SETTLE).reason == "nothing new in the inbox"


def test_a_file_that_grows_starts_its_settle_time_again():
    first = decide(files(10), Memory(), 1000, SETTLE)
    grown = decide(files(11), first.memory, 1020, SETTLE)
    assert grown.ready == ()
    assert decide(files(11), grown.memory, 1039, SETTLE).ready == ()
    assert decide(files(11), grown.memory, 1040, SETTLE).ready == files(11)


def test_files_that_come_together_are_imported_together():
    first = decide(files(10), Memory(), 1000, SETTLE)
    second = decide(files(10, 20), first.memory, 1019, SETTLE)
    assert decide(files(10, 20), second.memory, 1025, SETTLE).ready == ()
    assert decide(files(10, 20), second.memory, 1039, SETTLE).ready == files(10, 20)


def test_a_file_that_was_replaced_is_new_and_the_others_are_not():
    done = decide(files(10, 20), Memory(), 1000, 0).memory
    assert decide(files(10, 21), done, 1001, 0).ready == files(10, 21)[1:]


def test_a_removed_file_is_forgotten_and_new_when_it_comes_again():
    done = decide(files(10), Memory(), 1000, 0).memory
    gone = decide((), done, 1001, 0)
    assert gone.memory == Memory()
    assert decide(files(10), gone.memory, 1002, 0).ready == files(10)


sizes = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3)


@given(st.lists(st.tuples(st.floats(0, 30), sizes), max_size=15), sizes)
def test_what_stays_is_imported_once(steps, last):
    """Whatever came and went before: in the end each file that is there was imported as it is, and only once."""
    memory, now = Memory(), 0.0
    imported: dict[str, str] = {}
    for pause, present in [*steps, (1.0, last), (SETTLE, last), (SETTLE, last)]:
        now += pause
        entries = tuple(sorted(Entry(f"{name}.csv", str(size)) for name, size in present.items()))
        decision = decide(entries, Memory.parse(str(memory)), now, SETTLE)
        memory = decision.memory
        # A file that was away, or another one, in between is new when it is as it was before.
        seen = {entry.name: entry.state for entry in entries}
        imported = {name: state for name, state in imported.items() if seen.get(name) == state}
        for entry in decision.ready:
            assert entry.name not in imported
            imported[entry.name] = entry.state
    assert imported == {entry.name: entry.state for entry in entries}


def test_only_files_that_may_be_exports_are_seen(tmp_path: Path):
    for name in ("a.csv", "b.CSV.gz", "c.zip", ".d.csv", "e.csv.part", "notes.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.csv").mkdir()
    assert [entry.name for entry in look(tmp_path)] == ["a.csv", "b.CSV.gz", "c.zip"]


def test_a_copy_with_the_time_of_the_original_is_another_state(tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text("old")
    os.utime(file, (1, 1))
    (before,) = look(tmp_path)
    file.write_text("new")
    os.utime(file, (1, 1))
    (after,) = look(tmp_path)
    assert before.state != after.state


def test_an_inbox_that_does_not_exist_yet_is_empty(tmp_path: Path):
    assert look(tmp_path / "inbox") == ()


def test_an_inbox_whose_disk_is_gone_is_an_error_and_not_empty(tmp_path: Path):
    with pytest.raises(InboxError, match="Is a disk not mounted"):
        look(tmp_path / "disk" / "inbox")


def test_an_inbox_that_is_a_file_is_an_error_and_not_empty(tmp_path: Path):
    (tmp_path / "inbox").write_text("")
    with pytest.raises(InboxError, match="cannot be read"):
        look(tmp_path / "inbox")
