"""Sentences and what careless people make of them, with a fixed seed."""

from random import Random

from rapidfuzz.distance import Levenshtein

_LETTER_HOME = (
    "the of and a to in his was that he with for on at by which from had this when old ship sailed north under "
    "heavy wind while captain wrote letters home every evening beside small lamp watching birds above cold grey "
    "water near island where fishermen mended their nets before winter storms closed harbour again after long "
    "months without any news about brother lost during voyage through strait toward southern coast"
)
WORDS = _LETTER_HOME.split()
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CHARACTER_NOISE = 0.03
WORD_NOISE = 0.04


def sentences(count: int, seed: int = 4) -> list[str]:
    """Sentences of 8 to 16 words, the truth."""
    random = Random(seed)  # noqa: S311
    return [" ".join(random.choices(WORDS, k=random.randint(8, 16))).capitalize() for _ in range(count)]


def transcriptions(truth: str, people: int, random: Random) -> list[str]:
    """What people write: words left out, doubled or replaced, and characters lost, added or mistaken."""
    return [" ".join(_mistyped(word, random) for word in _misread(truth.split(), random)) for _ in range(people)]


def word_error_rate(found: list[str], truths: list[str]) -> float:
    """Words to change, remove or add, as a share of the words of the truth; case and punctuation count."""
    pairs = [(text.split(), truth.split()) for text, truth in zip(found, truths, strict=True)]
    return sum(Levenshtein.distance(*pair) for pair in pairs) / sum(len(truth) for _, truth in pairs)


def _misread(words: list[str], random: Random) -> list[str]:
    read: list[str] = []
    for word in words:
        chance = random.random()
        if chance < WORD_NOISE / 3:
            continue
        read.append(random.choice(WORDS) if chance < WORD_NOISE * 2 / 3 else word)
        if WORD_NOISE * 2 / 3 <= chance < WORD_NOISE:
            read.append(random.choice(WORDS))
    return read


def _mistyped(word: str, random: Random) -> str:
    typed = ""
    for letter in word:
        chance = random.random()
        if chance >= CHARACTER_NOISE:
            typed += letter
        elif chance >= CHARACTER_NOISE / 3:
            typed += random.choice(LETTERS) + (letter if chance < CHARACTER_NOISE * 2 / 3 else "")
    return typed
