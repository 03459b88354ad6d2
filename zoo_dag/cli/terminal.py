"""The terminal: everything that commands print goes through it, and nothing in it is obeyed.

Names of files and columns, cells and error messages have any text. None of it is markup here, and control
characters are shown as escapes.
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from zoo_dag.wording.printable import printable, printable_json, printable_lines

if TYPE_CHECKING:
    from rich.status import Status


class Terminal(Console):
    """A console of rich for text from outside: in every text and cell of a table markup is text, not obeyed."""

    def __init__(self, **options: Any) -> None:
        """As `rich.console.Console`."""
        super().__init__(**{"markup": False, "emoji": False, "highlight": False, **options})

    def render_str(self, text: str, **options: Any) -> Text:
        """The text, printable; rich makes every str that it prints, also in tables, a Text here."""
        return super().render_str(printable_lines(text), **options)

    def say(self, text: object, style: str = "") -> None:
        """Print a text on one line, which a narrow terminal breaks where it must, but we do not.

        So what is pasted from it has no line breaks of ours, and what a file name has no line of its own.
        """
        self.print(printable(text), style=style, soft_wrap=True)

    def say_lines(self, text: str, style: str = "") -> None:
        """The same for a message that has line breaks of its own."""
        self.print(text, style=style, soft_wrap=True)

    def busy(self, text: object) -> "Status":
        """A spinner beside a text, for work that takes a while."""
        return self.status(Text(printable(text)))


def as_json(value: object) -> str:
    """A value as JSON text; characters that a terminal would obey are escapes, which means the same."""
    return printable_json(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
