"""Markdown for Dagster's pages: texts of volunteers as data, and nothing longer than is shown at once.

Dagster's webserver 1.13 shows Markdown of less than 1,000 characters at once, and more only after a click.
"""

import re
from collections.abc import Callable, Iterable, Sequence

# Markdown is shown at once where it is shorter.
INLINE = 1000
# Of a web address, what is left once its own `%`, `#`, `?` and `&` stay.
_UNSAFE_IN_LINK = re.compile(r'[\x00-\x20"()\\<>\[\]^`{|}\x7f]')
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()]*\)")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_LONGEST_LINK = 400


def plain(text: object, limit: int) -> str:
    """A text on one line, without characters that cannot be seen, cut to `limit` characters."""
    seen = "".join(character if character.isprintable() else " " for character in str(text)[: 20 * limit])
    line = " ".join(seen.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def without_images(text: str) -> str:
    """A label of a task without the images that it may hold as Markdown: what they say instead is kept."""
    return _IMAGE.sub(r"\1", text)


def code(text: object, limit: int = 24) -> str:
    """A text as Markdown between backticks, where neither Markdown nor HTML acts; it may stand in a table."""
    return f"`{plain(text, limit).replace('`', chr(39)).replace('|', '/') or '(blank)'}`"


def link(words: str, url: str | None) -> str:
    """Markdown that leads to a web address; only the words where it is none, or longer than any page would show.

    `words` are Markdown already.
    """
    if url is None or not _WEB.match(url) or len(url) > _LONGEST_LINK or not url.isprintable():
        return words
    # Markdown reads `&lt;` in an address as a character.
    return f"[{words}]({_UNSAFE_IN_LINK.sub(percent_encoded, url).replace('&', '&amp;')})"


def percent_encoded(found: re.Match[str]) -> str:
    """A character as addresses have it."""
    return f"%{ord(found.group()):02X}"


def shown_at_once(markdown: str) -> bool:
    """Whether Dagster shows a text at once; its pages count in UTF-16."""
    return len(markdown.encode("utf-16-le")) // 2 < INLINE


def first_fitting(drafts: Iterable[str | None]) -> str | None:
    """The first of drafts, from the richest to the poorest, that is shown at once."""
    return next((draft for draft in drafts if draft and shown_at_once(draft)), None)


def most_that_fits(draft: Callable[[int], str], most: int, least: int = 1) -> str | None:
    """The draft of the largest number of things, from `least` to `most`, that is shown at once.

    Drafts of more things are longer.
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
    """The first rows as a table, as many as are shown at once; "" where not even the names are.

    Names and cells are Markdown already.
    """
    head = [names, ["---"] * len(names)]
    drafts = ([*head, *rows[:count]] for count in range(len(rows), -1, -1))
    return first_fitting("\n".join(f"| {' | '.join(line)} |" for line in lines) for lines in drafts) or ""
