"""Invented texts, and what volunteers' hands do to them."""

from dataclasses import dataclass
from random import Random
from string import ascii_lowercase

TYPO_RATE = 0.012
"""The probability of a wrong letter, by character."""
LOST_WORD_RATE = 0.015
UNCLEAR_RATE = 0.03

PLACES = ("mill pond", "upper meadow", "north gate", "old quarry", "long hedge", "ferry bank")
ANIMALS = ("grey heron", "red kite", "tawny owl", "water vole", "pine marten", "common toad")
TIMES = ("before sunrise", "at noon", "after the rain", "towards evening", "late at night")
DOINGS = ("was feeding", "sat quite still", "called twice", "flew off northwards", "left fresh tracks")
SKIES = ("clear sky", "thick fog", "light snow", "strong wind", "warm drizzle")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a text that should be highlighted: its offset, its words and its label."""

    start: int
    text: str
    label: str


def note(random: Random) -> str:
    """A remark, as on the margin of a sheet."""
    return (
        f"Walked from the {random.choice(PLACES)} {random.choice(TIMES)}, {random.choice(SKIES)}; "
        f"the {random.choice(ANIMALS)} {random.choice(DOINGS)}."
    )


def handwriting(random: Random) -> str:
    """One line of a page."""
    return random.choice(
        (
            f"{random.randint(2, 9)} {random.choice(ANIMALS)}s near the {random.choice(PLACES)}",
            f"The {random.choice(ANIMALS)} {random.choice(DOINGS)} {random.choice(TIMES)}",
            f"{random.choice(SKIES)} over the {random.choice(PLACES)} {random.choice(TIMES)}",
        )
    ).capitalize()


def story(random: Random) -> tuple[str, tuple[Passage, ...]]:
    """A text with the passages in it that name a place or a species."""
    text, passages = "", []
    for place, animal in zip(random.sample(PLACES, 2), random.sample(ANIMALS, 2), strict=True):
        for words, label in ((f"By the {place}", "Place"), (f" a {animal}", "Species")):
            lead, named = words.split(" ", 2)[:-1], words.split(" ", 2)[-1]
            text += " ".join(lead) + " "
            passages.append(Passage(len(text), named, label))
            text += named
        text += f" {random.choice(DOINGS)} {random.choice(TIMES)}. "
    return text.strip(), tuple(passages)


def typed(text: str, random: Random) -> str:
    """The text as a volunteer types it: letters go wrong, words get lost, some are marked as unclear."""
    words = []
    for word in text.split(" "):
        chance = random.random()
        if chance < LOST_WORD_RATE:
            continue
        letters = [random.choice(ascii_lowercase) if random.random() < TYPO_RATE else letter for letter in word]
        copied = "".join(letters)
        words.append(f"[unclear]{copied}[/unclear]" if chance > 1 - UNCLEAR_RATE else copied)
    return " ".join(words)
