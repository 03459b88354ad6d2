"""The words that every column declaration uses: what a column means goes beside its type."""

from typing import Any

import dataframely as dy


def about(description: str) -> dict[str, Any]:
    """Column metadata that carries a description for people."""
    return {"description": description}


def text(description: str) -> dy.String:
    """A nullable text column."""
    return dy.String(nullable=True, metadata=about(description))


def identifier(description: str) -> dy.Int64:
    """A nullable id column."""
    return dy.Int64(nullable=True, metadata=about(description))


def count(description: str) -> dy.Int64:
    """A nullable count column."""
    return dy.Int64(nullable=True, metadata=about(description))


def index(description: str) -> dy.Int32:
    """A nullable, zero-based position."""
    return dy.Int32(nullable=True, metadata=about(description))


def measure(description: str) -> dy.Float64:
    """A nullable measured or computed number."""
    return dy.Float64(nullable=True, metadata=about(description))


def flag(description: str) -> dy.Bool:
    """A nullable truth value; null means that the export does not say."""
    return dy.Bool(nullable=True, metadata=about(description))


def moment(description: str) -> dy.Datetime:
    """A nullable UTC time in microseconds."""
    return dy.Datetime(time_unit="us", time_zone="UTC", nullable=True, metadata=about(description))


def structs(fields: dict[str, dy.Column], description: str) -> dy.List:
    """A nullable column of lists of structs."""
    return dy.List(dy.Struct(fields, nullable=True), nullable=True, metadata=about(description))
