"""Words of a transcription: how a text is cut into them, how they are compared, and put together again.

Tags such as `[unclear]…[/unclear]` belong to the words that they enclose: a tag around several words is put around
each of them, and joined again where such words stand side by side. So any word can win a vote alone, and no tag is
ever opened without being closed. A tag that is not closed as often as it is opened, such as `[sic]`, is a word
like others.

Letters are compared in composed form (Unicode NFC): é may be one character or two. Any white space is a space or a
line break, also one that does not break lines. Characters that are not seen, such as a byte order mark, are left
out, but for those that join letters.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_TAG = re.compile(r"\[(/?)(\w[\w-]*)\]")
# The end of a tagged word and the start of the next, each with the other tag where nothing is between the two.
_SEAM = re.compile(r"(\[\w[\w-]*\])?\[/(\w[\w-]*)\](\s+)\[\2\](\[/\2\])?")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_WORD = re.compile(r"(\s*)(\S+)")
_FRONT = re.compile(r"""^["'“‘«(¿¡]+""")  # noqa: RUF001
# A quotation mark behind a digit is a unit: 5' are feet, 5" inches.
_BACK = re.compile(r"""(?:[.,;:!?…)»]|(?<!\d)["'”’])+$""")  # noqa: RUF001


class Word(NamedTuple):
    """A word as written, as it is compared, and the white space before it: a space, or the line breaks."""

    text: str
    folded: str
    space: str


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text in order; runs of white space count as one space, line breaks are kept."""
    return tuple(map(word_of, written_words(text)))


def written_words(text: str) -> list[str]:
    """The words of a text as they are written, each behind its line breaks; `word_of` knows more of them."""
    if not text.isascii():
        text = without_unseen(unicodedata.normalize("NFC", text))
    if "[/" in text:
        text = _tag_each_word(text)
    if "\n" not in text:
        return text.split()
    return ["\n" * space.count("\n") + word for space, word in _WORD.findall(text)]


def without_unseen(text: str) -> str:
    """A text without characters that are not seen."""
    return _UNSEEN.sub("", text)


def text_of(words: Iterable[Word]) -> str:
    """The words as one text, tags of neighbours joined; the opposite of `words_of`, up to white space."""
    text = "".join([f"{word.space}{word.text}" for word in words]).strip()
    if "[/" not in text:
        return text
    joined = _SEAM.sub(_join, text)
    while joined != text:
        text, joined = joined, _SEAM.sub(_join, joined)
    return text


# The same words come again and again.
@lru_cache(maxsize=1 << 16)
def word_of(written: str) -> Word:
    """The word that `written_words` returns, with what is compared of it."""
    text = written.lstrip("\n")
    return Word(text, fold(text), "\n" * (len(written) - len(text)) or " ")


def fold(word: str) -> str:
    """What is compared of a word: case, tags, and punctuation around it do not count.

    Signs, digits and brackets count: -5 is not 5, and [Sir] not Sir. A word that is nothing else is compared as it
    is; tags around nothing, the mark for what cannot be read, are compared as a tag.
    """
    if word.isascii() and word.isalnum():
        return word.lower()
    bare = word
    if "[/" in word:
        bare = _TAG.sub("", word) or f"[{_TAG.findall(word)[0][1]}]"
    bare = unicodedata.normalize("NFC", bare.casefold()).replace("’", "'")  # noqa: RUF001
    return _BACK.sub("", _FRONT.sub("", bare)) or bare


def _join(seam: re.Match[str]) -> str:
    opened_before, tag, space, closed_after = seam.groups()
    nothing_between = opened_before == f"[{tag}]" or closed_after is not None
    return seam[0] if nothing_between else f"{opened_before or ''}{space}"


def _tag_each_word(text: str) -> str:
    """Close the open tags at the end of every word, and open them again at the start of the next."""
    paired = _paired(text)
    if not paired:
        return text
    # White space goes outside the tags, else a tag alone would be a word.
    names = "|".join(map(re.escape, sorted(paired)))
    text = re.sub(rf"(\s+)((?:\[/(?:{names})\])+)", r"\2\1", text)
    text = re.sub(rf"((?:\[(?:{names})\])+)(\s+)", r"\2\1", text)
    opened: list[str] = []

    def close_and_open(match: re.Match[str]) -> str:
        before = "".join(f"[{name}]" for name in opened)
        for closing, name in _TAG.findall(match[2]):
            if name in paired and not closing:
                opened.append(name)
            elif name in opened:
                opened.remove(name)
        after = "".join(f"[/{name}]" for name in reversed(opened))
        return f"{match[1]}{before}{match[2]}{after}"

    return _WORD.sub(close_and_open, text)


def _paired(text: str) -> set[str]:
    """Names of the tags that are closed as often as they are opened, and never before."""
    depth: dict[str, int] = {}
    broken: set[str] = set()
    for closing, name in _TAG.findall(text):
        depth[name] = depth.get(name, 0) + (-1 if closing else 1)
        if depth[name] < 0:
            broken.add(name)
    return {name for name, left in depth.items() if left == 0} - broken
