"""Texts of subjects: over https, from the hosts of subjects, up to a size, each once."""

import io
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from zoo_dag.fetching.retries import RetriesExhaustedError
from zoo_dag.fetching.texts import FetchedTexts, fetch_texts, text_addresses
from zoo_dag.settings.fetching import Fetching

HOST = "https://media.example.org"
OPTIONS = Fetching(attempts=2, pause_seconds=0, text_kilobytes=1)


class Hosts(BaseAdapter):
    """What hosts answer by address: a status, a body, and headers."""

    def __init__(self, answers: dict[str, tuple[int, bytes, dict[str, str]]]) -> None:
        super().__init__()
        self.answers, self.asked = answers, []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.asked.append(request.url)
        response = requests.Response()
        status, body, headers = self.answers[str(request.url)]
        response.status_code, response.url, response.raw = status, str(request.url), io.BytesIO(body)
        response.headers.update(headers)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """Hosts that every session reaches over https."""
    adapter = Hosts({})
    monkeypatch.setattr(requests.Session, "get_adapter", lambda *_, **__: adapter)
    return adapter


def fetched(target: Path, **addresses: str) -> FetchedTexts:
    numbered = {int(name[1:]): address for name, address in addresses.items()}
    return fetch_texts(numbered, target, OPTIONS, lambda done, total: None)


def test_the_first_text_of_a_subject_is_its_text() -> None:
    locations = [(1, [f"{HOST}/a.jpg", f"{HOST}/a.txt", f"{HOST}/b.txt"]), (2, [None, f"{HOST}/c.png"])]
    assert text_addresses(locations) == {1: f"{HOST}/a.txt"}


def test_each_text_is_saved_once_as_it_is(hosts: Hosts, tmp_path: Path) -> None:
    hosts.answers = {
        f"{HOST}/1.txt": (200, "\ufeffline one\r\nzwölf".encode(), {}),
        f"{HOST}/2.txt": (302, b"", {"Location": "/moved.txt"}),
        f"{HOST}/moved.txt": (200, b"moved", {}),
    }
    addresses = {"s1": f"{HOST}/1.txt", "s2": f"{HOST}/2.txt"}
    assert fetched(tmp_path, **addresses) == FetchedTexts(2, 0, [])
    assert (tmp_path / "1.txt").read_bytes() == "line one\r\nzwölf".encode()
    assert (tmp_path / "2.txt").read_text() == "moved"
    asked = len(hosts.asked)
    assert fetched(tmp_path, **addresses) == FetchedTexts(0, 2, [])
    assert len(hosts.asked) == asked


def test_what_may_not_be_fetched_is_a_sentence_and_the_rest_is_saved(hosts: Hosts, tmp_path: Path) -> None:
    hosts.answers = {
        f"{HOST}/1.txt": (302, b"", {"Location": "https://elsewhere.example/x.txt"}),
        f"{HOST}/2.txt": (302, b"", {"Location": "http://media.example.org/x.txt"}),
        f"{HOST}/3.txt": (200, b"x" * 1001, {}),
        f"{HOST}/4.txt": (200, b"\xff\xfe\xfa", {}),
        f"{HOST}/5.txt": (404, b"", {}),
        f"{HOST}/6.txt": (200, b"fine", {}),
    }
    addresses = {f"s{number}": f"{HOST}/{number}.txt" for number in range(1, 7)}
    found = fetched(tmp_path, **addresses, s7="http://media.example.org/7.txt")
    assert found.n_saved == 1
    assert found.problems == [
        "Subject 1: its text is at elsewhere.example, where no subject has its media.",
        "Subject 2: its text is not at an address that begins with https://.",
        "Subject 3: its text has more than 1 kB (fetching.text_kilobytes).",
        "Subject 4: its text is not in UTF-8.",
        "Subject 5: media.example.org answered 404.",
        "Subject 7: its text is not at an address that begins with https://.",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["6.txt"]


def test_a_host_that_is_down_ends_the_fetch_and_another_one_goes_on(hosts: Hosts, tmp_path: Path) -> None:
    hosts.answers = {f"{HOST}/1.txt": (200, b"one", {}), f"{HOST}/2.txt": (503, b"", {})}
    addresses = {"s1": f"{HOST}/1.txt", "s2": f"{HOST}/2.txt"}
    with pytest.raises(RetriesExhaustedError, match="answered 503"):
        fetched(tmp_path, **addresses)
    assert hosts.asked.count(f"{HOST}/2.txt") == 2
    hosts.answers[f"{HOST}/2.txt"] = (200, b"two", {})
    assert fetched(tmp_path, **addresses) == FetchedTexts(1, 1, [])
