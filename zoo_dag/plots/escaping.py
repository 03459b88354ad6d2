"""Texts of volunteers and projects inside Markdown, SVG and addresses: they are data, and nothing in them acts."""

import re
from xml.sax.saxutils import escape

# ASCII that ends or alters an address in Markdown, or that a data URI may not hold.
_UNSAFE = re.compile(r'[\x00-\x20"#%&()\\?\[\]^`{|}\x7f]')
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


def xml(text: str) -> str:
    """A text inside an element or an attribute of XML."""
    return escape(text, {'"': "&quot;", "'": "&apos;"})


def data_uri(svg: str) -> str:
    """An SVG as an address that Markdown takes as it is; most characters stay, which keeps it short."""
    return f"data:image/svg+xml,{_UNSAFE.sub(_percent, svg)}"


def link(words: str, url: str | None) -> str:
    """Markdown that leads to a web address; only the words where it is none, or longer than any page would show.

    `words` are Markdown already.
    """
    if url is None or not _WEB.match(url) or len(url) > _LONGEST_LINK or not url.isprintable():
        return words
    # Markdown reads `&lt;` in an address as a character.
    return f"[{words}]({_UNSAFE_IN_LINK.sub(_percent, url).replace('&', '&amp;')})"


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found.group()):02X}"
