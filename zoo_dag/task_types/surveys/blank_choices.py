"""Which choices of a survey say that there is nothing to identify, such as "Nothing here".

No export says so: the choice is one like others, and every project names it. Common names are recognised, as
labels and as ids, which the project builder derives from labels: `NOTHINGHERE`, and before 2017 without vowels
`NTHNGHR`.
"""

from collections.abc import Iterable
from itertools import product

import polars as pl

from zoo_dag.settings.results import Surveys

# What public projects and the scripts that read their exports call it, without spaces and in lower case.
_NOTHING = (
    *("nothing", "iseenothing", "nothingtosee", "none", "empty", "blank", "nospecies", "nowildlife"),
    *("noanimal", "noanimals", "vegetationnoanimal", "vegetationnoanimals"),
)
_WHERE = (
    *("", "here", "there", "present", "visible", "seen", "found", "detected", "insight", "shown"),
    *(
        f"{preposition}{picture}"
        for preposition in ("", "in", "inthe", "inthis")
        for picture in ("image", "picture", "photo", "frame", "video", "clip", "subject")
    ),
)
_NAMES = frozenset("".join(words) for words in product(_NOTHING, _WHERE))
# Shorter ones, such as NN of "none", may be anything.
_SHORTEST_WITHOUT_VOWELS = 4
_VOWELS = str.maketrans("", "", "aeiou")
_IDS = _NAMES | {
    name for name in (each.translate(_VOWELS) for each in _NAMES) if len(name) >= _SHORTEST_WITHOUT_VOWELS
}
# The address of a Markdown link, which may have parentheses.
_ADDRESS = r"\((?:[^()]|\([^()]*\))*\)"
# Words of labels, and parts of ids, that look like such a choice.
_WORDS = r"(?i)\b(no|none|nothing|nobody|empty|blank)\b"
_PARTS = "(?i)(nothing|nthng|empty|mpty|blank|blnk|^none|^noan|^nnml)"


def with_blank(named: pl.LazyFrame, settings: Surveys) -> pl.LazyFrame:
    """The rows, with `blank`: whether their choice stands for an empty subject."""
    choice = ["choice_id", "choice_label"]
    # Few different choices, many identifications.
    choices = named.select(choice).unique().with_columns(blank=is_blank_choice(settings))
    return named.join(choices, on=choice, how="left", nulls_equal=True, maintain_order="left")


def is_blank_choice(settings: Surveys) -> pl.Expr:
    """Whether a row of a survey, with `choice_id` and `choice_label`, names a choice for an empty subject.

    Names are compared without case, spaces, punctuation, Markdown and HTML. `surveys.blank_choices` adds ids and
    labels to the common ones, `surveys.not_blank_choices` takes some out.
    """
    by_id, by_label = _name(pl.col("choice_id")), _name(pl.col("choice_label"))
    added, taken_out = _names(settings.blank_choices), _names(settings.not_blank_choices)
    common = by_id.is_in(_IDS) | by_label.is_in(_NAMES)
    own = by_id.is_in(added) | by_label.is_in(added)
    not_blank = by_id.is_in(taken_out) | by_label.is_in(taken_out)
    return (_known(common) | _known(own)) & ~_known(not_blank)


def looks_blank(settings: Surveys) -> pl.Expr:
    """Whether the label of a choice, or without one its id, looks like that of an empty subject."""
    taken_out = _names(settings.not_blank_choices)
    not_blank = _name(pl.col("choice_id")).is_in(taken_out) | _name(pl.col("choice_label")).is_in(taken_out)
    words = _plain(pl.col("choice_label")).str.contains(_WORDS)
    return _known(pl.coalesce(words, pl.col("choice_id").str.contains(_PARTS))) & ~_known(not_blank)


def _names(texts: Iterable[str]) -> list[str]:
    return (
        pl.Series(list(texts), dtype=pl.String)
        .to_frame("name")
        .select(_name(pl.col("name")))
        .to_series()
        .to_list()
    )


def _name(text: pl.Expr) -> pl.Expr:
    """The letters and digits of a label or an id; a label without any, such as an emoji, as it is."""
    name = _plain(text).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    return pl.when(name == "").then(text).otherwise(name)


def _plain(text: pl.Expr) -> pl.Expr:
    """A label without images, tags and entities, and with the words of links."""
    return (
        text.str.replace_all(rf"!\[[^\]]*\]{_ADDRESS}", "")
        .str.replace_all(rf"\[([^\]]*)\]{_ADDRESS}", "$1")
        .str.replace_all(r"<[^>]*>|&#?\w+;", " ")
    )


def _known(flag: pl.Expr) -> pl.Expr:
    return flag.fill_null(False)
