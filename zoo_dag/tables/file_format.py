"""How the rows of stored tables are written, wherever that is done."""

from typing import Literal

# By measurement: other levels and methods take as long or longer, and level 1 makes small files already.
COMPRESSION: Literal["zstd"] = "zstd"
COMPRESSION_LEVEL = 1
