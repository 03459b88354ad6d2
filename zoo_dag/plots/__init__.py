"""Previews of a table for Dagster's pages: numbers, small plots, and lists of subjects with their images.

Frames in, Markdown out; nothing here knows Dagster. A plot is an image inside a text. Dagster shows a text of less
than 1,000 characters at once, and a longer one after a click (`picture`), so most plots are drawn to fit.

A preview function takes a table and `Other`, which opens another table of the same partition, and returns entries
by name: texts are Markdown, numbers are numbers. Plots of one task type are in the folder of the type; plots of
all other tables, and the code that plots share, are here.
"""

from collections.abc import Callable

import polars as pl

Shown = str | int | float
# Another table of the same partition by its name; None where it does not exist yet.
Other = Callable[[str], pl.LazyFrame | None]
Show = Callable[[pl.LazyFrame, Other], dict[str, Shown]]
