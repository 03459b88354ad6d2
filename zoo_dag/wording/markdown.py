"""Markdown for Dagster's pages: texts of volunteers are escaped, and nothing is too long to be shown at once.

Dagster's webserver 1.13 shows Markdown of less than 1,000 characters at once, and more only after a click.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeGuard

# Shorter Markdown is shown at once.
INLINE = 1000
# The characters of a web address that are percent-encoded; `%`, `#`, `?` and `&` in it stay.
_UNSAFE_IN_LINK = re.compile(r'[\x00-\x20"()\\<>\[\]^`{|}\x7f]')
# Before each Markdown image.
IMAGE_START = "!["
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()]*\)")
_SPACED_IMAGE = re.compile(rf"[ \t]*{_IMAGE.pattern}[ \t]*")
_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*_\n]+)(?<=\S)\1")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_LONGEST_LINK = 400


def plain(text: object, limit: int) -> str:
    """A text on one line, without invisible characters, cut to `limit` characters."""
    seen = str(text)[: 20 * limit]
    if not seen.isprintable():
        seen = "".join(character if character.isprintable() else " " for character in seen)
    line = " ".join(seen.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def without_markup(text: str) -> str:
    """A label of a task without Markdown images, of which the alternative texts stay, and without bold type."""
    return _BOLD.sub(r"\2", _IMAGE.sub(r"\1", text))


def plain_labels(texts: Iterable[str]) -> dict[str, str]:
    """The texts that hold Markdown images, with plain labels: without the images, `Bird` for `Bird ![a bird](…)`.

    The alternative texts are the label where an image is all there is. Different texts keep different labels:
    those that would be equal stay as they are.
    """
    known = dict.fromkeys(texts)
    labels = {text: _label(text) for text in known}
    times = Counter(labels.values())
    return {text: label for text, label in labels.items() if label != text and times[label] == 1}


def _label(text: str) -> str:
    if not _IMAGE.search(text):
        return text
    for label in (_SPACED_IMAGE.sub(" ", text), _IMAGE.sub(r"\1", text)):
        if plain := label.strip(" ,;:|\t\r\n"):
            return plain
    return text


def code(text: object, limit: int = 24) -> str:
    """A text between backticks, where Markdown and HTML have no effect; safe in a Markdown table."""
    return f"`{plain(text, limit).replace('`', chr(39)).replace('|', '/') or '(blank)'}`"


def link(words: str, url: str | None) -> str:
    """A Markdown link; only the words if `url` is not a web address, or too long to be shown.

    `words` are Markdown already.
    """
    if not is_web_address(url):
        return words
    # Markdown reads `&lt;` in an address as a character.
    return f"[{words}]({_UNSAFE_IN_LINK.sub(percent_encoded, url).replace('&', '&amp;')})"


def is_web_address(text: str | None) -> TypeGuard[str]:
    """Whether a text is a web address that is fit to be followed: http or https, and not too long to be shown."""
    return text is not None and bool(_WEB.match(text)) and len(text) <= _LONGEST_LINK and text.isprintable()


def percent_encoded(match: re.Match[str]) -> str:
    """A matched character, percent-encoded."""
    return f"%{ord(match.group()):02X}"


def shown_at_once(markdown: str) -> bool:
    """Whether Dagster shows a text at once; its pages count in UTF-16."""
    return len(markdown.encode("utf-16-le")) // 2 < INLINE


def first_fitting(drafts: Iterable[str | None]) -> str | None:
    """The first draft, from the richest to the poorest, that is shown at once."""
    return next((draft for draft in drafts if draft and shown_at_once(draft)), None)


def most_that_fits(draft: Callable[[int], str], most: int, least: int = 1) -> str | None:
    """The draft with the largest number of items, from `least` to `most`, that is shown at once.

    Drafts with more items are longer.
    """
    best, low, high, count = None, least, most, most
    while low <= high:
        drawn = draft(count)
        if shown_at_once(drawn):
            best, low = drawn, count + 1
        else:
            high = count - 1
        count = (low + high) // 2
    return best


def table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first rows as a table, as many as are shown at once; "" if even the header is too long.

    Names and cells are Markdown already.
    """
    head = [names, ["---"] * len(names)]
    drafts = ([*head, *rows[:count]] for count in range(len(rows), -1, -1))
    return first_fitting("\n".join(f"| {' | '.join(line)} |" for line in lines) for lines in drafts) or ""
