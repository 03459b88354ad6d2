"""Adding metadata to a Parquet file that is complete, without writing its rows again.

The end of the file is the footer, its length in four bytes, and `PAR1`. The footer is in the compact protocol of
Thrift, in which texts have their length before them, and nothing else depends on the length of the metadata
(https://github.com/apache/parquet-format). Polars writes the schema as the first of them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO

_END = b"PAR1"
# Field 5 of the footer, a list of one struct, whose first text is this name.
_LIST_OF_ONE = b"\x19\x1c"
_NAME = b"\x18\x0cARROW:schema\x18"
# A list of more entries begins in another way.
_MOST = 14


def add_metadata(path: Path, metadata: Mapping[str, str]) -> bool:
    """Add metadata, so that the file has the bytes that Polars would have written with them.

    Returns whether it could be done: not in a file that has other metadata already, or was written by another
    program. The file is as it was then.
    """
    with path.open("r+b") as file:
        start, footer = _footer(file)
        place = footer.find(_LIST_OF_ONE + _NAME)
        # The smallest and largest cells are in the footer, and are any text.
        if place < 0 or footer.count(_NAME) > 1 or len(metadata) >= _MOST:
            return False
        length, value = _number(footer, place + len(_LIST_OF_ONE + _NAME))
        end = value + length + 1
        entries = b"".join(_entry(name, metadata[name]) for name in sorted(metadata))
        header = bytes([_LIST_OF_ONE[0], (1 + len(metadata) << 4) | (_LIST_OF_ONE[1] & 15)])
        footer = footer[:place] + header + footer[place + 2 : end] + entries + footer[end:]
        file.seek(start)
        file.write(footer + len(footer).to_bytes(4, "little") + _END)
    return True


def _footer(file: IO[bytes]) -> tuple[int, bytes]:
    """Where the footer begins, and its bytes."""
    end = file.seek(-8, os.SEEK_END)
    start = file.seek(end - int.from_bytes(file.read(4), "little"))
    return start, file.read(end - start)


def _entry(name: str, value: str) -> bytes:
    return b"\x18" + _text(name) + b"\x18" + _text(value) + b"\0"


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _varint(len(encoded)) + encoded


def _varint(number: int) -> bytes:
    """A number in groups of seven bits, the lowest first; the eighth bit says that another group follows."""
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


def _number(data: bytes, place: int) -> tuple[int, int]:
    """The number that begins at a place, and the place after it."""
    number = shift = 0
    while data[place] & 128:
        number |= (data[place] & 127) << shift
        place, shift = place + 1, shift + 7
    return number | data[place] << shift, place + 1
