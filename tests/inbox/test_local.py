"""The inbox: what is listed, and when a file counts as complete."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.inbox.local import InboxError, InboxFile, InboxState, list_files, select_complete

SETTLE = 20.0


def files(*sizes: int) -> tuple[InboxFile, ...]:
    return tuple(InboxFile(f"{number}.csv", str(size)) for number, size in enumerate(sizes))


def test_a_file_is_taken_once_it_stayed_the_same_for_the_settle_time():
    first = select_complete(files(10), InboxState(), 1000, SETTLE)
    assert (first.files, first.reason) == ((), "waiting until it is complete: 0.csv")
    soon = select_complete(files(10), first.state, 1019, SETTLE)
    assert soon.files == ()
    later = select_complete(files(10), soon.state, 1020, SETTLE)
    assert later.files == files(10)
    assert select_complete(files(10), later.state, 1040, SETTLE).reason == "nothing new in the inbox"


def test_a_file_that_grows_starts_its_settle_time_again():
    first = select_complete(files(10), InboxState(), 1000, SETTLE)
    grown = select_complete(files(11), first.state, 1020, SETTLE)
    assert grown.files == ()
    assert select_complete(files(11), grown.state, 1039, SETTLE).files == ()
    assert select_complete(files(11), grown.state, 1040, SETTLE).files == files(11)


@pytest.mark.parametrize("before", [1000, 1_800_000_000])
def test_a_clock_that_begins_anew_lets_a_file_wait_once_more_and_no_longer(before):
    """After a start of the machine, or where an earlier version kept the time of day."""
    first = select_complete(files(10), InboxState(), before, SETTLE)
    again = select_complete(files(10), first.state, 5, SETTLE)
    assert again.files == ()
    assert select_complete(files(10), again.state, 5 + SETTLE - 1, SETTLE).files == ()
    assert select_complete(files(10), again.state, 5 + SETTLE, SETTLE).files == files(10)


def test_files_that_come_together_are_imported_together():
    first = select_complete(files(10), InboxState(), 1000, SETTLE)
    second = select_complete(files(10, 20), first.state, 1019, SETTLE)
    assert select_complete(files(10, 20), second.state, 1025, SETTLE).files == ()
    assert select_complete(files(10, 20), second.state, 1039, SETTLE).files == files(10, 20)


def test_a_file_that_was_replaced_is_new_and_the_others_are_not():
    done = select_complete(files(10, 20), InboxState(), 1000, 0).state
    assert select_complete(files(10, 21), done, 1001, 0).files == files(10, 21)[1:]


def test_a_removed_file_is_forgotten_and_new_when_it_comes_again():
    done = select_complete(files(10), InboxState(), 1000, 0).state
    gone = select_complete((), done, 1001, 0)
    assert gone.state == InboxState()
    assert select_complete(files(10), gone.state, 1002, 0).files == files(10)


sizes = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3)


@given(st.lists(st.tuples(st.floats(0, 30), sizes), max_size=15), sizes)
def test_what_stays_is_imported_once(steps, last):
    """Whatever came and went before: in the end each file that is there was imported as it is, and only once."""
    state, now = InboxState(), 0.0
    imported: dict[str, str] = {}
    for pause, present in [*steps, (1.0, last), (SETTLE, last), (SETTLE, last)]:
        now += pause
        present_files = tuple(sorted(InboxFile(f"{name}.csv", str(size)) for name, size in present.items()))
        selection = select_complete(present_files, InboxState.parse(str(state)), now, SETTLE)
        state = selection.state
        # A file that was away, or another one, in between is new when it is as it was before.
        stamps = {file.name: file.stamp for file in present_files}
        imported = {name: stamp for name, stamp in imported.items() if stamps.get(name) == stamp}
        for file in selection.files:
            assert file.name not in imported
            imported[file.name] = file.stamp
    assert imported == {file.name: file.stamp for file in present_files}


def test_only_files_that_may_be_exports_are_seen(tmp_path: Path):
    for name in ("a.csv", "b.CSV.gz", "c.zip", ".d.csv", "e.csv.part", "notes.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.csv").mkdir()
    assert [file.name for file in list_files(tmp_path)] == ["a.csv", "b.CSV.gz", "c.zip"]


def test_a_copy_with_the_time_of_the_original_is_another_state(tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text("old")
    os.utime(file, (1, 1))
    (before,) = list_files(tmp_path)
    file.write_text("new")
    os.utime(file, (1, 1))
    (after,) = list_files(tmp_path)
    assert before.stamp != after.stamp


def test_an_inbox_that_does_not_exist_yet_is_empty(tmp_path: Path):
    assert list_files(tmp_path / "inbox") == ()


def test_an_inbox_whose_disk_is_not_mounted_is_an_error_and_not_empty(tmp_path: Path):
    with pytest.raises(InboxError, match="Is a disk not mounted"):
        list_files(tmp_path / "disk" / "inbox")


def test_an_inbox_that_is_a_file_is_an_error_and_not_empty(tmp_path: Path):
    (tmp_path / "inbox").write_text("")
    with pytest.raises(InboxError, match="is a file, and the inbox must be a folder"):
        list_files(tmp_path / "inbox")
