"""The columns of a progress bar: what is done, on one line at any width, and a bar on the room that is left."""

from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from zoo_dag.wording.printable import printable


class Description(ProgressColumn):
    """The description of the task; the names of files in it are shown as they are."""

    def __init__(self) -> None:
        """A column that does not wrap: a second line would make everything below it jump."""
        super().__init__(table_column=Column(no_wrap=True, overflow="ellipsis"))

    def render(self, task: Task) -> Text:
        """The description, printable."""
        return Text(printable(task.description))


def columns() -> tuple[ProgressColumn, ...]:
    """A spinner, the description, the bar and the time."""
    return SpinnerColumn(), Description(), BarColumn(bar_width=None), TimeElapsedColumn()
