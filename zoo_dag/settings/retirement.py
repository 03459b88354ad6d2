"""The section [retirement]: rules that are replayed over the votes, as if they had retired the subjects."""

from typing import Literal, Self

from pydantic import Field, model_validator

from zoo_dag.settings.section import Section

RuleKind = Literal["count", "blank", "flagged", "matching", "consensus", "swap"]
# What a rule of each kind needs, and what it may have besides.
_NEEDS: dict[RuleKind, tuple[str, ...]] = {
    "count": ("votes",),
    "blank": ("answer", "votes"),
    "flagged": ("answer", "votes"),
    "matching": ("votes",),
    "consensus": ("share", "votes"),
    "swap": ("answer",),
}
_MAY_HAVE: dict[RuleKind, tuple[str, ...]] = {"consensus": ("answer",), "swap": ("accept", "reject", "prior")}
_OF_A_KIND = ("votes", "answer", "share", "accept", "reject", "prior")


class Rule(Section):
    """A rule. Those of one scheme are replayed together: a subject retires by the first that holds."""

    kind: RuleKind = Field(
        description="`count`: after `votes` votes. `blank`: when the first `votes` votes all say `answer`. "
        "`flagged`: after `votes` votes for `answer`. `matching`: after `votes` votes for the same answer, "
        "whichever. `consensus`: when at least `share` of at least `votes` votes say the same; with `answer` only "
        "where it is that. `swap`: when the posterior of `answer` by SWAP is at least `accept` or at most "
        "`reject`.",
    )
    votes: int | None = Field(default=None, ge=1, description="Number of votes.")
    answer: str | None = Field(
        default=None,
        description="An answer as volunteers read it, or the id of a choice; upper and lower case are the same. "
        "Several answers together are joined with ` + `, in the order of the alphabet.",
    )
    share: float | None = Field(default=None, gt=0, le=1, description="Share of the votes.")
    accept: float | None = Field(default=None, gt=0, le=1, description="Upper threshold of SWAP; unset: none.")
    reject: float | None = Field(default=None, ge=0, lt=1, description="Lower threshold of SWAP; unset: none.")
    prior: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="What SWAP begins with for `answer`; the rest is spread over the others. Unset: all alike.",
    )
    name: str | None = Field(default=None, description="What it is called in the results; unset: its `kind`.")
    scheme: str = Field(default="rules", description="The scheme that it belongs to.")
    workflow: int | None = Field(default=None, description="Workflow id; unset: all.")
    task: str | None = Field(default=None, description="Task key; unset: each task for itself.")

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        needed = _NEEDS[self.kind]
        missing = [f"`{name}`" for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a rule of the kind {self.kind} needs {' and '.join(missing)}")
        of_others = [name for name in _OF_A_KIND if name not in (*needed, *_MAY_HAVE.get(self.kind, ()))]
        too_many = [f"`{name}`" for name in of_others if getattr(self, name) is not None]
        if too_many:
            raise ValueError(f"a rule of the kind {self.kind} has no {' and no '.join(too_many)}")
        if self.kind == "swap" and self.accept is None and self.reject is None:
            raise ValueError("a rule of the kind swap needs `accept` or `reject`")
        return self

    def is_of(self, workflow: int, task: str) -> bool:
        """Whether it is for a task of a workflow."""
        return self.workflow in (None, workflow) and self.task in (None, task)


class Retirement(Section):
    """Rules that retire subjects, to be tried on the votes that there are (docs/posteriors.md).

    They change no other table than `retirements`.
    """

    rules: tuple[Rule, ...] = Field(
        default=(),
        description="One `[[retirement.rules]]` for each; of those of one `scheme` that begin to hold with the "
        "same vote, the first one counts.",
    )
