"""`/metrics`: what Prometheus reads, and who may."""

import re
import uuid
from typing import Any

import pytest
import requests
from channels.db import database_sync_to_async
from django.test import Client

from beatsync import metrics
from music.actions.queue import add_track
from music.actions.voting import cast_vote
from music.conductor import advance_due, read_overdue_ms
from music.metrics import OverdueCollector
from music.models import Playback, Track
from music.sources.spotify import quota
from music.sources.spotify.metrics import BreakersCollector
from rooms import clock
from rooms.metrics import RoomsCollector
from rooms.models import Member
from tests.http import ask
from tests.live import connected

TOKEN = "a-token-of-the-operator"


@pytest.fixture(autouse=True)
def _allowed(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def read(name: str) -> float:
    """The sum of all samples of this name, over its labels."""
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", answer.content.decode(), re.MULTILINE)
    return sum(map(float, found))


def value_of(collector: Any) -> dict[str, float]:
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for metric in collector.collect()
        for sample in metric.samples
    }


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [("", "", 404), ("", f"Bearer {TOKEN}", 404), (TOKEN, "", 401), (TOKEN, "Bearer x", 401)],
)
def test_nobody_without_the_operators_token_reads_metrics(
    settings: Any, token: str, given: str, status: int
) -> None:
    settings.METRICS_TOKEN = token
    answer = Client().get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer.content) == (status, b"")


def test_votes_and_requests_are_timed_by_their_route(
    guest: Member, host: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=host, track=tracks[0])
    before = read("beatsync_vote_seconds_count"), read("beatsync_request_seconds_count")
    ask(guest, "PUT", f"/api/rooms/{guest.room.code}/queue/{item.pk}/vote", {"value": 1})
    assert read("beatsync_vote_seconds_count") == before[0] + 1
    assert read("beatsync_request_seconds_count") > before[1]
    page = metrics.metrics(ask_for_metrics()).content.decode()
    assert 'route="api/rooms/<code>/queue/<item>/vote"' in page
    assert guest.room.code not in page


def ask_for_metrics() -> Any:
    from django.test import RequestFactory

    return RequestFactory().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.django_db(transaction=True)
async def test_sockets_their_frames_and_their_closes_are_counted(
    host: Member, tracks: list[Track]
) -> None:
    look = database_sync_to_async(read)
    closed, delivered = (
        await look("beatsync_socket_closes_total"),
        await look("beatsync_deliveries_total"),
    )
    async with connected(host) as socket:
        await socket.hear("snapshot")
        assert await look("beatsync_sockets") == 1
        await database_sync_to_async(add_track)(member=host, track=tracks[0])
        await socket.event("queue.added")
        assert await look("beatsync_deliveries_total") > delivered
    assert await look("beatsync_sockets") == 0
    assert await look("beatsync_socket_closes_total") == closed + 1


def test_rooms_and_people_are_those_of_the_whole_installation(
    host: Member, guest: Member, outsider: Member
) -> None:
    assert value_of(RoomsCollector()) == {"beatsync_live_rooms": 2, "beatsync_members_here": 3}


def test_what_nobody_advances_is_overdue(host: Member, guest: Member, tracks: list[Track]) -> None:
    item, _ = add_track(member=host, track=tracks[0])
    cast_vote(member=guest, item_id=item.pk, value=1)
    now_ms = clock.now_ms()
    Playback.objects.filter(room=host.room).update(play_id=1, wake_at_ms=now_ms - 7_000)
    [overdue_s] = value_of(OverdueCollector(read_overdue_ms)).values()
    assert overdue_s >= 7
    advance_due()
    assert read_overdue_ms() == 0


def test_a_group_of_calls_that_is_left_alone_shows(db: None, settings: Any) -> None:
    assert set(value_of(BreakersCollector()).values()) == {0}
    quota.limited(quota.Bucket.SEARCH, 30)
    closed = value_of(BreakersCollector())
    assert [name for name, value in closed.items() if value] == [
        "beatsync_source_closed spotify search"
    ]


def test_an_odd_method_and_an_unknown_address_make_no_new_series(db: None) -> None:
    client = Client()
    for _ in range(3):
        client.generic(f"X{uuid.uuid4().hex}", f"/{uuid.uuid4().hex}")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    series = re.findall(
        r'request_seconds_count{method="other",route="none"', answer.content.decode()
    )
    assert len(series) == 1


@pytest.mark.django_db(transaction=True)
def test_a_conductor_says_by_the_operators_token_what_it_did_and_serves_nothing_else() -> None:
    server = metrics.serve_alone("127.0.0.1", 0)
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        allowed = {"Authorization": f"Bearer {TOKEN}"}
        answer = requests.get(f"{base}/metrics", headers=allowed, timeout=10)
        assert "beatsync_conductor_lag_seconds" in answer.text
        assert requests.get(f"{base}/metrics", timeout=10).status_code == 401
        assert requests.get(f"{base}/", headers=allowed, timeout=10).status_code == 404
    finally:
        server.shutdown()
        server.server_close()
