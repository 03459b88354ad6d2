"""Star alignment of transcriptions (docs/consensus.md, Texts): several transcriptions become one text.

The transcription that is nearest to all others is the centre of the star. Every other one is aligned to it, word
by word, so that each word of the centre is a slot in which a transcription has a word or nothing. A slot is a
vote, and nothing is one of the candidates. What more than half of all transcriptions have and the centre lacks is
inserted. So neither the order of the transcriptions nor the words of a single one decide.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from math import inf
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from zoo_dag.task_types.texts.words import Word, fold, text_of, word_of, written_words

_distance = Levenshtein.normalized_distance


class Vote(NamedTuple):
    """A word of the consensus, and the number of transcriptions that have it there, in whatever form."""

    word: Word
    votes: int


class Consensus(NamedTuple):
    """A consensus text. `agreement` is 1 where all wrote the same words, and 0 to 1."""

    text: str
    agreement: float
    votes: tuple[Vote, ...]


class _Transcription(NamedTuple):
    """A text, or a part of one: its words as `written_words` returns them, and the number of people who wrote it.

    `code` has a letter for each word; equal letters are words that are compared as equal.
    """

    words: list[str]
    code: str
    people: int


# The words at a place in the text, null of those who wrote something near it and nothing there; that of the centre
# comes first. And whether the place is inserted, since the transcription in the centre of all lacks it.
_Slot = tuple[Sequence[str | None], bool]


def consensus_of(texts: Iterable[str]) -> Consensus | None:
    """The consensus of texts by different people, each with its vote; null where there are no words at all.

    In a slot the word wins that most wrote, compared as `words.fold` says. Of words with as many votes that one
    wins whose letters are nearest to all words of the slot, then that of the centre; a word wins against nothing
    with as many votes; an inserted word needs more than half of all. The most common form of the winner
    is in the text, with the most common white space before it. `agreement` is the mean over all slots of the share
    of the texts that have there what the consensus has; slots where it has nothing count as well.
    """
    counts = Counter(texts)
    # A fixed order, whatever the order of the texts, so that ties are broken the same way.
    _CODES.forget_some()
    parts = [_transcription(text, counts[text]) for text in sorted(counts)]
    parts = [part for part in parts if part.words]
    if not parts:
        return None
    n = sum(part.people for part in parts)
    slots = list(_align(parts, inserted=False))
    elected = [_elect(slot, n) for slot in slots]
    if not any(word for word, _ in elected):
        # Texts that have hardly a word in common: where nothing is no candidate, the centre stands for them.
        elected = [
            _elect((words, inserted), len(words) - words.count(None)) for words, inserted in slots if not inserted
        ]
    agreement = sum(votes for _, votes in elected) / (n * len(elected))
    won = tuple([Vote(word, votes) for word, votes in elected if word])
    return Consensus(text_of([vote.word for vote in won]), agreement, won)


def _transcription(text: str, people: int) -> _Transcription:
    words = written_words(text)
    return _Transcription(words, "".join(map(_CODES.__getitem__, words)), people)


class _Codes(dict[str, str]):
    """A letter for each word as it is compared, and by letter the word.

    Kept from text to text, up to a number: the same words come again and again.
    """

    _MOST = 1 << 16

    def __init__(self) -> None:
        super().__init__()
        self.folded: dict[str, str] = {}
        self._of_folded: dict[str, str] = {}

    def __missing__(self, written: str) -> str:
        folded = fold(written.lstrip("\n"))
        code = self._of_folded.setdefault(folded, chr(len(self._of_folded) + 1))
        self[written], self.folded[code] = code, folded
        return code

    def forget_some(self) -> None:
        """Forget all where there are too many."""
        if len(self) > self._MOST:
            self.clear()
            self.folded.clear()
            self._of_folded.clear()


_CODES = _Codes()


def _align(parts: list[_Transcription], *, inserted: bool) -> Iterator[_Slot]:
    """The slots of transcriptions in order, in each the words of those who wrote something there."""
    centre = parts.pop(_medoid(parts)) if len(parts) > 1 else parts.pop()
    rows: list[Sequence[str | None]] = [centre.words] * centre.people
    between: dict[int, list[_Transcription]] = {}
    for part in parts:
        rows += [_beside(centre, part, between)] * part.people
    slots = [(words, inserted) for words in zip(*rows, strict=True)]
    if not between:
        yield from slots
        return
    for place in range(len(slots) + 1):
        # The words between two slots are aligned in the same way; each time they get fewer.
        if place in between:
            yield from _align(between[place], inserted=True)
        yield from slots[place : place + 1]


def _beside(
    centre: _Transcription, other: _Transcription, between: dict[int, list[_Transcription]]
) -> Sequence[str | None]:
    """For each word of the centre that of another transcription, null where it has none there.

    Words that stand between two of the centre are added to `between`, by the place of the second.
    """
    words, code, people = other
    if code == centre.code:
        return words
    if len(code) == len(centre.code) and Levenshtein.distance(centre.code, code, score_cutoff=1) <= 1:
        return words
    row: list[str | None] = [None] * len(centre.words)
    next_slot = next_word = 0
    for place, position, size in _blocks(centre, other):
        if position > next_word:
            extra = _Transcription(words[next_word:position], code[next_word:position], people)
            between.setdefault(next_slot, []).append(extra)
        row[place : place + size] = words[position : position + size]
        next_slot, next_word = place + size, position + size
    if len(words) > next_word:
        between.setdefault(next_slot, []).append(_Transcription(words[next_word:], code[next_word:], people))
    return row


def _blocks(centre: _Transcription, other: _Transcription) -> Iterator[tuple[int, int, int]]:
    """Runs of slots of the centre in which words of another transcription stand: slot, word and length; ascending.

    As few words differ as can be (Levenshtein distance). Where more differ on one side than on the other, the
    distance leaves open which of them belong together.
    """
    # A run goes on where as many words differ on either side.
    start = begin = slot = word = 0
    for same in Levenshtein.editops(centre.code, other.code).as_matching_blocks():
        if same.a - slot != same.b - word:
            yield start, begin, slot - start
            if same.a > slot and same.b > word:
                some = [_CODES.folded[letter] for letter in centre.code[slot : same.a]]
                others = [_CODES.folded[letter] for letter in other.code[word : same.b]]
                for place, position in _nearest_pairs(some, others):
                    yield slot + place, word + position, 1
            start, begin = same.a, same.b
        slot, word = same.a + same.size, same.b + same.size
    yield start, begin, slot - start


def _nearest_pairs(some: list[str], others: list[str]) -> list[tuple[int, int]]:
    """Pairs of words in order, as many as can be, with the least sum of the distances of their letters."""
    if len(some) > len(others):
        return [(place, position) for position, place in _nearest_pairs(others, some)]
    # least[j]: the least sum for the words so far, paired with some of the first j of the others. Few words, for
    # which plain Python is faster than NumPy.
    least = [0.0] * len(others)
    sums: list[list[float]] = []
    for word in some:
        sums.append([before + _distance(word, other) for before, other in zip(least, others, strict=True)])
        least = [inf, *accumulate(sums[-1][:-1], min)]
    pairs, last = [], len(others)
    for place in reversed(range(len(some))):
        possible = sums[place][:last]
        last = possible.index(min(possible))
        pairs.append((place, last))
    return pairs[::-1]


def _medoid(parts: list[_Transcription]) -> int:
    """Position of the transcription with the least sum of normalised Levenshtein distances to all.

    Of several the one that most people wrote, then the longest, then the first.
    """
    texts = [" ".join(map(_CODES.folded.__getitem__, part.code)) for part in parts]
    sums = _sums_of_distances(texts, [part.people for part in parts])
    return min(range(len(parts)), key=lambda place: (sums[place], -parts[place].people, -len(texts[place]), place))


def _sums_of_distances(texts: Sequence[str], people: Sequence[int]) -> list[float]:
    """For each text the sum of its normalised Levenshtein distances to those of all people."""
    sums = [0.0] * len(texts)
    # One pair after the other: with so few texts this is faster than rapidfuzz's own matrix, which has each twice.
    for place, text in enumerate(texts):
        own = people[place]
        for before in range(place):
            distance = _distance(text, texts[before])
            sums[place] += distance * people[before]
            sums[before] += distance * own
    # Rounded, so that sums of the same numbers tie whatever the order of the texts.
    return [round(each, 9) for each in sums]


def _elect(slot: _Slot, n: int) -> tuple[Word | None, int]:
    """The word that wins a slot, null where nothing does, and its votes."""
    words, inserted = slot
    centre = words[0]
    votes = words.count(centre)
    if centre is not None and 2 * votes > n:
        # The form that more than half of all wrote wins.
        if votes < len(words):
            code = _CODES[centre]
            for each in set(words):
                if each is not None and each != centre and _CODES[each] == code:
                    votes += words.count(each)
        return word_of(centre), votes
    nothing, needed = words.count(None), n / 2 if inserted else 0
    nothing += n - len(words)
    if n - nothing < nothing or n - nothing <= needed:
        # All who wrote something there together have too few votes.
        return None, nothing
    forms = [each for each in words if each is not None]
    codes = [_CODES[each] for each in forms]
    votes_of = {code: codes.count(code) for code in codes}
    votes = max(votes_of.values())
    if votes < nothing or votes <= needed:
        return None, nothing
    tied = [code for code, as_many in votes_of.items() if as_many == votes]
    best = tied[0] if len(tied) == 1 else _nearest(tied, votes_of, codes[0])
    won = [form for form, code in zip(forms, codes, strict=True) if code == best]
    if won.count(won[0]) == len(won):
        return word_of(won[0]), votes
    written = [word_of(form) for form in won]
    text, space = (_most_common([getattr(word, part) for word in written]) for part in ("text", "space"))
    return Word(text, _CODES.folded[best], space), votes


def _nearest(tied: list[str], votes_of: Mapping[str, int], centre: str) -> str:
    """The word that is nearest to all words of the slot: of the, thc and tbe it is the first. Takes letters."""
    words = [_CODES.folded[code] for code in votes_of]
    apart = dict(zip(votes_of, _sums_of_distances(words, [*votes_of.values()]), strict=True))
    return min(tied, key=lambda code: (apart[code], code != centre, _CODES.folded[code]))


def _most_common(forms: list[str]) -> str:
    """The most common one; among equally common ones the first in alphabetical order."""
    return min(set(forms), key=lambda form: (-forms.count(form), form))
