"""Star alignment of transcriptions (CONSENSUS 2, tier 1, method 9): what several people wrote, as one text.

The transcription that is nearest to all others is the centre of the star. Every other one is aligned to it, word by
word, so that each word of the centre is a slot in which a transcription has a word or nothing. A slot is a vote,
and nothing is one of the candidates. What is wanted by more than half of all transcriptions and missing in the
centre is inserted. So neither the order of the transcriptions nor the words of a single one decide.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from zoo_dag.consensus.words import Word, text_of, words_of


class Vote(NamedTuple):
    """A word of the consensus: in how many of the transcriptions it stands there, whatever its form."""

    word: Word
    votes: int


class Consensus(NamedTuple):
    """A consensus text. `agreement` is 1 where all wrote the same words, and 0 to 1."""

    text: str
    agreement: float
    votes: tuple[Vote, ...]


class _Transcription(NamedTuple):
    """A text, or a part of one, that `count` people wrote to the letter."""

    words: Sequence[Word]
    count: int

    @property
    def folded(self) -> list[str]:
        return [word.folded for word in self.words]


class _Slot(NamedTuple):
    """A place in the text. `given` are words and how many wrote them; everybody else wrote nothing there."""

    given: list[tuple[Word, int]]
    inserted: bool


def consensus_of(texts: Iterable[str]) -> Consensus | None:
    """The consensus of texts by different people, each with its vote; null where there are no words at all.

    In a slot the word wins that most wrote, compared as `words.fold` says; ties go to the centre of the star, words
    before nothing; an inserted word needs more than half of all. Of the forms of the winner the commonest stands in
    the text, and so does the white space before it. `agreement` is the mean over all slots of the share of the
    texts that have there what the consensus has; slots where it has nothing count as well.
    """
    counts = Counter(texts)
    # One order, whatever the order of the texts, so that every tie has one end.
    parts = [_Transcription(words_of(text), counts[text]) for text in sorted(counts)]
    parts = [part for part in parts if part.words]
    if not parts:
        return None
    n = sum(part.count for part in parts)
    won: list[Vote] = []
    agreed: list[int] = []
    for slot in _align(parts, inserted=False):
        winner, votes = _elect(slot, n)
        agreed.append(votes)
        if winner:
            won.append(Vote(winner, votes))
    # Where nothing won in every slot, votes for words were few and all different.
    return Consensus(text_of(vote.word for vote in won), sum(agreed) / (n * len(agreed)), tuple(won))


def _align(parts: list[_Transcription], *, inserted: bool) -> Iterator[_Slot]:
    """The slots of transcriptions in order, in each the words of those who wrote something there."""
    centre = parts.pop(_medoid(parts)) if len(parts) > 1 else parts.pop()
    slots = [_Slot([(word, centre.count)], inserted) for word in centre.words]
    between: list[list[_Transcription]] = [[] for _ in range(len(slots) + 1)]
    folded = centre.folded
    for part in parts:
        for kind, start, end, first, last in Levenshtein.opcodes(folded, part.folded):
            if kind == "insert":
                between[start].append(_Transcription(part.words[first:last], part.count))
            elif kind != "delete":
                for slot, word in zip(slots[start:end], part.words[first:last], strict=True):
                    slot.given.append((word, part.count))
    for place, extra in enumerate(between):
        # What stands between two slots is aligned in the same way; each time it gets shorter.
        if extra:
            yield from _align(extra, inserted=True)
        yield from slots[place : place + 1]


def _medoid(parts: list[_Transcription]) -> int:
    """Position of the transcription with the least sum of normalised Levenshtein distances to all.

    Of several the one that most people wrote, then the longest, then the first.
    """
    texts = [" ".join(part.folded) for part in parts]
    counts = np.array([part.count for part in parts], dtype=np.float64)
    sums = cdist(texts, texts, scorer=Levenshtein.normalized_distance, dtype=np.float64) @ counts
    return min(
        range(len(parts)),
        key=lambda place: (round(sums[place], 9), -parts[place].count, -len(texts[place]), place),
    )


def _elect(slot: _Slot, n: int) -> tuple[Word | None, int]:
    """The word that wins a slot, null where nothing does, and its votes."""
    if len(slot.given) == 1:
        word, votes = slot.given[0]
        nothing = n - votes
        wins = votes > nothing if slot.inserted else votes >= nothing
        return (word, votes) if wins else (None, nothing)
    votes_of: Counter[str] = Counter()
    for word, count in slot.given:
        votes_of[word.folded] += count
    nothing = n - votes_of.total()
    centre = slot.given[0][0].folded
    best = min(votes_of, key=lambda folded: (-votes_of[folded], folded != centre, folded))
    votes = votes_of[best]
    if votes <= n / 2 if slot.inserted else votes < nothing:
        return None, nothing
    forms = [(word, count) for word, count in slot.given if word.folded == best]
    return Word(_commonest(forms, "text"), best, _commonest(forms, "space")), votes


def _commonest(forms: Sequence[tuple[Word, int]], field: str) -> str:
    """What most have; the first in alphabetical order of those that as many have."""
    value = attrgetter(field)
    counts: Counter[str] = Counter()
    for word, count in forms:
        counts[value(word)] += count
    return min(counts, key=lambda form: (-counts[form], form))
