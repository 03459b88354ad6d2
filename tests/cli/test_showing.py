"""The summary on the terminal: what changed, what still stands, and nothing cut."""

import io
import shlex
from dataclasses import replace

import pytest

from zoo_dag.cli.showing import show
from zoo_dag.cli.summary import Summary, VersionSummary
from zoo_dag.cli.terminal import Terminal
from zoo_dag.dagster.runs.requests import ERROR, FailedCheck

NOTHING_CHANGED = VersionSummary(
    3141, "3.10", 1590, 7, 1, {"repeat": 120, "pre_launch": 30}, 1439, 0, "exact", False
)
CHANGED = replace(NOTHING_CHANGED, workflow_version="4.11", recomputed=True, read_in_run=245, new_rows=10)


def printed(summary: Summary, width: int = 80, *, terminal: bool = True, everything: bool = False) -> list[str]:
    """The lines that a terminal of this width gets, or a pipe."""
    file = io.StringIO()
    console = Terminal(file=file, width=width, force_terminal=terminal, color_system=None)
    show(summary, console, everything=everything)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def summary(*versions: VersionSummary, **options: object) -> Summary:
    return Summary("/science/zoo data", [], list(versions), 0, True, **options)  # type: ignore[arg-type]


def cells(line: str) -> list[str]:
    return [cell for cell in line.split("  ") if cell.strip()]


def warning(number: int) -> FailedCheck:
    return FailedCheck("tasks", f"check_{number}", None, "WARN", "A sentence that says what is wrong. " * 5)


def test_versions_that_changed_are_shown_with_what_the_run_brought_and_the_total():
    lines = printed(summary(NOTHING_CHANGED, CHANGED, replace(NOTHING_CHANGED, workflow_version="3.9")))
    table = [[cell.strip() for cell in cells(line)] for line in lines if line.startswith(" ")][:5]
    del table[1]
    assert table == [
        ["version", "read", "new", "quarantined", "left out", "counted"],
        ["3141-v4.11", "245", "10", "1", "150 (9.4 %)", "1,439"],
        ["2 unchanged", "0", "0", "2", "300 (9.4 %)", "2,878"],
        ["total", "245", "10", "3", "450 (9.4 %)", "4,317"],
    ]
    assert "1 version rebuilt, 2 unchanged." in lines
    assert "Left out of workflow 3141: 90 pre_launch (1.9 %), 360 repeat (7.6 %)" in lines
    # What all imports read together is not what this run read.
    assert "1,590" not in "\n".join(lines)


def test_one_version_has_no_total():
    lines = printed(summary(CHANGED))
    assert not [line for line in lines if "total" in line]


def test_rows_that_replace_removed_are_fewer():
    lines = printed(summary(replace(CHANGED, read_in_run=3, new_rows=-7)))
    (line,) = [line for line in lines if line.startswith(" 3141")]
    assert [cell.strip() for cell in cells(line)][1:3] == ["3", "-7"]


def test_versions_that_replace_removed_are_named():
    lines = printed(summary(NOTHING_CHANGED, removed={"3141-v4.3": 7, "3141-v5.1": 1}))
    assert lines[:2] == ["0 versions rebuilt, 1 unchanged.", "Removed: 3141-v4.3 (7 rows), 3141-v5.1 (1 row)."]


def test_two_hundred_versions_that_did_not_change_are_at_most_twelve_lines():
    versions = [replace(NOTHING_CHANGED, workflow_version=f"3.{minor}") for minor in range(200)]
    many = summary(*versions, standing=[warning(number) for number in range(9)], notes=["One.", "Two.\n  command"])
    many.rows_without_version = 5
    many.files_read = [{"file": "a.csv", "kind": "classifications", "rows": 1}]
    lines = printed(many, terminal=False)
    assert len(lines) == 12
    assert lines[0] == (
        "Nothing changed in 200 versions: 200 quarantined, 30,000 (9.4 %) left out, 287,800 counted."
    )
    assert lines[-2:] == ["8 more warnings and notes:", "  zoo-dag run --all --data '/science/zoo data'"]
    assert [line.split(":")[1] for line in lines if line.startswith("Warning")] == [
        f" tasks, check check_{number}" for number in range(3)
    ]
    every = printed(many, everything=True)
    assert len([line for line in every if line.startswith(" 3141-v3.")]) == 200
    assert len([line for line in every if line.startswith("Warning: ")]) == 9
    assert every[-3:] == ["Note: One.", "Note: Two.", "  command"]


def test_tables_of_whole_workflows_that_other_settings_rebuilt_are_said():
    lines = printed(summary(NOTHING_CHANGED, stages={"compare": 0.1, "pooled": 0.2}))
    assert lines[:2] == [
        "Nothing changed in 1 version: 1 quarantined, 150 (9.4 %) left out, 1,439 counted.",
        "Tables of whole workflows were rebuilt: settings or other exports have changed.",
    ]


def test_few_messages_are_all_shown():
    lines = printed(summary(NOTHING_CHANGED, standing=[warning(1)], notes=["One.", "Two.\n  zoo-dag run x.csv"]))
    assert [line.partition(":")[0] for line in lines] == [
        "Nothing changed in 1 version",
        "All sums match.",
        "Where each row went",
        "Tables",
        "Inspect them",
        "Warning",
        "Note",
        "Note",
        "  zoo-dag run x.csv",
    ]


def test_a_version_that_failed_is_said_and_no_warning_hides_it():
    failure = FailedCheck("quarantine", "few_rows_are_quarantined", None, ERROR, "All of it.")
    lines = printed(
        summary(NOTHING_CHANGED, standing=[failure, *map(warning, range(20))], failures=[str(failure)])
    )
    assert lines[-1] == "Failed: quarantine, check few_rows_are_quarantined: All of it."
    assert "Not everything could be built: see below." in lines
    assert len(lines) == 12
    assert not [line for line in lines if line.startswith("Warning: quarantine")]


@pytest.mark.parametrize(("width", "terminal"), [(60, True), (80, True), (140, True), (80, False), (20, False)])
def test_no_name_is_cut_and_no_command_broken_at_any_width(width, terminal):
    long = replace(CHANGED, workflow_id=123456789012, workflow_version="13579.24680", rows_read=987654321)
    long = replace(long, new_rows=987654321, read_in_run=987654321, counted=987654321)
    lines = printed(
        summary(long, CHANGED, notes=["word " * 60 + "\n  zoo-dag run x.csv --data /a/b"]),
        width,
        terminal=terminal,
    )
    text = "\n".join(lines)
    assert "123456789012-v13579.24680" in text
    assert "987,654,321" in text
    assert "…" not in text
    assert (
        "Where each row went: zoo-dag export accounting quarantine --data '/science/zoo data' --to accounting.xlsx"
        in lines
    )
    assert "Inspect them: zoo-dag ui --data '/science/zoo data'" in lines
    assert "  zoo-dag run x.csv --data /a/b" in lines
    # A table that does not fit would be broken by the terminal: then each version is a line.
    is_list = any(
        line.startswith("  123456789012-v13579.24680: read 987,654,321, new 987,654,321,") for line in lines
    )
    assert is_list == (terminal and width < 100)


def test_a_small_table_fits_into_sixty_columns():
    lines = printed(summary(CHANGED, replace(CHANGED, workflow_version="3.9")), 60)
    assert max(len(line) for line in lines if line.startswith(" ")) <= 60
    assert [line for line in lines if line.startswith(" version ")]


def test_one_is_singular():
    one = replace(CHANGED, elements_quarantined=1)
    small = summary(one, files_read=[{"file": "a.csv", "kind": "subjects", "rows": 1}])
    small.rows_without_version = 1
    lines = printed(small)
    assert "1 version rebuilt, 0 unchanged." in lines
    assert "Read: a.csv (1 row)." in lines
    assert "1 row without a readable workflow or version: quarantined." in lines
    assert "1 element of annotations quarantined." in lines


def test_commands_are_words_of_a_shell():
    one = summary(CHANGED)
    one.data = "/it's/[here] & there"
    words = shlex.split(one.command("export accounting quarantine"))
    assert words == ["zoo-dag", "export", "accounting", "quarantine", "--data", "/it's/[here] & there"]
    lines = printed(one)
    (line,) = [line for line in lines if line.startswith("Where each row went: ")]
    assert shlex.split(line.removeprefix("Where each row went: "))[:6] == words


def test_a_long_message_is_cut_where_it_is_not_asked_for_and_whole_with_all():
    long = FailedCheck("tasks", "check", None, "WARN", f"{'word ' * 300}end.")
    shown = summary(CHANGED, standing=[long])
    (line,) = [line for line in printed(shown) if line.startswith("Warning")]
    assert len(line) < 660
    assert line.endswith("word …")
    assert "All of it: zoo-dag run --all --data '/science/zoo data'" in printed(shown)
    (whole,) = [line for line in printed(shown, everything=True) if line.startswith("Warning")]
    assert whole.endswith("end.")


@pytest.mark.parametrize(("found", "cut"), [(10, False), (300, True)])
def test_what_to_do_is_never_cut(found, cut):
    advice = 'exclusion.repeat = "all" counts them. ' + "Because. " * 40 + "See there."
    check = FailedCheck("tasks", "check", None, "WARN", f"Found: {'word ' * found}end. {advice}", advice)
    lines = printed(summary(CHANGED, standing=[check]))
    (line,) = [line for line in lines if line.startswith("Warning")]
    assert line.startswith("Warning: tasks, check check: Found: word word")
    assert line.endswith(f"word … {advice}" if cut else f"word end. {advice}")
    assert ("All of it: zoo-dag run --all --data '/science/zoo data'" in lines) == cut
