"""The table `observations` of Camtrap DP: of events and of single media, by all volunteers or by each of them.

What wins on a subject is decided as for events (`zoo_dag.events.winners`), so that an observation of a medium
never contradicts the one of its event. `classificationProbability` is a posterior that gold has calibrated, else
empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.events.consensus import units_in_events
from zoo_dag.events.winners import named_choices
from zoo_dag.formats.camtrap_dp.choices import BLANK, Choices
from zoo_dag.formats.camtrap_dp.fields import OBSERVATIONS
from zoo_dag.formats.of_subjects import newest_revisions, several_subjects
from zoo_dag.formats.source import Source
from zoo_dag.task_types.surveys.blank_choices import is_blank_choice
from zoo_dag.wording.sentences import counted, listed

_TASK = ("workflow_id", "parent_task", "task", "task_revision")
_UNIT = (*_TASK, "subject_ids")
_CHOICE = (*_UNIT, "choice_id")
# So many observations are objects at a time.
_BATCH = 10_000
_TYPES = {"string": pl.String(), "number": pl.Float64(), "integer": pl.Int64(), "boolean": pl.Boolean()}
SCHEMA = pl.Schema({each.name: _TYPES.get(each.type, pl.Datetime("us", "UTC")) for each in OBSERVATIONS})


@dataclass(frozen=True)
class Observing:
    """What observations are made of: the source of one workflow, its media, the events of all of its subjects, the
    choices, the project's title.

    `asked` are the choices, by id and label, that the observations so far are of.
    """

    source: Source
    media: pl.DataFrame
    events: pl.DataFrame
    choices: Choices
    title: str
    asked: set[tuple[str | None, str | None]] = field(default_factory=set)

    def tasks(self) -> tuple[str, ...]:
        """The tasks whose choices are observations; those of drawings are made from boxes.

        Raises SettingsError where there is none.
        """
        wanted = self.source.settings.camtrap_dp.task
        known = {kind: self._tasks_of(f"pooled_{kind}_consensus") for kind in ("survey", "question", "drawing")}
        if wanted is not None:
            named = tuple(task for tasks in known.values() for task in tasks if task == wanted)[:1]
        else:
            named = next((tasks for tasks in known.values() if tasks), ())
        if not named:
            there = sorted({task for tasks in known.values() for task in tasks})
            raise SettingsError(
                f"camtrap_dp.task: there is no survey, question with one answer or drawing {wanted or ''}. "
                f"Tasks: {listed(there) or 'none'}."
            )
        return named

    def is_drawing(self, tasks: tuple[str, ...]) -> bool:
        """Whether these are tasks whose boxes are the observations."""
        others = (self._tasks_of(f"pooled_{kind}_consensus") for kind in ("survey", "question"))
        return not any(task in each for each in others for task in tasks)

    def of_events(self, tasks: tuple[str, ...]) -> pl.DataFrame:
        """The observations of events, from `event_consensus`."""
        rows = self._newest_of_events(tasks)
        times = self.media.group_by("event_id", maintain_order=True).agg(
            pl.col("deploymentID", "event_start", "event_end").first(), subjects=pl.col("subject_id").unique()
        )
        found = rows.drop("event_start", "event_end").join(times, on="event_id", how="inner")
        last = self._last_times().rename({"subject_id": "subjects"})
        of_event = times.select("event_id", "subjects").explode("subjects").join(last, on="subjects", how="left")
        found = found.join(
            of_event.group_by("event_id").agg(pl.col("created_at").max()), on="event_id", how="left"
        )
        incomplete = "Not all pictures of the event have enough classifications."
        return self.written(
            {
                "observationID": joined("event", row["event_id"], *_named(row)),
                "observationLevel": "event",
                "count": row["count_max"],
                "classifiedBy": f"Volunteers of {self.title}",
                "observationComments": None if row["complete"] else incomplete,
                "choice": self.what(row["choice_id"], row["choice_label"]),
                "row": row,
            }
            for row in found.iter_rows(named=True)
        )

    def _newest_of_events(self, tasks: tuple[str, ...]) -> pl.DataFrame:
        """The rows of `event_consensus` that are observations, a row for each event, task and choice.

        Where a task has changed its meaning, an event has the revisions that are the newest of any of its
        subjects, as its media have. What several of them say is of the newest one; it is blank if none says more.
        """
        of_tasks = pl.col("task").is_in(tasks)
        kinds = (self.source.scan(f"pooled_{kind}_consensus") for kind in ("survey", "question"))
        units = pl.concat(each.filter(of_tasks).select(_UNIT) for each in kinds).unique()
        newest = newest_revisions(units).collect()
        events = units_in_events(newest["subject_ids"], self.events)
        kept = newest.join(events, on="subject_ids", how="inner").select("event_id", *_TASK)
        rows = (
            self.source.scan("event_consensus")
            .filter(of_tasks)
            .join(kept.unique().lazy(), on=["event_id", *_TASK], how="semi", nulls_equal=True)
        )
        is_blank = pl.col("is_blank") & pl.col("choice_id").is_null()
        of_event = ("event_id", "workflow_id", "parent_task", "task")
        rows = rows.filter(pl.col("present") | (is_blank & ~pl.col("present").any().over(of_event)))
        return newest_revisions(rows, (*of_event, "choice_id")).collect()

    def of_media(self, tasks: tuple[str, ...]) -> pl.DataFrame:
        """The observations of single media by all volunteers together."""
        surveys, questions = (self.source.scan(f"pooled_{kind}_consensus") for kind in ("survey", "question"))
        offered = self.source.scan_tasks()
        named = named_choices(surveys, questions, offered, self.source.settings.surveys)
        named = newest_revisions(named.filter(pl.col("task").is_in(tasks)))
        named = named.filter(pl.col("won") | pl.col("is_blank"))
        # Of a blank subject that some saw something on there are rows of what they named.
        blank = pl.col("is_blank").fill_null(value=False)
        of_choice = (pl.when(~blank).then(name).alias(name) for name in ("choice_id", "choice_label", "count"))
        rows = named.with_columns(of_choice).unique(_CHOICE).collect()
        people = pl.concat(each.select(*_UNIT, "n_volunteers") for each in (surveys, questions)).unique().collect()
        answers = surveys.select(*_CHOICE, "answers").collect()
        for each, on in ((people, _UNIT), (answers, _CHOICE), (self._probabilities(), _CHOICE)):
            rows = rows.join(each, on=list(on), how="left", nulls_equal=True)
        found = self.with_media(rows.with_columns(subject_id=pl.col("subject_ids").cast(pl.Int64, strict=False)))
        return self.written(
            {
                "observationID": joined(row["mediaID"], *_named(row)),
                "observationLevel": "media",
                "count": row["count"],
                "classifiedBy": f"{counted(row['n_volunteers'] or 0, 'volunteers')} of {self.title}",
                "classificationProbability": row["probability"],
                "observationComments": _of_frames(row),
                "choice": self.what(row["choice_id"], row["choice_label"], row["answers"] or ()),
                "row": row,
            }
            for row in found.iter_rows(named=True)
        )

    def of_volunteers(self, tasks: tuple[str, ...]) -> pl.DataFrame:
        """The observations of single media by each volunteer, from `votes`."""
        votes = self.source.scan("votes").filter(pl.col("task").is_in(tasks))
        said = votes.filter(~pl.col("of_several") | (pl.col("label") == "yes"))
        choice = {
            "choice_id": pl.coalesce("option", "label"),
            "choice_label": pl.coalesce("option_label", "option", "label"),
        }
        rows = said.with_columns(**choice).with_columns(is_blank=is_blank_choice(self.source.settings.surveys))
        found = self.with_media(rows.sort("classification_id", "task_revision", "choice_id").collect())
        return self.written(
            {
                "observationID": joined(row["mediaID"], str(row["classification_id"]), *_named(row)),
                "observationLevel": "media",
                "classifiedBy": row["user_key"],
                "observationComments": _of_frames(row),
                "choice": BLANK if row["is_blank"] else self.what(row["choice_id"], row["choice_label"]),
                "row": row,
            }
            for row in found.drop("last").iter_rows(named=True)
        )

    def left_out(self, tasks: tuple[str, ...]) -> list[str]:
        """What to say about the consensus of tasks that is of no single medium."""
        rows = (self.source.scan(f"pooled_{kind}_consensus") for kind in ("survey", "question"))
        return [*several_subjects(*(each.filter(pl.col("task").is_in(tasks)) for each in rows))]

    def _tasks_of(self, table: str) -> tuple[str, ...]:
        rows = self.source.scan(table)
        if table == "pooled_question_consensus":
            rows = rows.filter(pl.col("answer_set_votes").is_null())
        return tuple(rows.select(pl.col("task").unique().sort()).collect()["task"])

    def what(self, choice_id: str | None, label: str | None, answers: Any = ()) -> Mapping[str, Any]:
        """What a choice is, with the answers about it; blank without one."""
        if choice_id is None:
            return BLANK
        return {
            "asked": (choice_id, label),
            **self.choices.with_answers(self.choices.of(choice_id, label), answers),
        }

    def _last_times(self) -> pl.DataFrame:
        """`subject_id, created_at`: when the last classification of each subject that counts was stored."""
        rows = self.source.scan("classifications").filter(pl.col("excluded").is_null())
        return rows.group_by("subject_id").agg(pl.col("created_at").max()).collect()

    def _probabilities(self) -> pl.DataFrame:
        """The calibrated posteriors of choices."""
        of_surveys = self.source.scan("survey_posteriors").select(*_CHOICE, probability="posterior_calibrated")
        of_questions = self.source.scan("question_posteriors").select(
            *_UNIT, choice_id="answer", probability="posterior_calibrated"
        )
        return (
            pl.concat([of_surveys, of_questions]).drop_nulls("probability").unique(_CHOICE, keep="none").collect()
        )

    def with_media(self, rows: pl.DataFrame, *, by_frame: bool = False) -> pl.DataFrame:
        """The rows with their medium, that of the first frame where not `by_frame`, and `created_at`."""
        on = ["subject_id", "frame"] if by_frame else ["subject_id"]
        media = self.media if by_frame else self.media.filter(frame=0)
        known = rows.join(media, on=on, how="inner")
        last = self._last_times()
        if "created_at" in known.columns:
            last = last.rename({"created_at": "last"})
        return known.join(last, on="subject_id", how="left")

    def written(self, observations: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
        """The observations as rows of the table.

        Takes fields of the table by name, with `row`, which has the medium and the event, and `choice`, as `what`
        returns it. Only some observations at a time are objects, which take more memory than columns.
        """
        rows = map(self._row, observations)
        parts = [pl.DataFrame(schema=SCHEMA)]
        while batch := list(islice(rows, _BATCH)):
            parts.append(pl.DataFrame(batch, schema=SCHEMA, orient="row", strict=False))
        return pl.concat(parts)

    def _row(self, observation: Mapping[str, Any]) -> dict[str, Any]:
        fields = dict(observation)
        row, choice = fields.pop("row"), fields.pop("choice")
        if "asked" in choice:
            self.asked.add(choice["asked"])
        is_blank = choice.get("observation_type") == "blank"
        return {
            "deploymentID": row["deploymentID"],
            "mediaID": row.get("mediaID"),
            "eventID": row["event_id"],
            "eventStart": row["event_start"],
            "eventEnd": row["event_end"],
            "observationType": choice.get("observation_type"),
            "scientificName": None if is_blank else choice.get("scientific_name"),
            "lifeStage": choice.get("life_stage"),
            "sex": choice.get("sex"),
            "behavior": choice.get("behavior"),
            "classificationMethod": "human",
            "classificationTimestamp": row["created_at"],
            **fields,
            "count": None if is_blank else _whole(fields.get("count")),
        }


def joined(*parts: str | None) -> str:
    """An identifier of parts, those left out that are missing."""
    return "/".join(part for part in parts if part)


def _named(row: Mapping[str, Any]) -> tuple[str | None, ...]:
    """What an observation is called besides where it is: its task, also within a combo, and its choice."""
    return row["parent_task"], row["task_revision"], row["choice_id"] or "blank"


def _whole(count: str | None) -> int | None:
    """A count that is one number; a bin such as `11-50` is none."""
    return int(count) if count and count.isascii() and count.isdecimal() and 0 < int(count) < 10**9 else None


def _of_frames(row: Mapping[str, Any]) -> str | None:
    frames = row["n_frames"]
    return f"Of all {frames} media of subject {row['subject_id']}." if frames > 1 else None
