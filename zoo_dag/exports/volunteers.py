"""Who made a classification, as far as an export identifies a person (docs/exports.md, Classifications)."""

import polars as pl

from zoo_dag.exports.cells import integer, missing_to_null

_ANONYMOUS = "not-logged-in"
_WITH_TOKEN = f"{_ANONYMOUS}-"


def user_keys(rows: pl.DataFrame, *, anonymous_by_ip: bool) -> pl.Series:
    """The person behind each classification, String, from the best that a row has.

    Takes the text columns `user_id`, `user_name`, `user_ip` and `session`, and `classification_id: Int64`. An
    account id may be any text, since people replace ids by hashes before they share a file. Files from before
    2015-09 have none; there the login identifies a person. Of people who were not logged in the session tells two
    behind one address apart, and is the same in every export; with `anonymous_by_ip` the address goes first.
    Where its column was removed, the name of an anonymous person still contains it.
    """
    keys = rows.select_seq(user_key=pl.format("user:{}", integer(pl.col("user_id")))).to_series()
    without = keys.is_null()
    if not without.any():
        return keys
    others = rows.filter(without).with_columns(login=missing_to_null("user_name"))
    others = others.with_columns(has_token=pl.col("login").str.starts_with(_WITH_TOKEN))
    token = pl.when("has_token").then(pl.col("login").str.strip_prefix(_WITH_TOKEN))
    address = pl.coalesce(missing_to_null("user_ip"), _not_empty(token))
    by_session = pl.format("session:{}", _not_empty(pl.col("session")))
    by_address = pl.format("ip:{}", address)
    found = others.select_seq(
        pl.coalesce(
            pl.format("user:{}", missing_to_null("user_id")),
            pl.format("name:{}", pl.when((pl.col("login") != _ANONYMOUS) & ~pl.col("has_token")).then("login")),
            *([by_address, by_session] if anonymous_by_ip else [by_session, by_address]),
            pl.format("classification:{}", "classification_id"),
        )
    ).to_series()
    return keys.scatter(without.arg_true(), found)


def is_anonymous() -> pl.Expr:
    """Whether nothing shows an account of the person behind a `user_key`. Boolean."""
    return ~pl.col("user_key").str.contains(r"^(?:user|name):")


def _not_empty(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.strip_chars() != "").then(text)
