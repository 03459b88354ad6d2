"""Corrections of a given text (docs/consensus.md, Corrections): what volunteers changed, and what of it holds.

Each text is aligned to the given one, word by word and to the letter, since case and punctuation are what is
corrected. A change is a run of words of the given text, and the words in place of them. Who sends the text as it
was given may not have read it, and nothing tells it: so a change is measured against those who changed anything.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from zoo_dag.task_types.texts.words import without_unseen

# A change needs two people, and a quarter of those who changed anything.
LEAST_VOTES, LEAST_SHARE = 2, 0.25
_WORD = re.compile(r"\S+")


class Change(NamedTuple):
    """A form of a changed place: the run of words of the given text, what is there instead, and its votes.

    `start` and `end` are the place in letters of the given text, `before` what stands there. `rank` is that among
    the forms of the place, 1 for most votes; `tied` says that another form of it has as many.
    """

    words: tuple[int, int]
    start: int
    end: int
    before: str
    after: str
    votes: int
    rank: int
    tied: bool
    accepted: bool


class Token(NamedTuple):
    """A word of the corrected text, and how many texts have it there."""

    word: str
    votes: int


class Corrected(NamedTuple):
    """The given text with the accepted changes, its words, all changes, and how many texts have any."""

    text: str
    tokens: tuple[Token, ...]
    changes: tuple[Change, ...]
    n_changed: int


class _Word(NamedTuple):
    text: str
    start: int
    end: int


# A run of words of the given text, and the words in place of them.
_Edit = tuple[int, int, tuple[str, ...]]


def corrected(given: str, texts: Iterable[str]) -> Corrected:
    """What the texts of different people make of a given one; the order of the texts does not matter.

    Of each place the commonest form is accepted where at least LEAST_VOTES and LEAST_SHARE of those who changed
    anything have it, and no other form has as many votes. Of accepted changes that overlap, those with more votes
    hold, then the earlier ones. White space is no word, so that line breaks are those of the given text.
    """
    words, people = _words(given), Counter(texts)
    edits = {text: _edits(words, text) for text in people}
    votes: Counter[_Edit] = Counter()
    for text, number in people.items():
        for edit in edits[text]:
            votes[edit] += number
    n = sum(people.values())
    n_changed = sum(number for text, number in people.items() if edits[text])
    changes = tuple(_changes(given, words, votes, n_changed))
    accepted = {change.words: edit for change, edit in _with_edits(changes, votes) if change.accepted}
    tokens = list(_corrected_words(given, words, accepted, votes, n))
    text = "".join(space + token.word for space, token in tokens).strip()
    return Corrected(text, tuple(token for _, token in tokens), changes, n_changed)


def _words(text: str) -> list[_Word]:
    found = ((match[0], match.start(), match.end()) for match in _WORD.finditer(text))
    composed = (_Word(_compared(word), start, end) for word, start, end in found)
    return [word for word in composed if word.text]


@lru_cache(maxsize=1 << 16)
def _compared(word: str) -> str:
    """A word in composed form, without letters that are not seen."""
    return word if word.isascii() else without_unseen(unicodedata.normalize("NFC", word))


def _edits(given: Sequence[_Word], text: str) -> list[_Edit]:
    """The changes of a text; runs of as many words on both sides are changes word by word."""
    before = [word.text for word in given]
    after = [word.text for word in _words(text)]
    if before == after:
        return []
    found: list[_Edit] = []
    place = position = 0
    for same in Levenshtein.editops(before, after).as_matching_blocks():
        gone, come = same.a - place, same.b - position
        if gone == come:
            pairs = zip(range(place, same.a), after[position : same.b], strict=True)
            found += [(one, one + 1, (word,)) for one, word in pairs if before[one] != word]
        else:
            found.append((place, same.a, tuple(after[position : same.b])))
        place, position = same.a + same.size, same.b + same.size
    return found


def _changes(given: str, words: Sequence[_Word], votes: Counter[_Edit], n_changed: int) -> Iterator[Change]:
    """All changes in the order of their places, and of their rank."""
    places: defaultdict[tuple[int, int], list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
    for (first, last, new), number in votes.items():
        places[first, last].append((-number, new))
    candidates = []
    for place, forms in places.items():
        (most, new), *others = sorted(forms)
        is_tied = any(number == most for number, _ in others)
        if not is_tied and -most >= max(LEAST_VOTES, LEAST_SHARE * n_changed):
            candidates.append((most, place, new))
    taken = _without_overlaps(place for _, place, _ in sorted(candidates))
    for place in sorted(places):
        forms = sorted(places[place])
        start, end = _letters(words, place, len(given))
        for rank, (number, new) in enumerate(forms, 1):
            tied = sum(other == number for other, _ in forms) > 1
            holds = rank == 1 and place in taken
            yield Change(place, start, end, given[start:end], " ".join(new), -number, rank, tied, holds)


def _with_edits(changes: Iterable[Change], votes: Counter[_Edit]) -> Iterator[tuple[Change, _Edit]]:
    forms = {(first, last, " ".join(new)): (first, last, new) for first, last, new in votes}
    return ((change, forms[*change.words, change.after]) for change in changes)


def _without_overlaps(places: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """The places that have no word in common with an earlier one, and no insertion inside, or are not inside."""
    taken: set[tuple[int, int]] = set()
    run_of_word: dict[int, tuple[int, int]] = {}
    for place in places:
        first, last = place
        words, inside = range(first, last), range(first + 1, last)
        if first == last:
            free = run_of_word.get(first) is None or run_of_word.get(first) != run_of_word.get(first - 1)
        else:
            free = not any(word in run_of_word for word in words)
            free = free and not any((word, word) in taken for word in inside)
        if free:
            taken.add(place)
            run_of_word.update(dict.fromkeys(words, place))
    return taken


def _letters(words: Sequence[_Word], place: tuple[int, int], length: int) -> tuple[int, int]:
    first, last = place
    start = words[first].start if first < len(words) else words[-1].end if words else length
    return start, words[last - 1].end if last > first else start


def _corrected_words(
    given: str, words: Sequence[_Word], accepted: dict[tuple[int, int], _Edit], votes: Counter[_Edit], n: int
) -> Iterator[tuple[str, Token]]:
    """The words of the corrected text, each with the white space before it."""
    touched: Counter[int] = Counter()
    for (first, last, _), number in votes.items():
        for place in range(first, last):
            touched[place] += number
    inserted = {place[0]: edit for place, edit in accepted.items() if place[0] == place[1]}
    replaced = {place[0]: edit for place, edit in accepted.items() if place[0] < place[1]}
    place = 0
    while place <= len(words):
        if place in inserted:
            edit = inserted[place]
            yield from ((" ", Token(word, votes[edit])) for word in edit[2])
        if place == len(words):
            return
        before = words[place - 1].end if place else 0
        space = given[before : words[place].start] or " "
        if place in replaced:
            _, last, new = edit = replaced[place]
            yield from ((" " if number else space, Token(word, votes[edit])) for number, word in enumerate(new))
            place = last
        else:
            yield space, Token(given[words[place].start : words[place].end], n - touched[place])
            place += 1
