"""Names of columns made of texts of a project, such as labels: for R, pandas and SQL alike.

A name has lower-case letters from a to z, digits and underscores, and begins with a letter, so that R's
`make.names` leaves it as it is.
"""

import re
import unicodedata

_LONGEST = 60
_WORDS = str.maketrans(
    {"&": " and ", "+": " plus ", "%": " percent ", "<": " under ", ">": " over ", "'": "", "\u2019": ""}
)
_NEGATIVE = re.compile(r"(?<![^\W_])[-\u2212](?=\d)")


def name_part(text: str) -> str:
    """A text as a part of a name: empty where nothing in it can be in a name, and cut where it is long.

    Accents are dropped, signs that tell answers apart become words (`11+`: `11_plus`), and everything else between
    letters and digits becomes an underscore.
    """
    decomposed = unicodedata.normalize("NFKD", _NEGATIVE.sub(" minus ", text).casefold().translate(_WORDS))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    part = re.sub("[^a-z0-9]+", "_", letters).strip("_")
    if len(part) <= _LONGEST:
        return part
    # At the end of a word, where the words are not too long for that.
    words = part[: _LONGEST + 1].rpartition("_")[0]
    return words or part[:_LONGEST]


def column_name(text: str, otherwise: str) -> str:
    """A text as a name, with an x before a digit; `otherwise` where nothing in it can be in a name."""
    part = name_part(text) or otherwise
    return f"x{part}" if part[0].isdigit() else part


def taken_name(name: str, taken: set[str]) -> str:
    """The name, with the first number from 2 up behind it that makes it another one than those taken; takes it."""
    names = (name if number == 1 else f"{name}_{number}" for number in range(1, len(taken) + 2))
    free = next(each for each in names if each not in taken)
    taken.add(free)
    return free
