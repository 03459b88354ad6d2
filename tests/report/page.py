"""An HTML page as a test reads it: its elements, whether they are closed, and what it would fetch or run."""

from html.parser import HTMLParser

VOID = {"meta", "br", "img", "link", "input", "hr"}
# Attributes that a browser follows by itself; `href` of a link waits for a click.
_FOLLOWED = ("src", "srcset", "poster", "data", "background", "xlink:href", "action")


class Page(HTMLParser):
    """The elements of a page in order, each with its attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:]}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        """All text, with one space for any white space."""
        return " ".join("".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a tag."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def runs(self) -> list[str]:
        """What would run: scripts, and attributes that handle events."""
        scripts = [tag for tag, _ in self.elements if tag in ("script", "iframe", "object", "embed")]
        return scripts + [name for _, attributes in self.elements for name in attributes if name.startswith("on")]

    @property
    def fetches(self) -> list[str | None]:
        """What a browser would fetch without a click."""
        found = [attributes[name] for _, attributes in self.elements for name in _FOLLOWED if name in attributes]
        found += [a.get("href") for tag, a in self.elements if tag in ("link", "image", "use", "base")]
        return found

    @property
    def headings(self) -> list[int]:
        """The levels of the headings in order."""
        return [int(tag[1]) for tag, _ in self.elements if tag in ("h1", "h2", "h3", "h4", "h5")]
