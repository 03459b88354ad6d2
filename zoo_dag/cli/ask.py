"""`zoo-dag ask`: the questions that a team has of its project, answered from the stored tables."""

from pathlib import Path

import click

from zoo_dag.cli.options import data_option, json_option, prints_errors
from zoo_dag.cli.terminal import Terminal, as_json

# Each is answered by the function of its name in `zoo_dag.answers.questions`.
_QUESTIONS = {
    "enough": "How many votes on a subject are enough?",
    "rules": "What would the rules of [retirement] have saved, and lost?",
    "agreement": "Do volunteers agree beyond chance?",
    "versions": "May the versions of a workflow be pooled, or do they answer differently?",
    "triage": "Which subjects need more votes, or an expert?",
    "credits": "Who is to be thanked?",
}
_output = Terminal()
_messages = Terminal(stderr=True)


@click.group(short_help="Answer what teams ask of their project.")
def ask() -> None:
    """Answer what teams ask of their project, from the stored tables (docs/posteriors.md)."""


def _command(question: str, text: str) -> click.Command:
    @ask.command(question, help=f"{text} The answer is a sentence and a table.", short_help=text)
    @data_option
    @click.option("--workflow", type=int, metavar="ID", help="Only this workflow.")
    @click.option("--task", metavar="KEY", help="Only this task.", hidden=question == "credits")
    @click.option(
        "--to",
        "target",
        type=click.Path(path_type=Path),
        help="Also write all rows to a file ending in .csv, .parquet, .xlsx or .ndjson.",
    )
    @json_option
    @prints_errors
    def command(
        data: str | None, workflow: int | None, task: str | None, target: Path | None, as_json: bool
    ) -> None:
        _answer(question, (data, workflow, task), target, printed_as_json=as_json)

    return command


for _name, _text in _QUESTIONS.items():
    _command(_name, _text)


def _answer(
    question: str, about: tuple[str | None, int | None, str | None], target: Path | None, *, printed_as_json: bool
) -> None:
    from zoo_dag.answers.answer import Asked
    from zoo_dag.answers.questions import ANSWERS
    from zoo_dag.cli.exporting import export_answer
    from zoo_dag.cli.showing_answers import show
    from zoo_dag.store.data_folder import DataFolder

    data, workflow, task = about
    with _messages.busy("Reading votes"):
        answer = ANSWERS[question](Asked(DataFolder.find(data), workflow, task))
    if printed_as_json:
        click.echo(as_json({"answer": list(answer.sentences), "rows": answer.rows.to_dicts()}))
    else:
        show(answer, _output)
    if target:
        export_answer(question, answer.rows.lazy(), target, _messages)
