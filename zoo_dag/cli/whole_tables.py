"""Tables on the terminal whose names are whole at any width, because people copy them into commands."""

from rich.console import Console
from rich.segment import Segments
from rich.table import Table

_ANY_WIDTH = 10_000


def print_whole(table: Table, console: Console) -> None:
    """Print a table; where the terminal is too narrow, or is no terminal, its lines are longer than that."""
    for column in table.columns:
        column.no_wrap = True
    needed = console.measure(table, options=console.options.update(max_width=_ANY_WIDTH)).maximum
    lines = console.render(table, console.options.update(width=needed, max_width=needed))
    console.print(Segments(lines), crop=False, soft_wrap=True, end="")
