"""What of a volunteer a column of a table may hold, and which of it may be stored elsewhere.

Columns declare it (`Column.identifies`). Previews, examples of checks and exports with pseudonyms rely on it.
"""

from typing import Literal

import polars as pl

# An account id, a login, a token for an IP address, a browser session; the `user_key` made from these; JSON text
# that may hold some of them; what the quarantine quotes.
Identity = Literal["account", "login", "address", "session", "user key", "json", "quoted"]


def names_nobody() -> pl.Expr:
    """Whether what a row of a quarantine quotes, its cell or all of it, cannot name a volunteer. Boolean.

    Takes `stage` and `kind`. In a row of classifications that does not parse, cells may have slipped into other
    columns; so only elements of annotations, and rows of other exports, name nobody for certain.
    """
    return ((pl.col("stage") == "flattened") | (pl.col("kind") != "classifications")).fill_null(value=False)
