"""An object store at an URL, such as `s3://bucket/prefix`: whole objects, each read and written by one request.

obstore repeats a request that the store refuses for the moment, or that breaks off, a few times. What it does not
repeat is a conditional write whose answer was lost: the caller looks whether it was taken.
"""

import functools
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zoo_dag.errors import ZooDagError

if TYPE_CHECKING:
    from obstore.store import ObjectStore as Client

SCHEMES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
# A request for which nothing arrives for so long is sent again, twice. One that goes on takes as long as it takes:
# an object of some gigabytes needs minutes.
_TIMEOUTS = {"connect_timeout": "5s", "read_timeout": "120s", "timeout": "86400s"}
_RETRIES: Any = {"max_retries": 6, "retry_timeout": timedelta(seconds=300)}
# What is larger is put in parts: some of them, not the whole, are in memory, and one is repeated where it fails.
_LARGE_BYTES, _PART_BYTES, _PARTS_AT_ONCE = 32 << 20, 8 << 20, 4


class StoreError(ZooDagError):
    """An object store cannot be used."""


# What names a state of an object in a condition.
State = Mapping[str, Any]


class UnchangedError(Exception):
    """An object is in the state that is known already."""


class Found(NamedTuple):
    """The content of an object, the state that it is in, and when it was written."""

    content: bytes
    state: State
    written: datetime


class Listed(NamedTuple):
    """An object in a listing: its name, and when it was written."""

    name: str
    written: datetime


@dataclass(frozen=True)
class ObjectStore:
    """The objects under an URL. All methods raise StoreError, in one sentence, where the store does not answer."""

    url: str
    client: "Client"

    def get(self, name: str, other_than: State | None = None) -> Found | None:
        """An object; None where there is none. Raises UnchangedError where it is in the state `other_than`."""
        import obstore  # noqa: PLC0415  (an extra)
        from obstore.exceptions import NotModifiedError  # noqa: PLC0415

        unless: Any = {"if_none_match": other_than["e_tag"]} if other_than else None
        with self._explaining():
            try:
                result = obstore.get(self.client, name, options=unless)
                content = bytes(result.bytes())
            except FileNotFoundError:
                return None
            except NotModifiedError as error:
                raise UnchangedError from error
            meta = result.meta
            return Found(content, _state(meta), meta["last_modified"])

    def download(self, name: str, target: Path) -> str | None:
        """Write an object to a file, with its time. Returns its sha256; None where there is none."""
        import obstore  # noqa: PLC0415

        digest = hashlib.sha256()
        with self._explaining():
            try:
                result = obstore.get(self.client, name)
            except FileNotFoundError:
                return None
            with target.open("wb") as file:
                for chunk in result:
                    file.write(chunk)
                    digest.update(chunk)
            written = result.meta["last_modified"].timestamp()
            os.utime(target, (written, written))
        return digest.hexdigest()

    def put(self, name: str, content: Path | bytes) -> None:
        """Write bytes or a file as an object, whatever was there."""
        import obstore  # noqa: PLC0415

        with self._explaining():
            is_large = isinstance(content, Path) and content.stat().st_size > _LARGE_BYTES
            parts: Any = {"chunk_size": _PART_BYTES, "max_concurrency": _PARTS_AT_ONCE}
            obstore.put(self.client, name, content, use_multipart=is_large, **parts)

    def replace(self, name: str, content: bytes, state: State | None) -> State | None:
        """Write an object if it still is in this state, with None if there is none.

        Returns its new state; None where it was in another one, and was not written.

        Raises StoreError also where the answer was lost: the object may be written all the same.
        """
        import obstore  # noqa: PLC0415
        from obstore.exceptions import AlreadyExistsError, PreconditionError  # noqa: PLC0415

        mode: Any = "create" if state is None else dict(state)
        with self._explaining():
            try:
                return _state(obstore.put(self.client, name, content, mode=mode, use_multipart=False))
            # A store may say "not found" of an object that is to be replaced.
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                return None

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; those that are gone already are no problem."""
        import obstore  # noqa: PLC0415

        wanted = sorted(names)
        if wanted:
            with self._explaining():
                try:
                    obstore.delete(self.client, wanted)
                except FileNotFoundError:
                    return

    def objects(self, folder: str) -> Iterator[Listed]:
        """The objects in a folder and in those below it."""
        import obstore  # noqa: PLC0415

        with self._explaining():
            for chunk in obstore.list(self.client, folder):
                yield from (Listed(meta["path"], meta["last_modified"]) for meta in chunk)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        from obstore.exceptions import BaseError  # noqa: PLC0415

        try:
            yield
        except (BaseError, OSError) as error:
            # An error of the system is one of this machine, such as a full disk.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            # The rest of the text is a dump of many lines.
            reason = str(error).split("\n", 1)[0].strip().rstrip(".")
            raise StoreError(
                f"{self.url}: the object store cannot be used ({reason[:300]}). Look at the address, the keys and "
                "the network, and run the command again. What was saved there before stays as it was."
            ) from error


@functools.cache
def open_store(url: str) -> ObjectStore:
    """The object store at an URL; nothing is requested yet.

    Keys, region and endpoint are those of the environment, such as `AWS_ACCESS_KEY_ID`, or of the machine's role.
    Raises StoreError for another kind of URL, and where obstore is not installed.
    """
    if url.partition("://")[0].lower() not in SCHEMES:
        raise StoreError(f"{url}: expected a folder, or an URL that begins with s3://, gs:// or az://.")
    try:
        from obstore.exceptions import BaseError  # noqa: PLC0415
        from obstore.store import from_url  # noqa: PLC0415
    except ImportError:
        raise StoreError(f'{url}: object stores need obstore: pip install "zoo_dag[object-store]"') from None
    is_plain = any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS)
    options: Any = {**_TIMEOUTS, "allow_http": is_plain}
    try:
        client: Any = from_url(url, client_options=options, retry_config=_RETRIES)
    except (BaseError, ValueError) as error:
        reason = str(error).split("\n", 1)[0].strip().rstrip(".")
        raise StoreError(f"{url}: the object store cannot be opened ({reason}).") from error
    return ObjectStore(url, client)


def _state(meta: Any) -> State:
    return {name: meta[name] for name in ("e_tag", "version") if meta[name] is not None}
