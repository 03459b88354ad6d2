"""Tables on the terminal at the widths that people have, and in a pipe."""

import io

import pytest
from rich.console import Console
from rich.table import Table

from zoo_dag.cli.whole_tables import print_whole

NAME = "pooled_question_consensus_of_all_versions"


@pytest.mark.parametrize("width", [20, 60, 80, 140])
@pytest.mark.parametrize("terminal", [True, False])
def test_no_cell_is_cut_at_any_width(width: int, terminal: bool) -> None:
    table = Table(title="Tables")
    for heading in ("table", "versions"):
        table.add_column(heading)
    table.add_row(NAME, "3141-v3.10")
    printed = io.StringIO()
    print_whole(table, Console(file=printed, width=width, force_terminal=terminal, no_color=True))
    (row,) = [line for line in printed.getvalue().splitlines() if NAME in line]
    assert "3141-v3.10" in row
    assert "…" not in printed.getvalue()
