"""What Dagster's pages show of a table: numbers, small plots, and lists of subjects with their images.

Frames in, Markdown out; nothing here knows Dagster. A plot is an image inside a text. Dagster shows a text of less
than 1,000 characters at once, and a longer one after a click (`picture`), so most plots are drawn to fit.

A function that shows something of a table takes the table and `Other`, which looks up another table of the same
partition, and returns what it shows by name: texts are Markdown, numbers are numbers. Plots of one task type are
in the folder of the type; what they share, and plots of all other tables, are here.
"""

from collections.abc import Callable

import polars as pl

Shown = str | int | float
# Another table of the same partition by its name; None where it has not been made.
Other = Callable[[str], pl.LazyFrame | None]
Show = Callable[[pl.LazyFrame, Other], dict[str, Shown]]
