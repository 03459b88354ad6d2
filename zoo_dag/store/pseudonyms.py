"""Pseudonyms for volunteers: the same person has the same one in every column, table and export of a key.

A pseudonym is the start of HMAC-SHA256 (RFC 2104) of what identified the person, under a key that only the owner
of the data can read. Without the key nobody can compute whose it is, though ids are few enough to try them all.
"""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from zoo_dag.errors import ZooDagError
from zoo_dag.exports.cells import integer, load_json, missing_to_null
from zoo_dag.tables.identity import Identity, names_nobody
from zoo_dag.tables.table import Table

KEY_FILE = "pseudonyms.key"
_KEY_BYTES = 32
# So many of the 64 digits: two of a billion volunteers have the same one with a chance of one in a million.
_DIGITS = 20
_ANONYMOUS = re.compile(r"(not-logged-in-)(.+)", re.DOTALL)
_KINDS: dict[str, Identity] = {"user": "account", "name": "login", "session": "session", "ip": "address"}
# What a JSON object may say of a volunteer, at any depth.
_FIELDS: dict[str, Identity] = {
    "session": "session",
    "user_id": "account",
    "user_name": "login",
    "user_login": "login",
    "login": "login",
    "user_ip": "address",
}


def read_key(file: Path) -> bytes:
    """The key in a file that only its owner can read; made where there is none.

    Raises ZooDagError where the file cannot be read or made, is no key, or others can read it.
    """
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(f"{secrets.token_hex(_KEY_BYTES)}\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise ZooDagError(f"{file}: the key of the pseudonyms cannot be made ({error.strerror}).") from None
    try:
        if file.stat().st_mode & 0o077:
            raise ZooDagError(
                f"{file}: others can read the key of the pseudonyms, and could find out who is who. Let only "
                f"yourself read it: chmod 600 {file}"
            )
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except OSError as error:
        raise ZooDagError(f"{file}: the key of the pseudonyms cannot be read ({error.strerror}).") from None
    except ValueError:
        key = b""
    if len(key) < _KEY_BYTES:
        raise ZooDagError(
            f"{file}: expected a key of {2 * _KEY_BYTES} hexadecimal digits. Name another file: one that does not "
            "exist is made."
        )
    return key


class Pseudonyms:
    """Replaces what identifies volunteers in tables, under a key."""

    def __init__(self, key: bytes) -> None:
        """`key` are at least 32 bytes that nobody can guess."""
        self._key = key

    def of(self, identity: Identity, value: str) -> str:
        """The pseudonym of an id, a login, an address or a session: `p` and 20 hexadecimal digits.

        An anonymous login is `not-logged-in-` and the pseudonym of its address.
        """
        if identity == "login" and (anonymous := _ANONYMOUS.fullmatch(value)):
            return anonymous[1] + self.of("address", anonymous[2])
        digest = hmac.new(self._key, f"{identity}\0{value}".encode(), hashlib.sha256).hexdigest()
        return f"p{digest[:_DIGITS]}"

    def replace(self, frame: pl.LazyFrame, table: Table) -> pl.LazyFrame:
        """The rows of a table with pseudonyms; columns that identify volunteers are String.

        What the quarantine quotes is null where it may name somebody, and so is JSON text that cannot be read.
        """
        columns = table.identifying(frame.collect_schema().names())
        quoted = [name for name, identity in columns.items() if identity == "quoted"]
        return frame.with_columns(
            *(pl.when(names_nobody()).then(name).alias(name) for name in quoted),
            *(self._replaced(name, identity) for name, identity in columns.items() if name not in quoted),
        )

    def _replaced(self, name: str, identity: Identity) -> pl.Expr:
        def replace(column: pl.Series) -> pl.Series:
            texts = column.cast(pl.String)
            different = texts.drop_nulls().unique()
            pseudonyms = pl.Series(self._texts(different, identity), dtype=pl.String)
            return texts.replace_strict(different, pseudonyms, default=None)

        return pl.col(name).map_batches(replace, return_dtype=pl.String(), is_elementwise=True)

    def _texts(self, texts: pl.Series, identity: Identity) -> list[str | None]:
        if identity == "json":
            return [self._json(text) for text in texts]
        if identity == "user key":
            return [self._user_key(text) for text in texts]
        values = _values(texts, identity)
        return [self.of(identity, value) if value else text for text, value in zip(texts, values, strict=True)]

    def _user_key(self, text: str) -> str:
        kind, colon, value = text.partition(":")
        return f"{kind}:{self.of(_KINDS[kind], value)}" if colon and kind in _KINDS else text

    def _json(self, text: str) -> str | None:
        try:
            value = load_json(text)
        except ValueError:
            return None
        if not isinstance(value, dict | list):
            return None
        found: list[str] = []
        replaced = self._in_json(value, found)
        # What needs no pseudonym stays as it was written, to the letter.
        return orjson.dumps(replaced).decode() if found else text

    def _in_json(self, value: Any, found: list[str]) -> Any:
        if isinstance(value, list):
            return [self._in_json(item, found) for item in value]
        if not isinstance(value, dict):
            return value
        return {name: self._field(name, item, found) for name, item in value.items()}

    def _field(self, name: str, value: Any, found: list[str]) -> Any:
        identity = _FIELDS.get(name)
        if identity is None or isinstance(value, dict | list | bool) or value is None:
            return self._in_json(value, found)
        found.append(name)
        (text,) = self._texts(pl.Series([str(value)]), identity)
        return text


def _values(texts: pl.Series, identity: Identity) -> list[str | None]:
    """The values as `user_key` has them: without spaces around, an id also without a fraction; null for none."""
    if identity == "session":
        return texts.to_list()
    text = pl.col("text")
    value = pl.coalesce(integer(text).cast(pl.String), missing_to_null("text"))
    rows = texts.alias("text").to_frame()
    return rows.select(value if identity == "account" else missing_to_null("text")).to_series().to_list()
