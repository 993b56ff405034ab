"""Pages and answers of the API are compressed; files are not touched on their way."""

import gzip

import brotli
import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from beatsync.compression import CompressedAnswers
from rooms.models import Member
from tests.answers import Answer
from tests.conftest import browser_of


def page(accepted: str) -> Answer:
    said = Client().get("/", headers={"Accept-Encoding": accepted})
    assert "Accept-Encoding" in said["Vary"]
    return said


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_a_page_is_compressed_as_the_browser_understands(
    db: None, accepted: str, encoding: str | None
) -> None:
    said = page(accepted)
    assert said.get("Content-Encoding") == encoding
    decode = {"br": brotli.decompress, "gzip": gzip.decompress}.get(encoding or "", bytes)
    assert b"Open the room" in decode(said.content)


def test_a_compressed_page_is_a_quarter_of_its_size_or_less(db: None) -> None:
    assert len(page("br").content) * 4 < len(page("identity").content)


def test_a_small_answer_stays_as_it_is(db: None) -> None:
    said = Client().get("/api/rooms/AAAAAA", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in said


def test_a_compressed_snapshot_is_recognised_by_its_tag(host: Member) -> None:
    client = browser_of(host)
    address = f"/api/rooms/{host.room.code}"
    first = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    again = client.get(address, headers={"Accept-Encoding": "gzip", "If-None-Match": first["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("kind", "range_sent"),
    [("audio/wav", None), ("audio/wav", "bytes 0-4999/5000"), ("text/plain", "bytes 0-4999/5000")],
)
def test_sound_and_ranges_pass_as_they_are(kind: str, range_sent: str | None) -> None:
    headers = {"Content-Range": range_sent} if range_sent else {}
    answer = HttpResponse(b"sound" * 1000, content_type=kind, headers=headers)
    asked = RequestFactory().get("/", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in CompressedAnswers(lambda request: answer)(asked)
