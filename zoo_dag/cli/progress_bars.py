"""The column of a progress bar that says what is done; the names of files in it are shown as they are."""

from rich.progress import ProgressColumn, Task
from rich.text import Text

from zoo_dag.wording.printable import printable


class Description(ProgressColumn):
    """The description of the task."""

    def render(self, task: Task) -> Text:
        """The description, printable."""
        return Text(printable(task.description))
