"""What reading a room costs: no more than it must, and nothing for what has not changed."""

from typing import Any

import pytest
from django.test import Client

from music.actions.queue import add_track
from music.models import QueueItem, Track
from rooms.models import Member
from tests.conftest import browser_of
from tests.http import ask


@pytest.fixture
def queue(host: Member, tracks: list[Track]) -> list[QueueItem]:
    return [add_track(member=host, track=track)[0] for track in tracks[:3]]


def test_the_published_api_is_built_once_and_not_sent_again_to_who_has_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get("/api/openapi.json")
    monkeypatch.setattr("beatsync.api.api.get_openapi_schema", None)  # whoever builds it fails
    assert client.get("/api/openapi.json").content == first.content
    again = client.get("/api/openapi.json", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_reads_of_a_room_that_has_not_changed_take_few_queries_however_full_it_is(
    guest: Member, queue: list[QueueItem], django_assert_num_queries: Any
) -> None:
    base = f"/api/rooms/{guest.room.code}"
    ask(guest, "GET", base)
    for path, queries in ((f"{base}/queue", 3), (f"{base}/members", 3), (base, 5)):
        with django_assert_num_queries(queries):
            assert ask(guest, "GET", path).status_code == 200


def test_the_page_of_somebody_new_takes_three_queries(
    host: Member, queue: list[QueueItem], django_assert_num_queries: Any
) -> None:
    address = f"/r/{host.room.code}"
    Client().get(address)
    with django_assert_num_queries(3):
        assert Client().get(address).status_code == 200


def test_queue_and_members_say_what_the_snapshot_says(
    guest: Member, queue: list[QueueItem]
) -> None:
    ask(guest, "PUT", f"/api/rooms/{guest.room.code}/queue/{queue[1].pk}/vote", {"value": 1})
    base = f"/api/rooms/{guest.room.code}"
    snapshot = ask(guest, "GET", base).json()
    items = ask(guest, "GET", f"{base}/queue").json()["items"]
    votes = {item["id"]: item.pop("my_vote") for item in items}
    assert {item: vote for item, vote in votes.items() if vote} == snapshot["me"]["votes"]
    assert items == snapshot["queue"]
    members = ask(guest, "GET", f"{base}/members").json()["items"]
    assert [each["id"] for each in members if each.pop("here")] == snapshot["presence"]["here"]
    assert members == snapshot["members"]


def test_the_page_holds_the_front_of_the_queue_with_a_form_under_each_vote(
    guest: Member, queue: list[QueueItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beatsync.room_page.FIRST_ROWS", 1)
    monkeypatch.setattr("beatsync.room_page.PLAIN_ROWS", 2)
    address = f"/r/{guest.room.code}"
    usual, plain = (browser_of(guest).get(address + end).content.decode() for end in ("", "?plain"))
    assert '<noscript><meta http-equiv="refresh" content="0; url=?plain"></noscript>' in usual
    assert (usual.count("Vote up,"), "more behind these" in usual) == (1, False)
    assert (plain.count("Vote up,"), "1 more behind these." in plain) == (2, True)
    assert usual.count(f'action="/r/{guest.room.code}/queue/') == 1
    assert "http-equiv" not in plain
    assert '"snapshot": null' in plain  # nothing there could read it
