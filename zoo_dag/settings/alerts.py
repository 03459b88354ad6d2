"""The section [alerts]: where a failed run is reported."""

from typing import Annotated

from pydantic import AfterValidator, Field

from zoo_dag.settings.addresses import checked
from zoo_dag.settings.section import Section


class Alerts(Section):
    """Where a failed run is reported. See docs/operations.md."""

    webhook: Annotated[str, AfterValidator(checked)] = Field(
        default="",
        description="Web address, `https://…`, that receives the message: an incoming webhook of Slack or "
        "Mattermost, or of Discord with `/slack` at its end. It is a secret: better set the environment variable "
        "`ZOO_DAG_ALERT_WEBHOOK`, which takes precedence.",
    )
    command: tuple[str, ...] = Field(
        default=(),
        description="Program, with its arguments, that receives the message as JSON on its standard input. It "
        "runs without a shell, for at most 5 seconds.",
    )
    pages: str = Field(
        default="",
        description="Where people open Dagster's pages, such as `http://science.example:3000`: for the link to "
        "the run.",
    )
