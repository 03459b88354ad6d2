"""Text from outside made printable: names of files and columns, cells, and messages that quote them.

A terminal obeys control characters: they clear it, colour it, rename its window, or hide what was printed before.
So they are shown as escapes, as Python writes them.
"""

import re

# Control characters, line separators, half surrogates (bytes of a name that are not UTF-8), and what is invisible
# or changes the direction of the text. Two joiners are letters of Persian and of Indian languages.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def printable(text: object) -> str:
    """A text on one line, in which control characters and invisible ones are shown: `a\\x1b[2Jb`."""
    return _UNSEEN.sub(_escaped, str(text))


def printable_lines(text: str) -> str:
    """As `printable`, but line breaks stay: for a message that has some of its own."""
    return "\n".join(map(printable, text.split("\n")))


def printable_json(text: str) -> str:
    """A JSON text that means the same, in which those characters are JSON's escapes; line breaks stay."""
    return "\n".join(_UNSEEN.sub(_json_escaped, line) for line in text.split("\n"))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def _json_escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[start : start + 2].hex()}" for start in range(0, len(units), 2))
