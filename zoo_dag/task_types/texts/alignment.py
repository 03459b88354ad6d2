"""Star alignment of transcriptions (docs/consensus.md, Texts): several transcriptions become one text.

The transcription that is nearest to all others is the centre of the star. Every other one is aligned to it, word
by word, so that each word of the centre is a slot in which a transcription has a word or nothing. A slot is a
vote, and nothing is one of the candidates. What more than half of all transcriptions have and the centre lacks is
inserted. So neither the order of the transcriptions nor the words of a single one decide.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from zoo_dag.task_types.texts.words import Word, text_of, words_of


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
    """A text, or a part of one, and the number of people who wrote exactly it."""

    words: Sequence[Word]
    people: int


class _Slot(NamedTuple):
    """A place in the text. `words` are its words and how many wrote each; everybody else wrote nothing there."""

    words: list[tuple[Word, int]]
    inserted: bool

    @property
    def written(self) -> int:
        return sum(people for _, people in self.words)


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
    parts = [_Transcription(words_of(text), counts[text]) for text in sorted(counts)]
    parts = [part for part in parts if part.words]
    if not parts:
        return None
    n = sum(part.people for part in parts)
    slots = list(_align(parts, inserted=False))
    elected = [_elect(slot, n) for slot in slots]
    if not any(word for word, _ in elected):
        # Texts that have hardly a word in common: where nothing is no candidate, the centre stands for them.
        elected = [_elect(slot, slot.written) for slot in slots if not slot.inserted]
    agreement = sum(votes for _, votes in elected) / (n * len(elected))
    won = tuple(Vote(word, votes) for word, votes in elected if word)
    return Consensus(text_of(vote.word for vote in won), agreement, won)


def _align(parts: list[_Transcription], *, inserted: bool) -> Iterator[_Slot]:
    """The slots of transcriptions in order, in each the words of those who wrote something there."""
    centre = parts.pop(_medoid(parts)) if len(parts) > 1 else parts.pop()
    slots = [_Slot([(word, centre.people)], inserted) for word in centre.words]
    between: list[list[_Transcription]] = [[] for _ in range(len(slots) + 1)]
    folded = [word.folded for word in centre.words]
    for part in parts:
        words, people = part
        next_slot = next_word = 0
        for place, position in _pairs(folded, [word.folded for word in words]):
            if position > next_word:
                between[next_slot].append(_Transcription(words[next_word:position], people))
            slots[place].words.append((words[position], people))
            next_slot, next_word = place + 1, position + 1
        if len(words) > next_word:
            between[next_slot].append(_Transcription(words[next_word:], people))
    for place, extra in enumerate(between):
        # The words between two slots are aligned in the same way; each time they get fewer.
        if extra:
            yield from _align(extra, inserted=True)
        yield from slots[place : place + 1]


def _pairs(centre: list[str], other: list[str]) -> list[tuple[int, int]]:
    """Slots of the centre and the words of another transcription that stand in them: ascending pairs of positions.

    As few words differ as can be (Levenshtein distance). Where more differ on one side than on the other, the
    distance leaves open which of them belong together.
    """
    pairs: list[tuple[int, int]] = []
    slot = word = 0
    for same in Levenshtein.editops(centre, other).as_matching_blocks():
        if slot < same.a and word < same.b:
            nearest = _nearest_pairs(centre[slot : same.a], other[word : same.b])
            pairs.extend((slot + place, word + position) for place, position in nearest)
        slot, word = same.a + same.size, same.b + same.size
        pairs.extend(zip(range(same.a, slot), range(same.b, word), strict=True))
    return pairs


def _nearest_pairs(some: list[str], others: list[str]) -> list[tuple[int, int]]:
    """Pairs of words in order, as many as can be, with the least sum of the distances of their letters."""
    if len(some) > len(others):
        return [(place, position) for position, place in _nearest_pairs(others, some)]
    if len(some) == len(others):
        return list(enumerate(range(len(some))))
    distances = cdist(some, others, scorer=Levenshtein.normalized_distance, dtype=np.float64)
    # least[j]: the least sum for the words so far, paired with some of the first j of the others.
    least = np.zeros(len(others) + 1)
    sums = []
    for row in distances:
        sums.append(least[:-1] + row)
        least = np.concatenate(([np.inf], np.minimum.accumulate(sums[-1])))
    pairs, last = [], len(others)
    for place in reversed(range(len(some))):
        last = int(np.argmin(sums[place][:last]))
        pairs.append((place, last))
    return pairs[::-1]


def _medoid(parts: list[_Transcription]) -> int:
    """Position of the transcription with the least sum of normalised Levenshtein distances to all.

    Of several the one that most people wrote, then the longest, then the first.
    """
    texts = [" ".join([word.folded for word in part.words]) for part in parts]
    counts = np.array([part.people for part in parts], dtype=np.float64)
    distances = cdist(texts, texts, scorer=Levenshtein.normalized_distance, dtype=np.float64)
    # Rounded, so that sums of the same numbers tie whatever the order of the texts.
    sums = (distances @ counts).round(9).tolist()
    return min(
        range(len(parts)),
        key=lambda place: (sums[place], -parts[place].people, -len(texts[place]), place),
    )


def _elect(slot: _Slot, n: int) -> tuple[Word | None, int]:
    """The word that wins a slot, null where nothing does, and its votes."""
    written = slot.written
    nothing, needed = n - written, n / 2 if slot.inserted else 0
    first = slot.words[0][0]
    if all(word == first for word, _ in slot.words):
        return (first, written) if written >= nothing and written > needed else (None, nothing)
    votes_of: Counter[str] = Counter()
    for word, people in slot.words:
        votes_of[word.folded] += people
    votes = max(votes_of.values())
    tied = [folded for folded, as_many in votes_of.items() if as_many == votes]
    best = tied[0] if len(tied) == 1 else _nearest(tied, votes_of, first.folded)
    if votes < nothing or votes <= needed:
        return None, nothing
    forms = [(word, people) for word, people in slot.words if word.folded == best]
    return Word(_most_common(forms, "text"), best, _most_common(forms, "space")), votes


def _nearest(tied: list[str], votes_of: Counter[str], centre: str) -> str:
    """The word that is nearest to all words of the slot: of the, thc and tbe it is the first."""

    def order(word: str) -> tuple[float, bool, str]:
        apart = (people * Levenshtein.normalized_distance(word, other) for other, people in votes_of.items())
        # Rounded, so that equal sums are equal in any order of summation.
        return round(sum(apart), 9), word != centre, word

    return min(tied, key=order)


def _most_common(forms: Sequence[tuple[Word, int]], field: str) -> str:
    """The most common value; among equally common ones the first in alphabetical order."""
    value = attrgetter(field)
    counts: Counter[str] = Counter()
    for word, people in forms:
        counts[value(word)] += people
    return min(counts, key=lambda form: (-counts[form], form))
