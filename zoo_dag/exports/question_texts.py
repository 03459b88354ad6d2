"""Whether two texts of a task ask the same question (docs/consensus.md, Task revisions).

Votes on two questions must never be one count, while a mended typo or another help text starts nothing new. So the
sentences that ask are compared, word by word.
"""

import html
import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

# The task types whose text carries the meaning; those of others is in the labels of their options.
ASKING = frozenset(
    {"single", "multiple", "shortcut", "text", "textFromSubject", "slider", "subjectGroupComparison"}
)

_LINE_BREAK_TAG = re.compile(r"</?(?:br|p|div|li|ul|ol|h[1-6]|tr|table)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_MARKUP = re.compile(r"[*_`~#>|]+")
# A sentence ends with its mark, or with the line. No space has to follow a question, as in "Birds?(see help)".
_SENTENCE_END = re.compile(r"(?<=[?؟。])|(?<=[.!…])\s+|[\r\n]+")
_ASKS = re.compile(r"[?؟]$")
_WORD = re.compile(r"[^\W_]+")
# Letters of the longer word from which as many edits are a typo.
_TYPOS = ((9, 2), (5, 1))
_SWAPPED_LETTERS = 3


def asks_the_same(before: str | None, after: str | None) -> bool:
    """Whether two texts ask the same; a missing text says nothing, and so nothing else."""
    if not (before and before.strip() and after and after.strip()):
        return True
    old, new = _words(before), _words(after)
    if not (old or new):
        # A text of symbols alone, such as an emoji, is compared as it is.
        return before.strip() == after.strip()
    if "".join(old) == "".join(new):
        return True
    return len(old) == len(new) and all(map(_is_same_word, old, new))


@lru_cache(maxsize=1 << 10)
def _words(text: str) -> tuple[str, ...]:
    """The words of the sentences that ask, of the whole text where none does."""
    plain = _TAG.sub(" ", _LINE_BREAK_TAG.sub("\n", html.unescape(text)))
    plain = _MARKUP.sub("", _ADDRESS.sub(" ", _LINK.sub(r"\1", _PICTURE.sub(" ", plain))))
    # Composed letters, and the question marks of all widths as one.
    plain = unicodedata.normalize("NFKC", plain)
    asking = [sentence for sentence in _SENTENCE_END.split(plain) if _ASKS.search(sentence)]
    return tuple(_WORD.findall((" ".join(asking) if asking else plain).casefold()))


def _is_same_word(before: str, after: str) -> bool:
    """Whether one word is the other, or a typo of it.

    A number is no typo of another one. The first letter is rarely mistyped, and other letters in front turn a word
    into its opposite: symmetric and asymmetric, increasing and decreasing.
    """
    if before == after:
        return True
    if not (before.isalpha() and after.isalpha()):
        return False
    edits, letters = OSA.distance(before, after), max(len(before), len(after))
    if edits == 1 and sorted(before) == sorted(after):
        # Two neighbours changed places, as in `teh`.
        return letters >= _SWAPPED_LETTERS
    return before[0] == after[0] and any(letters >= least and edits <= most for least, most in _TYPOS)
