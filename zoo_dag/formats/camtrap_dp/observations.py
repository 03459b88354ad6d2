"""The table `observations` of Camtrap DP: of events and of single media, by all volunteers or by each of them.

What wins on a subject is decided as for events (`zoo_dag.events.winners`), so that an observation of a medium
never contradicts the one of its event. `classificationProbability` is a posterior that gold has calibrated, else
empty.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.events.winners import named_choices
from zoo_dag.formats.camtrap_dp.choices import BLANK, Choices
from zoo_dag.formats.camtrap_dp.fields import OBSERVATIONS
from zoo_dag.formats.objects import form_of
from zoo_dag.formats.of_subjects import several_subjects
from zoo_dag.formats.pictures import left_out_objects, read_pictures
from zoo_dag.formats.source import Source
from zoo_dag.task_types.surveys.blank_choices import is_blank_choice
from zoo_dag.wording.sentences import counted, listed

_TASK = ("workflow_id", "parent_task", "task", "task_revision")
_UNIT = (*_TASK, "subject_ids")
_CHOICE = (*_UNIT, "choice_id")
_TYPES = {"string": pl.String(), "number": pl.Float64(), "integer": pl.Int64(), "boolean": pl.Boolean()}
SCHEMA = pl.Schema({each.name: _TYPES.get(each.type, pl.Datetime("us", "UTC")) for each in OBSERVATIONS})


@dataclass(frozen=True)
class Observing:
    """What observations are made of: the source of one workflow, its media, the choices, the project's title.

    `asked` are the choices, by id and label, that the observations so far are of.
    """

    source: Source
    media: pl.DataFrame
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
        rows = self.source.scan("event_consensus").filter(pl.col("task").is_in(tasks)).collect()
        rows = rows.filter(pl.col("present") | (pl.col("is_blank") & pl.col("choice_id").is_null()))
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
        return self._written(
            {
                "observationID": _joined("event", row["event_id"], *_named(row)),
                "observationLevel": "event",
                "count": row["count_max"],
                "classifiedBy": f"Volunteers of {self.title}",
                "observationComments": None if row["complete"] else incomplete,
                "choice": self._what(row["choice_id"], row["choice_label"]),
                "row": row,
            }
            for row in found.iter_rows(named=True)
        )

    def of_media(self, tasks: tuple[str, ...]) -> pl.DataFrame:
        """The observations of single media by all volunteers together."""
        surveys, questions = (self.source.scan(f"pooled_{kind}_consensus") for kind in ("survey", "question"))
        offered = self.source.scan_tasks()
        named = named_choices(surveys, questions, offered, self.source.settings.surveys)
        named = named.filter(pl.col("task").is_in(tasks), pl.col("won") | pl.col("is_blank"))
        # Of a blank subject that some saw something on there are rows of what they named.
        blank = pl.col("is_blank").fill_null(value=False)
        of_choice = (pl.when(~blank).then(name).alias(name) for name in ("choice_id", "choice_label", "count"))
        rows = named.with_columns(of_choice).unique(_CHOICE).collect()
        people = pl.concat(each.select(*_UNIT, "n_volunteers") for each in (surveys, questions)).unique().collect()
        answers = surveys.select(*_CHOICE, "answers").collect()
        for each, on in ((people, _UNIT), (answers, _CHOICE), (self._probabilities(), _CHOICE)):
            rows = rows.join(each, on=list(on), how="left", nulls_equal=True)
        found = self._with_media(rows.with_columns(subject_id=pl.col("subject_ids").cast(pl.Int64, strict=False)))
        return self._written(
            {
                "observationID": _joined(row["mediaID"], *_named(row)),
                "observationLevel": "media",
                "count": row["count"],
                "classifiedBy": f"{counted(row['n_volunteers'] or 0, 'volunteers')} of {self.title}",
                "classificationProbability": row["probability"],
                "observationComments": _of_frames(row),
                "choice": self._what(row["choice_id"], row["choice_label"], row["answers"] or ()),
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
        found = self._with_media(rows.sort("classification_id", "task_revision", "choice_id").collect())
        return self._written(
            {
                "observationID": _joined(row["mediaID"], str(row["classification_id"]), *_named(row)),
                "observationLevel": "media",
                "classifiedBy": row["user_key"],
                "observationComments": _of_frames(row),
                "choice": BLANK if row["is_blank"] else self._what(row["choice_id"], row["choice_label"]),
                "row": row,
            }
            for row in found.drop("last").iter_rows(named=True)
        )

    def of_boxes(self, task: str) -> tuple[pl.DataFrame, list[str]]:
        """The observations of a drawing task, and what to say about them.

        A row for each box, one without a box for each label of points, with their number as count, and one for
        each picture without any mark. A picture with other marks only, such as lines, has none, and is said.
        """
        pictures = read_pictures(self.source, task)
        labels = dict(pictures.categories.select("category", "name").iter_rows())
        frames = pictures.frames.select("picture", "subject_id", pl.col("frame").cast(pl.Int64), "is_marked")
        media = self._with_media(frames, by_frame=True).with_columns(n_frames=pl.lit(1))
        by_picture = {row["picture"]: row for row in media.iter_rows(named=True)}
        boxes: list[tuple[Any, ...]] = []
        points: Counter[tuple[int, int]] = Counter()
        nowhere: list[str] = []
        for mark in pictures.objects():
            form, row = form_of(mark), by_picture.get(mark["picture"])
            if row is None:
                continue
            if form is None:
                nowhere.append(mark["tool_type"] or "unknown tool")
            elif form.is_point:
                points[mark["picture"], mark["category"]] += 1
            else:
                boxes.append((row, form, labels[mark["category"]], mark))
        written = {row["picture"] for row, *_ in boxes} | {picture for picture, _ in points}
        others = [row for picture, row in by_picture.items() if row["is_marked"] and picture not in written]
        notes = [
            f"Left out: {counted(len(others), 'pictures')} with marks of which none is a box or a point: "
            f"{listed(row['mediaID'] for row in others)}."
        ]
        found = self._written(
            [
                {
                    "observationID": _joined(row["mediaID"], task, str(number)),
                    "bboxX": form.x / mark["width_of_frame"],
                    "bboxY": form.y / mark["height_of_frame"],
                    "bboxWidth": form.width / mark["width_of_frame"],
                    "bboxHeight": form.height / mark["height_of_frame"],
                    "choice": self._what(label, label),
                    **self._of_box(row),
                }
                for number, (row, form, label, mark) in enumerate(boxes)
            ]
            + [
                {
                    "observationID": _joined(by_picture[picture]["mediaID"], task, "points", str(category)),
                    "count": str(number),
                    "choice": self._what(labels[category], labels[category]),
                    **self._of_box(by_picture[picture]),
                }
                for (picture, category), number in points.items()
            ]
            + [
                {"observationID": _joined(row["mediaID"], task, "blank"), "choice": BLANK, **self._of_box(row)}
                for row in by_picture.values()
                if not row["is_marked"]
            ]
        )
        outside = left_out_objects(nowhere, "outside of their picture, or without a size")
        return found, [*pictures.notes, *outside, *(notes if others else ())]

    def left_out(self, tasks: tuple[str, ...]) -> list[str]:
        """What to say about the consensus of tasks that is of no single medium."""
        rows = (self.source.scan(f"pooled_{kind}_consensus") for kind in ("survey", "question"))
        return [*several_subjects(*(each.filter(pl.col("task").is_in(tasks)) for each in rows))]

    def _of_box(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {"observationLevel": "media", "classifiedBy": f"Volunteers of {self.title}", "row": row}

    def _tasks_of(self, table: str) -> tuple[str, ...]:
        rows = self.source.scan(table)
        if table == "pooled_question_consensus":
            rows = rows.filter(pl.col("answer_set_votes").is_null())
        return tuple(rows.select(pl.col("task").unique().sort()).collect()["task"])

    def _what(self, choice_id: str | None, label: str | None, answers: Any = ()) -> Mapping[str, Any]:
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

    def _with_media(self, rows: pl.DataFrame, *, by_frame: bool = False) -> pl.DataFrame:
        """The rows with their medium, that of the first frame where not `by_frame`, and `created_at`."""
        on = ["subject_id", "frame"] if by_frame else ["subject_id"]
        media = self.media if by_frame else self.media.filter(frame=0)
        known = rows.join(media, on=on, how="inner")
        last = self._last_times()
        if "created_at" in known.columns:
            last = last.rename({"created_at": "last"})
        return known.join(last, on="subject_id", how="left")

    def _written(self, observations: Any) -> pl.DataFrame:
        """The observations as rows of the table."""
        rows = []
        for each in observations:
            row, choice = each.pop("row"), each.pop("choice")
            if "asked" in choice:
                self.asked.add(choice["asked"])
            is_blank = choice.get("observation_type") == "blank"
            rows.append(
                {
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
                    **each,
                    "count": None if is_blank else _whole(each.get("count")),
                }
            )
        return pl.DataFrame(rows, schema=SCHEMA, orient="row", strict=False)


def _joined(*parts: str | None) -> str:
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
