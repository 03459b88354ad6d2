"""What commands print on a real terminal: text from outside is shown there, and never obeyed."""

import json
import os
import pty
import re
import select
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.progress import Progress
from rich.table import Table

from tests.builders import classification_row, write_export
from zoo_dag.cli.progress_bars import columns
from zoo_dag.cli.terminal import Terminal, as_json

# A name that would clear the terminal, colour it, turn a text round, and forge a line.
NAME = "\x1b[2J[red]x\x9b31m\u202e\nAll sums match.csv"
SHOWN = r"\x1b[2J[red]x\x9b31m\u202e\nAll sums match.csv"
# What rich writes itself: colours and other attributes, the cursor up or shown, a line cleared.
OWN = re.compile(r"\x1b\[(?:[0-9;]*m|1A|2K|\?25[lh])")


def on_a_terminal(*arguments: str | bytes | Path, cwd: Path) -> str:
    """What a command writes to a pseudo-terminal, without what it may write itself."""
    terminal, other = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    command = [sys.executable, "-m", "zoo_dag", *arguments]
    with subprocess.Popen(  # noqa: S603
        command, stdin=other, stdout=other, stderr=other, cwd=cwd, env={**environment, "TERM": "xterm-256color"}
    ):
        os.close(other)
        written = b""
        try:
            while select.select([terminal], [], [], 200)[0] and (chunk := os.read(terminal, 1 << 16)):
                written += chunk
        except OSError:  # Linux reports the end of a pseudo-terminal like this.
            pass
    os.close(terminal)
    printed = OWN.sub("", written.decode("utf-8", "surrogateescape").replace("\r\n", "\n"))
    # Where a line was cleared, what stood there is written over.
    return "\n".join(line.rpartition("\r")[2] for line in printed.split("\n"))


def obeyed(printed: str) -> set[str]:
    """The characters that a terminal would obey."""
    return set(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\udc80-\udcff]", printed))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export of a bad name and bad cells, another file of a bad name, and tables."""
    place = tmp_path_factory.mktemp("terminal")
    exports = place / "exports"
    exports.mkdir()
    write_export(
        exports / NAME,
        [
            classification_row(1),
            classification_row(2, metadata="\x1b[31m{[/x]"),
            classification_row(3, created_at="\x1b]0;title\x07"),
        ],
    )
    (exports / "no_export\x1b[5m[bold].csv").write_text("a\x1b[1m,b[red]\n1,2\n")
    printed = on_a_terminal("run", "exports", "--data", "data", cwd=place)
    assert obeyed(printed) == set()
    assert f"Read: {SHOWN} (3 rows)." in printed
    assert r"exports/no_export\x1b[5m[bold].csv: the header is not that" in printed
    assert r"Found the columns a\x1b[1m, b[red]; expected" in printed
    assert [line for line in printed.split("\n") if line.startswith("All sums match")] == ["All sums match."]
    return place


def test_check_shows_names_columns_and_cells(folder: Path) -> None:
    printed = on_a_terminal("check", "exports", cwd=folder)
    assert obeyed(printed) == set()
    assert f"│ {SHOWN} │ classifications │" in printed
    assert r"│ \x1b[31m{[/x]    │" in printed
    assert r"│ \x1b]0;title\x07 │" in printed


def test_json_on_a_terminal_has_escapes_that_mean_the_same(folder: Path) -> None:
    printed = on_a_terminal("check", "exports", "--json", cwd=folder)
    assert obeyed(printed) == set()
    assert json.loads(printed[printed.index("{") :])["files"][0]["source_file"] == NAME


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "no\x1b[2J[/x].csv"], r"Error: no\x1b[2J[/x].csv: no such file."),
        (["check", b"no\xff[/x].csv"], r"Error: no\udcff[/x].csv: no such file."),
        (["check", "--x\x1b[2J.csv"], r"Error: No such option '--x\x1b[2J.csv'."),
        (["export", "no\x1b[2J[/x]", "--to", "a.csv"], r"Error: There is no table 'no\x1b[2J[/x]'."),
        (["tables", "--data", "[/x]\x1b[2J"], r"[/x]\x1b[2J: there are no tables yet."),
        (["run", "--data", "data", "--workflow", "\x1b[2J"], r"'\x1b[2J' is not a valid integer."),
    ],
    ids=["file", "bytes", "option", "table", "data", "number"],
)
def test_errors_show_what_they_quote(folder: Path, arguments: list[str], sentence: str) -> None:
    printed = on_a_terminal(*arguments, cwd=folder)
    assert obeyed(printed) == set()
    assert sentence in printed


def test_export_says_the_name_of_its_file(folder: Path) -> None:
    printed = on_a_terminal("export", "quarantine", "--data", "data", "--to", "[/x]\x1b[2J.csv", cwd=folder)
    assert obeyed(printed) == set()
    assert "2 rows of quarantine in [/x]\\x1b[2J.csv\n" in printed


def test_markup_and_emoji_codes_are_text_in_lines_titles_and_cells() -> None:
    file = StringIO()
    terminal = Terminal(file=file, width=60)
    table = Table("[bold]head", title="[red]title :bear:")
    table.add_row("[/x] :bear: \x1b[2J")
    terminal.print(table)
    terminal.say("[link=https://example.org]here[/link]\nforged", "red")
    terminal.say_lines("one\n  two\x1b[2J")
    printed = file.getvalue()
    assert "[red]title :bear:" in printed
    assert "│ [/x] :bear: \\x1b[2J │" in printed
    assert "┃ [bold]head " in printed
    assert printed.endswith("[link=https://example.org]here[/link]\\nforged\none\n  two\\x1b[2J\n")


def test_times_are_text_in_json() -> None:
    from datetime import UTC, datetime

    assert json.loads(as_json({"written": datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC)})) == {
        "written": "2024-03-05T01:02:03+00:00"
    }


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_progress_bar_has_one_line_at_any_width(width: int) -> None:
    console = Terminal(file=StringIO(), width=width)
    bar = Progress(*columns(), console=console)
    bar.add_task("Loading Dagster, which takes seconds", total=None)
    bar.add_task(f"Versions 3141-v3.9 to 3141-v{'1' * 200}.10", total=2)
    lines = console.render_lines(bar.get_renderable(), pad=False)
    assert len(lines) == 2
    said = "".join(segment.text for segment in lines[0]).lstrip("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
    assert said.startswith("Loading Dagster, which takes seconds ")
