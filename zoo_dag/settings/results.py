"""The settings that change results. A changed value makes the tables that depend on it stale."""

import hashlib
from typing import Literal

from pydantic import Field

from zoo_dag.settings.drawings import Drawings
from zoo_dag.settings.events import Events
from zoo_dag.settings.listed import FirstMoment, LastMoment, Version, Volunteer
from zoo_dag.settings.retirement import Retirement
from zoo_dag.settings.section import Section
from zoo_dag.settings.talk import Talk
from zoo_dag.settings.volunteers import Volunteers


class Exclusion(Section):
    """Which classifications are excluded from consensus. They stay in every parsed and flattened table."""

    gold_standard: bool = Field(default=True, description="Exclude classifications in gold-standard mode.")
    pre_launch: bool = Field(
        default=True, description="Exclude classifications from before launch, if there are later ones."
    )
    tutorial_subject: bool = Field(default=True, description="Exclude the subject of the workflow's tutorial.")
    network_duplicate: bool = Field(
        default=True, description="Exclude a classification that the client sent a second time."
    )
    known_bad: bool = Field(default=True, description="Exclude rows that the server marked as damaged.")
    repeat: Literal["first", "last", "all"] = Field(
        default="first",
        description="Which of a volunteer's repeated classifications of a subject counts. `all` also keeps "
        "network duplicates.",
    )
    training_subject: bool = Field(
        default=False, description="Exclude subjects for training, as `subjects.training_keys` marks them."
    )
    after_retirement: bool = Field(
        default=False,
        description="Exclude classifications made after their subject was retired. Then a new subjects export "
        "rebuilds all versions.",
    )
    users: tuple[Volunteer, ...] = Field(
        default=(),
        description="Exclude these volunteers, such as those of the team: logins, account ids or values of "
        "`user_key`; upper and lower case are the same.",
    )
    before: FirstMoment | None = Field(
        default=None, description="Exclude classifications stored before this time, or before this day."
    )
    after: LastMoment | None = Field(
        default=None, description="Exclude classifications stored after this time, or after this day."
    )
    versions: tuple[Version, ...] = Field(
        default=(), description='Exclude these workflow versions: "4.11" of every workflow, "3141 4.11" of one.'
    )


class Subjects(Section):
    """What a subject is."""

    training_keys: tuple[str, ...] = Field(
        default=("#training_subject",),
        description="Fields of metadata that mark a subject for training, unless their value is empty, 0 or "
        "false; upper and lower case are the same.",
    )

    expand_groups: bool = Field(
        default=False, description="Replace the pseudo subject of a subject group by its member subjects."
    )


class Pooling(Section):
    """Which versions of a task are pooled as one task, where comparing the labels is not enough."""

    same: tuple[str, ...] = Field(
        default=(), description='Continues the previous revision, such as "3141 T0@4.11".'
    )
    new: tuple[str, ...] = Field(default=(), description='Starts a revision, such as "3141 T0@3.10".')


class Consensus(Section):
    """Consensus of all task types."""

    of_repeated_task: Literal["last", "first"] = Field(
        default="last",
        description="Which element counts of a single question, a slider or a select of a dropdown that one "
        "classification answers several times. Answers of other task types count together.",
    )


class Surveys(Section):
    """Consensus of surveys."""

    count_questions: tuple[str, ...] = Field(
        default=("HOWMANY", "HWMN"),
        description="Ids or labels of questions that count, besides those that ask `how many` or have numbers as "
        "answers. `count_min`, `count_median` and `count_max` are of the first of these that a survey has, else "
        "of its only question that counts.",
    )
    number_answers: tuple[str, ...] = Field(
        default=(),
        description="Ids or labels of answers that are numbers although they have no digit and other answers to "
        "the question have, such as `Herd`; case, spaces and punctuation do not matter.",
    )
    not_number_answers: tuple[str, ...] = Field(
        default=(),
        description="Ids or labels of answers to questions that count that are no numbers, although they have a "
        "digit or are words such as `many`.",
    )
    blank_choices: tuple[str, ...] = Field(
        default=(),
        description="Ids or labels of choices that stand for an empty subject, besides the common ones such as "
        "`Nothing here`; case, spaces and punctuation do not matter.",
    )
    not_blank_choices: tuple[str, ...] = Field(
        default=(),
        description="Ids or labels of choices that do not stand for an empty subject, although their names are "
        "among the common ones, or look like them.",
    )


class Sliders(Section):
    """Consensus of sliders."""

    count_untouched: bool = Field(
        default=True, description="Count a slider that the volunteer left at its default as a value."
    )


class Texts(Section):
    """Consensus of texts."""

    line_eps: float = Field(
        default=30.0,
        gt=0,
        description="Largest distance across between lines that volunteers drew under the same line of text, in "
        "pixels; along the line it may be four times as much.",
    )
    line_eps_share: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="The same as a share of the larger side of the picture, of several frames of the largest one. "
        "Where it is set, and the size is known, it counts instead of `line_eps`.",
    )
    original: str | None = Field(
        default=None,
        description="Field of the subjects' metadata with the text that volunteers were given to correct.",
    )
    original_table: str | None = Field(
        default=None,
        description="A CSV in the data folder with these texts: columns `subject_id` and `text`. Those that "
        "`zoo-dag fetch --texts` saved count for subjects that have none otherwise.",
    )


class Transcription(Section):
    """Consensus of the lines of a page, and of other texts about marks."""

    reading_order: Literal["auto", "columns", "rows"] = Field(
        default="auto",
        description="In which order they are read: `auto` goes down one column after the other where gutters part "
        "them, `columns` also where these are as narrow as gaps between words, `rows` reads across the page, as a "
        "ledger is read. Scripts from right to left are read so, and pages may lie askew.",
    )


class Highlights(Section):
    """Consensus of highlights."""

    join: int = Field(
        default=1,
        ge=0,
        description="Highlights of one volunteer with one label are one where they lie at most so many letters "
        "apart.",
    )
    eps_overlap: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="Largest distance of neighbours: 1 - length in common / length of both together.",
    )
    min_volunteers: int = Field(
        default=3,
        ge=1,
        description="Number of different volunteers that a span needs at least; of fewer than five "
        "classifications two are enough.",
    )
    min_detection: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="Share of the classifications that reached the task that a span needs at least. What has "
        "less is a candidate.",
    )


class Agreement(Section):
    """When `subject_summary` says that a subject's consensus on a task is reached."""

    min_classifications: int = Field(
        default=3,
        ge=1,
        description="Classifications that answered the task; of a drawing also those that marked nothing.",
    )
    min_agreement: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Agreement on the task; of a drawing the detection of its clearest mark, or the share that "
        "marked nothing.",
    )
    min_asked: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of the counted classifications of the subject that were asked the task: what few were "
        "asked, on a branch of a decision tree, is no result of all.",
    )


class ResultSettings(Section):
    """All sections that change results."""

    exclusion: Exclusion = Exclusion()
    volunteers: Volunteers = Volunteers()
    subjects: Subjects = Subjects()
    pooling: Pooling = Pooling()
    consensus: Consensus = Consensus()
    surveys: Surveys = Surveys()
    sliders: Sliders = Sliders()
    texts: Texts = Texts()
    transcription: Transcription = Transcription()
    drawings: Drawings = Drawings()
    highlights: Highlights = Highlights()
    agreement: Agreement = Agreement()
    retirement: Retirement = Retirement()
    events: Events = Events()
    talk: Talk = Talk()

    def fingerprint(
        self, *, of_posteriors: bool = False, of_retirement: bool = False, of_events: bool = False
    ) -> str:
        """A short text that changes with every setting that changes results.

        How votes are weighed changes only the tables of posteriors, and what is made from them; rules change only
        that of their replay, and events only the tables that have them. Of Talk the content of the export counts.
        """
        others = {"talk"} | (set() if of_retirement else {"retirement"}) | (set() if of_events else {"events"})
        sections = set(ResultSettings.model_fields) - others
        weighing = None if of_posteriors else {"volunteers": {"method", "overrides", "gold", "predictions"}}
        text = self.model_dump_json(include=sections, exclude=weighing)
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


# For functions that take a single setting as an argument.
DEFAULTS = ResultSettings()
