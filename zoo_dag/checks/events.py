"""Checks of events: times and deployments are read, tables from outside are clear, and every subject is in an
event."""

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from zoo_dag.checks.consensus import REPORT, evaluate_rules
from zoo_dag.checks.evaluation import Frames
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.consensus.rules import Rules, at_most, fractions, ordered
from zoo_dag.consensus.units import POOLED
from zoo_dag.events.formats import fitting
from zoo_dag.events.workflow_events import WorkflowEvents
from zoo_dag.wording.sentences import counted, listed, quoted, share, verb

CONSENSUS, RATES = "event_consensus", "deployment_rates"
TABLES = (CONSENSUS, RATES)
# What the step has of the events besides its tables.
_PICTURES, _CONTRADICTING, _WITHOUT_KEY = "pictures", "contradicting rows", "rows without a key"
_DEPLOYMENTS, _PROBLEMS = "deployments", "problems of deployments"
_SHOWN = 3
_EVENT = [*POOLED.task, "event_id"]

_RULES: dict[str, Rules] = {
    CONSENSUS: {
        **fractions("share", "best_fraction", "best_low"),
        **ordered("best_low", "best_fraction"),
        "event_start is not after event_end": pl.col("event_start") > pl.col("event_end"),
        **at_most("n_classified", "n_subjects"),
        **at_most("n_blank_subjects", "n_classified"),
        **at_most("n_subjects_won", "n_classified"),
        "a blank event has no choice": pl.col("is_blank") & pl.col("choice_id").is_not_null(),
        "an event that is not blank has a present choice": ~pl.col("is_blank")
        & ~pl.col("present").any().over(_EVENT),
    },
    RATES: {
        **at_most("n_independent", "n_events"),
        **at_most("n_days", "n_events"),
        **ordered("rate_low", "rate", "rate_high"),
        "effort_days is above 0": pl.col("effort_days") <= 0,
    },
}


def frames_of(events: Callable[[], WorkflowEvents | None]) -> Frames:
    """What a step has of events besides its tables, for these checks; empty where there are no events."""

    def frame(of: Callable[[WorkflowEvents], pl.DataFrame]) -> Callable[[], pl.LazyFrame]:
        def opened() -> pl.LazyFrame:
            found = events()
            return pl.LazyFrame() if found is None else of(found).lazy()

        return opened

    return {
        _PICTURES: frame(lambda found: found.pictures.join(_ids(found), on="subject_id")),
        _CONTRADICTING: frame(lambda found: found.table.contradicting if found.table else pl.DataFrame()),
        _WITHOUT_KEY: frame(lambda found: _sentences(found.table.problems if found.table else ())),
        _DEPLOYMENTS: frame(lambda found: found.deployments.rows if found.deployments else pl.DataFrame()),
        _PROBLEMS: frame(lambda found: _sentences(found.deployments.problems if found.deployments else ())),
    }


def _sentences(problems: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame({"problem": problems}, {"problem": pl.String})


def _ids(found: WorkflowEvents) -> pl.DataFrame:
    return found.events.select("subject_id", "event_id")


def _opened(inputs: CheckInput, name: str) -> pl.DataFrame | None:
    frame = inputs.tables.get(name, pl.LazyFrame()).collect()
    return frame if frame.width else None


def times_are_read(inputs: CheckInput) -> Finding:
    """Whether the time of each picture that has one could be read, and can be true."""
    pictures = _opened(inputs, _PICTURES)
    if pictures is None:
        return Finding("No events.")
    total, without = pictures.height, pictures["time"].null_count()
    unread = pictures.filter(pl.col("taken_at").is_null() & pl.col("time").is_not_null())
    numbers = {"pictures": total, "without a time": without, "with a time that is not read": unread.height}
    if unread.is_empty():
        return Finding(f"Without a time: {share(without, total, 'pictures')}.", numbers)
    shown = ", ".join(
        f"{quoted(text)} (subject {subject})"
        for subject, text in unread.select("subject_id", "time").head(_SHOWN).iter_rows()
    )
    forms = " or ".join(f'"{form}"' for form in fitting(unread["time"]))
    fits = f"{forms} fits." if forms else "It says how they are written."
    return Finding(
        f"With a time that cannot be read, or is before 1990 or after the upload: "
        f"{share(unread.height, total, 'pictures')}, such as {shown}. They count as pictures without a time.",
        numbers,
        passed=False,
        advice=f"Set events.time_format. {fits}",
        examples=unread.select("subject_id", "deployment", "time").head(5),
    )


def deployments_are_known(inputs: CheckInput) -> Finding:
    """Whether each picture has a deployment: one without is an event of its own, and in no rate."""
    pictures = _opened(inputs, _PICTURES)
    if pictures is None:
        return Finding("No events.")
    without = pictures.filter(pl.col("deployment").is_null())
    n_events = pictures["event_id"].n_unique()
    numbers = {"pictures": pictures.height, "events": n_events, "without a deployment": without.height}
    sentence = (
        f"{counted(n_events, 'events')} of {counted(pictures.height, 'pictures')} in "
        f"{counted(pictures['deployment'].drop_nulls().n_unique(), 'deployments')}."
    )
    if without.is_empty():
        return Finding(sentence, numbers)
    return Finding(
        f"{sentence} Without a deployment, and so each an event of its own and in no rate: "
        f"{share(without.height, pictures.height, 'pictures')}.",
        numbers,
        passed=False,
        advice="Their metadata lack a field of events.deployment, or do not fit events.deployment_pattern. "
        "A table that has it can be named by events.table.",
        examples=without.select("subject_id").head(5),
    )


def rows_from_outside_agree(inputs: CheckInput) -> Finding:
    """Whether each row of the table of pictures is about a picture, and no two about the same one differ."""
    rows, problems = _opened(inputs, _CONTRADICTING), _opened(inputs, _WITHOUT_KEY)
    if rows is None or problems is None:
        return Finding("No table of pictures.")
    sentences = problems["problem"].to_list()
    n = 0
    if rows.height:
        key = rows.columns[0]
        keys = rows[key].unique(maintain_order=True)
        n = len(keys)
        sentences.append(
            f"In the table of events.table, {key} {listed(map(quoted, keys))} {verb(n, 'has', 'have')} several "
            f"rows that differ: {counted(rows.height, 'rows')}. They count for no picture."
        )
    if not sentences:
        return Finding("Each row is about another picture.")
    return Finding(
        " ".join(sentences),
        {"pictures with several rows": n},
        passed=False,
        advice="Mend the file that events.table names: one row for each picture.",
        examples=rows.head(5) if n else None,
    )


def deployments_are_clear(inputs: CheckInput) -> Finding:
    """Whether the table of deployments has each camera, without overlaps and rows that cannot be used, and all
    pictures were taken in its times."""
    deployments, problems = _opened(inputs, _DEPLOYMENTS), _opened(inputs, _PROBLEMS)
    pictures = _opened(inputs, _PICTURES)
    if deployments is None or problems is None or pictures is None:
        return Finding("No table of deployments: effort is from the first to the last picture.")
    with_pictures, known = (set(frame["deployment"].drop_nulls()) for frame in (pictures, deployments))
    sentences = problems["problem"].to_list()
    if unknown := sorted(with_pictures - known):
        sentences.append(f"Without a row, so that effort is that of their pictures: {listed(unknown)}.")
    if unused := sorted(known - with_pictures):
        sentences.append(f"Without pictures in this workflow, and so without a rate: {listed(unused)}.")
    sentences += _outside(pictures, deployments)
    numbers = {"deployments": len(with_pictures), "without a row": len(unknown), "without pictures": len(unused)}
    if not sentences:
        return Finding(f"Each deployment has its time: {len(with_pictures):,}.", numbers)
    return Finding(
        " ".join(sentences), numbers, passed=False, advice="Mend the file that events.deployments names."
    )


def _outside(pictures: pl.DataFrame, deployments: pl.DataFrame) -> Iterator[str]:
    """A sentence where pictures were taken while their camera stood elsewhere, by the table."""
    taken_at = pl.col("taken_at")
    timed = pictures.filter(taken_at.is_not_null()).select("subject_id", "deployment", "taken_at")
    spans = timed.join(deployments, on="deployment", how="inner")
    inside = (taken_at >= pl.col("start")) & (taken_at <= pl.col("end"))
    off = spans.group_by("subject_id").agg(taken_at.first(), inside=inside.any()).filter(~pl.col("inside"))
    if off.height:
        subject, when = off.sort("subject_id").select("subject_id", "taken_at").row(0)
        yield (
            f"Taken while their camera did not stand there: {share(off.height, timed.height, 'pictures')}, such "
            f"as subject {subject} at {when}. Their events count, and their days do not."
        )


def is_consistent(table: str) -> Callable[[CheckInput], Finding]:
    """A check that a table of events is consistent; of `event_consensus` also that no subject is missing or
    twice."""

    def evaluate(inputs: CheckInput) -> Finding:
        finding = evaluate_rules(inputs.tables[table], _RULES[table], table)
        return finding if table == RATES or not finding.passed else _adds_up(inputs, finding)

    return evaluate


def _adds_up(inputs: CheckInput, finding: Finding) -> Finding:
    """Whether each subject of the pooled tables is in one event; those shown together may be of several events."""
    summary = inputs.tables["subject_summary"]
    if "event_id" not in summary.collect_schema():
        return finding
    surveys = inputs.tables["pooled_survey_consensus"]
    single = inputs.tables["pooled_question_consensus"].filter(pl.col("answer_set_votes").is_null())
    units = pl.concat([rows.select(POOLED.unit).unique() for rows in (surveys, single)])
    placed = units.join(summary.select("subject_ids", "event_id"), on="subject_ids", how="left")
    in_event = pl.col("event_id").is_not_null()
    subjects = placed.filter(in_event).select(*_EVENT, subject_id=pl.col("subject_ids").str.split(";"))
    # A subject that was shown alone and together with others is one subject.
    expected = subjects.explode("subject_id").unique().select(pl.len()).collect().item()
    apart = placed.select((~in_event).sum()).collect().item()
    events = inputs.tables[CONSENSUS].unique(_EVENT, keep="any").select(pl.col("n_classified").sum())
    found = events.collect().item()
    numbers = {**finding.numbers, "of several events": apart}
    beside = f" Of several events, and so in none: {counted(apart, 'groups of subjects')}." if apart else ""
    if found == expected:
        return Finding(f"{finding.message}{beside}", numbers)
    return Finding(
        f"{expected:,} subjects with consensus, and {found:,} in events.{beside}",
        numbers,
        passed=False,
        is_error=True,
        advice=REPORT,
    )
