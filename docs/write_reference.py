"""Write the reference pages of the documentation from the declarations: `python docs/write_reference.py docs`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
from pydantic import BaseModel

from zoo_dag.checks.registry import CHECKS
from zoo_dag.cli.main import main
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import STAGES, TABLES, Table
from zoo_dag.tables.columns import Column

PAGES = ("tables.md", "settings.md", "checks.md", "commands.md")

# What people write into the settings most often, by section.
EXAMPLES = {
    "exclusion": (
        'repeat = "all"                        # the second classification of a subject by a volunteer counts too',
        'users = ["a_team_member", "beta-tester"]',
        "after = 2024-03-01                    # a day, or a time such as 2024-03-01T12:00:00Z",
        'versions = ["3141 4.11"]              # version 4.11 of workflow 3141',
    ),
    "volunteers": ("anonymous_by_ip = true",),
    "subjects": ('training_keys = ["#training_subject", "#is_test"]',),
    "pooling": (
        'same = ["3141 T0@4.11"]   # workflow 3141, task T0: from version 4.11 on it is still the same task',
        'new = ["3141 T0@3.10"]    # from version 3.10 on it is another one',
    ),
    "consensus": ('of_repeated_task = "first"',),
    "surveys": ('blank_choices = ["NTHNGHR"]   # the id of "Nothing here"',),
    "drawings": (
        "eps_share = 0.02",
        "min_volunteers = 3",
        "",
        "[[drawings.overrides]]",
        "workflow = 3141",
        'task = "T1"',
        "eps_pixels = 15",
    ),
    "events": (
        'deployment = ["site", "camera", "season"]   # metadata fields that name one camera in one placement',
        'time = ["date", "time"]                     # the field with the time, or date and time of day',
        'time_format = "%m/%d/%Y %I:%M:%S %p"        # 9/26/2014 9:02:33 PM',
        'deployments = "deployments.csv"             # deployment, start, end: when each camera stood there',
    ),
    "talk": ('comments = "project-1234-comments_2024-03-06.tar.gz"',),
    "agreement": ("min_classifications = 10", "min_agreement = 0.8"),
    "retirement": (
        "[[retirement.rules]]",
        'kind = "blank"',
        'answer = "Nothing here"',
        "votes = 5",
        "",
        "[[retirement.rules]]",
        'kind = "consensus"',
        "share = 0.8",
        "votes = 10",
    ),
    "importing": ('inbox = "/science/exports"', "settle_seconds = 60"),
    "fetching": (
        "project = 1234",
        "workflows = [3141, 3150]",
        'schedule = "0 5 * * *"',
        'timezone = "Europe/Berlin"',
    ),
    "publication": (
        'title = "Animals of the valley"',
        'licenses = [{ name = "CC-BY-4.0" }]',
        'contributors = [{ title = "Ada Lovelace", role = "contact" }]',
    ),
    "pictures": ("point_pixels = 40",),
    "camtrap_dp": (
        'time_zone = "America/Chicago"',
        'choices = "choices.csv"                  # choice_id, observation_type, scientific_name',
        'sampling_design = "opportunistic"',
        'capture_method = ["activityDetection"]',
        "individual_animals = false",
        'contributors = [{ title = "Ada Lovelace", role = "contact" }]',
    ),
    "darwin_core": (
        'terms = "terms.csv"                      # task, term',
        'basis_of_record = "PreservedSpecimen"',
    ),
    "checks": ("stale_after_days = 7", "left_out = 0.2"),
    "alerts": ('command = ["/usr/local/bin/notify-the-team"]', 'pages = "http://science.example:3000"'),
}


def write_reference(folder: Path) -> None:
    """Write the reference pages into a folder."""
    pages = (tables_page(), settings_page(), checks_page(), commands_page())
    for name, lines in zip(PAGES, pages, strict=True):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def tables_page() -> Iterator[str]:
    """Every table with its columns, types and meaning, as Markdown."""
    yield from (
        "# Tables",
        "",
        "Written by `python docs/write_reference.py docs`; do not edit.",
        "",
        "Tables are Parquet files under `<data>/tables`: `<table>/<workflow>-v<version>.parquet` for a table with",
        'one file per workflow version, `<table>.parquet` for the others. `zoo_dag.scan("<table>")` reads either.',
    )
    for stage in STAGES:
        tables = [table for table in TABLES.values() if table.stage == stage]
        if tables:
            yield from ("", f"## {stage}")
        for table in tables:
            yield from table_lines(table)


def table_lines(table: Table) -> Iterator[str]:
    """A table with its columns, types and meaning, as Markdown."""
    files = f"One file per {table.partition.replace('_', ' ')}." if table.partition else "One file."
    yield from ("", f"### {table.name}", "", f"{table.description} {files}", "")
    if identifying := table.identifying(table.columns):
        names = ", ".join(f"`{name}`" for name in identifying)
        yield from (f"Volunteers may be identified by {names}; `zoo-dag export --pseudonymise` replaces them.", "")
    yield from ("| column | type | meaning |", "|---|---|---|")
    yield from map(column_line, table.columns, table.columns.values())
    if table.optional:
        yield from (
            "",
            "Only where the settings ask for them:",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
        )
        yield from map(column_line, table.optional, table.optional.values())


def column_line(name: str, column: Column) -> str:
    """A column as a row of a Markdown table."""
    return f"| `{name}` | {str(column.dtype).replace('|', '/')} | {column.description} |"


def settings_page() -> Iterator[str]:
    """Every setting with its default and meaning, as Markdown."""
    yield from (
        "# Settings",
        "",
        "Written by `python docs/write_reference.py docs`; do not edit.",
        "",
        "Settings are read from `zoo_dag.toml` in the data folder. None are needed at first. A change makes",
        "the tables that depend on it stale: the next `zoo-dag run` rebuilds them.",
    )
    for name, section in Settings.model_fields.items():
        model = section.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from ("", f"## [{name}]", "", f"{(model.__doc__ or '').strip()}", "")
            if name in EXAMPLES:
                yield from ("```toml", f"[{name}]", *EXAMPLES[name], "```", "")
            yield from ("| setting | default | meaning |", "|---|---|---|")
            yield from _settings_rows(model)
            yield from _entries(name, model)


def _settings_rows(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else f"`{_toml(field.default)}`"
        yield f"| `{name}` | {default} | {field.description} |"


def _entries(section: str, model: type[BaseModel]) -> Iterator[str]:
    """What the entries of the lists of a section have."""
    for name, field in model.model_fields.items():
        for kind in get_args(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from ("", f"`[[{section}.{name}]]`: {(kind.__doc__ or '').strip()}", "")
                yield from ("| setting | default | meaning |", "|---|---|---|", *_settings_rows(kind))


def checks_page() -> Iterator[str]:
    """Every check by stage, as Markdown."""
    yield from (
        "# Checks",
        "",
        "Written by `python docs/write_reference.py docs`; do not edit.",
        "",
        "The step that writes a table checks it once it is stored. Dagster shows the results on the page of the",
        "asset; `zoo-dag run` prints what did not pass, with numbers and with what to do. A check stops nothing,",
        "except that a version whose sums do not match (`sums_match` of `version_accounting`) gets no consensus.",
        "A warning leaves the exit code 0; an error makes it 1. What a check found stands until its table is",
        "written again and the check passes: every run repeats it, one line for each check over all versions.",
        "Checks about shares warn only where there are enough classifications (`checks.share_of_at_least`).",
        "Limits are settings: see `[checks]` in [settings.md](settings.md).",
    )
    for stage in STAGES:
        yield from ("", f"## {stage}", "", "| check | table | meaning |", "|---|---|---|")
        tables: dict[tuple[str, str], list[str]] = {}
        for check in CHECKS:
            if TABLES[check.table].stage == stage:
                tables.setdefault((check.name, check.description), []).append(f"`{check.table}`")
        for (name, description), of in tables.items():
            yield f"| `{name}` | {', '.join(of)} | {description} |"


def commands_page() -> Iterator[str]:
    """Every command with its options, as Markdown."""
    yield from (
        "# Commands",
        "",
        "Written by `python docs/write_reference.py docs`; do not edit.",
        "",
        "`zoo-dag COMMAND --help` says the same. Without `--data` a command works on the folder that",
        "`$ZOO_DAG_DATA` names, or else on `zoo_data`.",
    )
    yield from _group_lines(main, click.Context(main, info_name="zoo-dag"))


def _group_lines(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.commands[name]
        own = click.Context(command, info_name=name, parent=context)
        yield from _command_lines(command, own)
        if isinstance(command, click.Group):
            yield from _group_lines(command, own)


def _command_lines(command: click.Command, context: click.Context) -> Iterator[str]:
    """A command with what it does, and with its options."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    texts = [" ".join(part.split()) for part in (command.help or "").split("\n\n")]
    yield from ("", f"## {context.command_path}", "", f"`{usage}`", "", "\n\n".join(texts))
    options = [each for each in command.params if isinstance(each, click.Option)]
    if options:
        yield from ("", "| option | meaning |", "|---|---|")
    for option in options:
        # There is none of a hidden option.
        if record := option.get_help_record(context):
            yield f"| `{record[0].replace('|', '/')}` | {' '.join(record[1].split())} |"
    if command.epilog:
        yield from ("", "```text", command.epilog.removeprefix("\n\b\n").removeprefix("\b\n"), "```")


def _toml(value: object) -> str:
    """A default as it would stand in the settings file."""
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    write_reference(Path(sys.argv[1]))
