"""Which choices of a survey say that there is nothing to identify, such as "Nothing here".

No export says so: the choice is one like others, and every project names it. Common names are recognised, as
labels and as ids, which the project builder derives from labels: `NOTHINGHERE`, and before 2017 without vowels
`NTHNGHR`.
"""

from itertools import product

import polars as pl

from zoo_dag.consensus.units import Scope, hash_of_unit
from zoo_dag.settings.results import Surveys
from zoo_dag.task_types.surveys.naming import name, names, plain

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
    short for short in (each.translate(_VOWELS) for each in _NAMES) if len(short) >= _SHORTEST_WITHOUT_VOWELS
}
# Words of labels, and parts of ids, that look like such a choice.
_WORDS = r"(?i)\b(no|none|nothing|nobody|empty|blank)\b"
_PARTS = "(?i)(nothing|nthng|empty|mpty|blank|blnk|^none|^noan|^nnml)"


def without_beaten_blanks(named: pl.LazyFrame, scope: Scope, settings: Surveys) -> pl.LazyFrame:
    """The identifications that count, with `unit`, and `blank`: whether their choice stands for an empty subject.

    Who names an animal did not find the subject empty: blank choices of the same classification do not count.
    """
    choice = pl.struct("choice_id", "choice_label")
    # Few different choices, many identifications: within one query Polars would compare names in each of these.
    choices = named.select("choice_id", "choice_label").unique().collect()
    numbers = choices.filter(is_blank_choice(settings)).select(choice.hash()).to_series()
    rows = named.with_columns(hash_of_unit(scope), blank=choice.hash().is_in(numbers.implode()))
    person, blank = ["unit", "classification_id"], pl.col("blank")
    said = rows.select(*person, "blank")
    both = said.filter("blank").join(said.filter(~blank), on=person, how="semi").select(pl.struct(person).hash())
    beaten = both.collect(engine="streaming").to_series()
    return rows.filter(~(blank & pl.struct(person).hash().is_in(beaten.implode()))) if len(beaten) else rows


def is_blank_choice(settings: Surveys) -> pl.Expr:
    """Whether a row of a survey, with `choice_id` and `choice_label`, names a choice for an empty subject.

    Names are compared without case, spaces, punctuation, Markdown and HTML. `surveys.blank_choices` adds ids and
    labels to the common ones, `surveys.not_blank_choices` takes some out.
    """
    by_id, by_label = name(pl.col("choice_id")), name(pl.col("choice_label"))
    added, taken_out = names(settings.blank_choices), names(settings.not_blank_choices)
    common = by_id.is_in(_IDS) | by_label.is_in(_NAMES)
    own = by_id.is_in(added) | by_label.is_in(added)
    not_blank = by_id.is_in(taken_out) | by_label.is_in(taken_out)
    return (_known(common) | _known(own)) & ~_known(not_blank)


def looks_blank(settings: Surveys) -> pl.Expr:
    """Whether the label of a choice, or without one its id, looks like that of an empty subject."""
    taken_out = names(settings.not_blank_choices)
    not_blank = name(pl.col("choice_id")).is_in(taken_out) | name(pl.col("choice_label")).is_in(taken_out)
    words = plain(pl.col("choice_label")).str.contains(_WORDS)
    return _known(pl.coalesce(words, pl.col("choice_id").str.contains(_PARTS))) & ~_known(not_blank)


def _known(flag: pl.Expr) -> pl.Expr:
    return flag.fill_null(False)
