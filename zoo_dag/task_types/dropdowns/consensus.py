"""Consensus of dropdowns: every select of a task is a separate question."""

import polars as pl

from zoo_dag.consensus.ranking import compared, ranked
from zoo_dag.consensus.units import Scope, classifications_with, newest, offered, units
from zoo_dag.settings.loading import Settings
from zoo_dag.tables.versions import version_order
from zoo_dag.task_types.declaration import Aggregated, Annotations
from zoo_dag.task_types.dropdowns.typed_options import folded

_ROWS = "dropdown_annotations"
_OPTION = ["option_value", "option_label", "free_text"]
# The name of the numbers of options of each select, among the tables that `dropdown_consensus` takes.
GIVEN = "given"


def dropdown_consensus(
    annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, _settings: Settings
) -> Aggregated:
    """Aggregate `dropdown_annotations` to `dropdown_consensus`, with the columns of `zoo_dag.tables`.

    A unit is a subject, a task and a select; columns and formulas are those of questions. `n_classifications`
    are the classifications that reached the task. Of these, `n_answered` gave the select a known option or typed
    a text, `n_blank` left it alone or did not come to it, and the rest have unreadable answers.

    An option that is known by nothing but its position (a dropdown-simple task without a workflows export) has
    the position as `option_value`: that is what the classifier wrote. A typed text that is the label of one option
    but for case and white space is that option; other typed texts are counted verbatim.
    The entropy is over the different options of the select, those of all its conditional lists together.
    Ties keep the order of the options; typed texts come last. `whole_agreement` is of all selects of the task
    together (`_of_whole_answers`), the same in each of them.
    """
    rows = annotations[_ROWS]
    unit = [*scope.unit, "select_index"]
    votes = _votes(rows.filter(pl.col("status") == "answered"), unit)
    select = [*scope.defined, "select_index"]
    # Left joins, so that a select that nobody answered keeps its row.
    consensus = _selects(rows, scope, unit).join(votes, on=unit, how="left", nulls_equal=True)
    consensus = consensus.join(annotations[GIVEN], on=select, how="left", nulls_equal=True)
    consensus = consensus.join(_number_of_options(tasks, scope), on=select, how="left", nulls_equal=True)
    consensus = consensus.join(_of_whole_answers(rows, scope), on=scope.unit, how="left", nulls_equal=True)
    # Ranked last, which sorts.
    consensus = compared(ranked(consensus, unit, ["option_index", *_OPTION]))
    return Aggregated(consensus)


def decide(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, _settings: Settings) -> Annotations:
    """The rows with the options that other rows tell, and `given`: the number of options, `n_given`, by select."""
    rows = _typed_options(_with_labels(annotations[_ROWS], scope), tasks, scope)
    select = [*scope.defined, "select_index"]
    answered = rows.filter(pl.col("status") == "answered").with_columns(_value())
    given = answered.select(*select, *_OPTION).unique().group_by(select).agg(n_given=pl.len().cast(pl.Int64))
    return {_ROWS: rows, GIVEN: given}


def _with_labels(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Options without a label get that of the same value or position of the select, if other rows have just one.

    Without a workflows export a row that the server left unlabelled has the value, or the position, alone.
    """
    rows = rows.with_columns(position=pl.when(pl.col("option_value").is_null()).then("option_index"))
    option = [*scope.defined, "select_index", "option_value", "position"]
    is_known = pl.any_horizontal(pl.col("option_value", "position").is_not_null())
    labels = rows.filter(pl.col("option_label").is_not_null() & is_known)
    labels = labels.group_by(option).agg(pl.col("option_label").unique().alias("labels"))
    same = pl.when(pl.col("labels").list.len() == 1).then(pl.col("labels").list.first())
    found = rows.join(_few(labels), on=option, how="left", nulls_equal=True, maintain_order="left")
    found = found.with_columns(pl.coalesce("option_label", same).alias("option_label")).drop("labels", "position")
    return _with_newest_values(_with_values(found, scope), scope)


def _with_values(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Options with label and position, but without a value, get the value that other rows have for both, if any.

    The server wrote no values of a dropdown-simple task before 2026-04.
    """
    option = [*scope.defined, "select_index", "option_index", "option_label"]
    known = rows.filter(pl.all_horizontal(pl.col("option_index", "option_label", "option_value").is_not_null()))
    values = known.group_by(option).agg(pl.col("option_value").unique().alias("values"))
    one = pl.when(pl.col("values").list.len() == 1).then(pl.col("values").list.first())
    joined = rows.join(_few(values), on=option, how="left", nulls_equal=True, maintain_order="left")
    is_option = pl.col("option_index").is_not_null() & pl.col("option_label").is_not_null()
    value = pl.when(is_option).then(pl.coalesce("option_value", one)).otherwise("option_value")
    return joined.with_columns(value.alias("option_value")).drop("values")


def _typed_options(rows: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The rows, in which a typed text that is the label of one option of the select is that option.

    An option whose value is newer than the definition is the one of its label.
    """
    select, option = [*scope.defined, "select_index"], ["option_value", "option_label"]
    has_place = pl.col("option_index").is_not_null()
    listed = _offered(tasks, scope).select(*select, "option_index", "option_label", option_value="option_id")
    chosen = rows.select(*select, "option_index", *option)
    known = (
        pl.concat([listed, chosen.select(listed.collect_schema().names())])
        .drop_nulls("option_label")
        .group_by([*select, *option])
        .agg(pl.col("option_index").min())
        .with_columns(typed=folded("option_label"))
        .filter(has_place == has_place.any().over([*select, "typed"]))
        .unique([*select, "typed"], keep="none")
    )
    of_text = rows.with_columns(
        typed=pl.when(~has_place).then(pl.coalesce(folded("free_text"), folded("option_label")))
    )
    of_text = of_text.join(
        _few(known), on=[*select, "typed"], how="left", nulls_equal=True, maintain_order="left", suffix="_of_text"
    )
    is_option = pl.col("option_label_of_text").is_not_null()
    replaced = ("option_index", *option)
    return of_text.with_columns(
        *(pl.when(is_option).then(f"{name}_of_text").otherwise(name).alias(name) for name in replaced),
        free_text=pl.when(~is_option).then("free_text"),
    ).drop("typed", *(f"{name}_of_text" for name in replaced))


def _with_newest_values(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Options of unknown position that have one label but another value in each version get the newest value.

    Without a workflows export nothing else says that the values of a select were created again. Two values in one
    version are two options: lists that depend on another select may repeat a label.
    """
    option = [*scope.defined, "select_index", "option_label"]
    known = pl.col("option_index").is_null() & pl.all_horizontal(
        pl.col("option_value", "option_label").is_not_null()
    )
    in_version = (
        rows.filter(known)
        .group_by([*option, version_order().alias("version")])
        .agg(value=pl.col("option_value").min(), n_values=pl.col("option_value").n_unique())
    )
    newest = (
        in_version.sort("version")
        .group_by(option)
        .agg(newest=pl.col("value").last(), most=pl.col("n_values").max())
    )
    newest = newest.filter(pl.col("most") == 1).drop("most")
    joined = rows.join(_few(newest), on=option, how="left", nulls_equal=True, maintain_order="left")
    value = pl.when(known & pl.col("newest").is_not_null()).then("newest").otherwise("option_value")
    return joined.with_columns(value.alias("option_value")).drop("newest")


def _few(rows: pl.LazyFrame) -> pl.LazyFrame:
    """What all rows tell about the options, computed once: they are few."""
    return rows.collect().lazy()


def _selects(rows: pl.LazyFrame, scope: Scope, unit: list[str]) -> pl.LazyFrame:
    """Units with their selects, and the denominators of each select in place of those of the task."""
    status = pl.col("status")
    # A task left blank with unknown selects is a row without a select.
    known = rows.filter(pl.col("select_index").is_not_null())
    selects = known.group_by(unit).agg(
        newest("select_label", scope),
        n_touched=classifications_with(status != "blank"),
        n_answered=classifications_with(status == "answered"),
    )
    tasks = units(rows, scope).drop("n_answered")
    return tasks.join(selects, on=scope.unit, how="left", nulls_equal=True).with_columns(
        pl.col("n_answered").fill_null(0),
        n_blank=pl.col("n_classifications") - pl.col("n_touched").fill_null(0),
    )


def _votes(answered: pl.LazyFrame, unit: list[str]) -> pl.LazyFrame:
    named = answered.with_columns(_value())
    return named.group_by([*unit, *_OPTION]).agg(pl.col("option_index").min(), votes=pl.len().cast(pl.Int64))


def _value() -> pl.Expr:
    """The value of an option; its position, if nothing else is known of it."""
    unnamed = pl.all_horizontal(pl.col(_OPTION).is_null())
    position = pl.when(unnamed).then(pl.col("option_index").cast(pl.String))
    return pl.coalesce("option_value", position).alias("option_value")


def _of_whole_answers(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """By unit `whole_agreement`: the share of the commonest whole answer, the options of all selects together.

    Of the classifications that answered a select, and of which every select can be read. A select that was left
    blank is a part of the answer as well.
    """
    touched = rows.filter(pl.col("status") != "blank").with_columns(_value())
    select = pl.struct("select_index", *_OPTION).struct.json_encode()
    answers = touched.group_by([*scope.unit, "classification_id"]).agg(
        answer=select.sort().str.join("\n"), readable=(pl.col("status") == "answered").all()
    )
    votes = answers.filter("readable").group_by([*scope.unit, "answer"]).agg(votes=pl.len())
    return votes.group_by(scope.unit).agg(whole_agreement=pl.col("votes").max() / pl.col("votes").sum())


def _offered(tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The options of `offered` with their `select_index`."""
    # Options of a dropdown-simple task are at `options.0`, others at `selects.1.options.*.0`.
    number = pl.col("option_path").str.extract(r"^selects\.(\d+)\.").cast(pl.Int32).fill_null(0)
    return offered(tasks, scope, "select option").with_columns(select_index=number)


def _number_of_options(tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`n_offered` by task and `select_index`. A value in several lists of a select is one option."""
    option = pl.coalesce("option_id", "option_path")
    by_select = _offered(tasks, scope).group_by([*scope.defined, "select_index"])
    return by_select.agg(n_offered=option.n_unique().cast(pl.Int64))
