"""Devices say how well they keep step; people see who listens along, hosts see how well."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from music.actions.devices import GONE_AFTER_MS, MOST_DEVICES
from music.actions.speaker import claim_speaker
from music.models import Device
from rooms import actions, clock, presence
from rooms.models import HERE_FOR_MS, Member, Room
from tests.http import ask, refusal

STEP = {
    "device": "phone-of-ana-1",
    "name": "Ana's phone",
    "along": True,
    "mode": "precise",
    "offset_ms": -12,
    "jitter_ms": 3,
    "uncertainty_ms": 5,
    "corrected_ms": None,
}


def tell(member: Member, **changes: Any) -> int:
    path = f"/api/rooms/{member.room.code}/playback/device"
    return ask(member, "PUT", path, {**STEP, **changes}).status_code


def devices(host: Member) -> list[dict[str, Any]]:
    answer = ask(host, "GET", f"/api/rooms/{host.room.code}/playback/devices").json()
    assert answer["next"] is None
    items: list[dict[str, Any]] = answer["items"]
    return items


def along(member: Member) -> list[str]:
    """The names of those who listen along, as this member's page shows them."""
    snapshot = ask(member, "GET", f"/api/rooms/{member.room.code}").json()
    there = set(snapshot["along"]) & set(snapshot["presence"]["here"])
    return [each["name"] for each in snapshot["members"] if each["id"] in there]


def revision(member: Member) -> int:
    return Room.objects.get(pk=member.room_id).revision


def test_hosts_see_how_each_device_keeps_step(host: Member, guest: Member) -> None:
    assert tell(guest) == 204
    (seen,) = devices(host)
    assert seen.pop("seen_ms_ago") < 5_000
    assert seen == {**STEP, "member": str(guest.pk), "speaker": False}
    path = f"/api/rooms/{host.room.code}/playback/devices"
    assert refusal(ask(guest, "GET", path)) == (403, "not_allowed")


def test_a_device_is_one_row_however_often_it_speaks(host: Member, guest: Member) -> None:
    for offset_ms in (5, 600_000, -600_000):
        assert tell(guest, offset_ms=offset_ms, mode="pocket", corrected_ms=80) == 204
    (seen,) = devices(host)
    assert (seen["offset_ms"], seen["mode"], seen["corrected_ms"]) == (-600_000, "pocket", 80)


def test_the_device_that_makes_the_rooms_sound_is_marked(host: Member, guest: Member) -> None:
    tell(guest)
    tell(host, device="laptop-of-mika", along=False)
    claim_speaker(member=host, device="laptop-of-mika", name="Laptop")
    assert [(seen["device"], seen["speaker"]) for seen in devices(host)] == [
        ("phone-of-ana-1", False),
        ("laptop-of-mika", True),
    ]


def test_a_device_that_is_heard_of_no_more_is_not_listed(host: Member, guest: Member) -> None:
    tell(guest)
    with clock.shifted(GONE_AFTER_MS + 1):
        assert devices(host) == []
        tell(guest, device="phone-of-ana-2")
    assert Device.objects.get().device == "phone-of-ana-2"


def test_what_a_listening_device_says_again_is_one_statement_without_a_revision(
    guest: Member,
) -> None:
    tell(guest)
    before = revision(guest)
    with CaptureQueriesContext(connection) as queries:
        assert tell(guest, offset_ms=7) == 204
    assert [query["sql"].split()[0] for query in queries] == ["UPDATE"]
    assert revision(guest) == before


def test_everybody_sees_who_listens_along(host: Member, guest: Member) -> None:
    assert along(host) == []
    before = revision(guest)
    tell(guest)
    assert (along(host), revision(guest)) == ([guest.name], before + 1)
    tell(guest, along=False)
    assert (along(host), revision(guest)) == ([], before + 2)


def test_who_listens_on_one_of_two_devices_listens_along(host: Member, guest: Member) -> None:
    tell(guest)
    tell(guest, device="laptop-of-ana", along=False)
    assert along(host) == [guest.name]
    tell(guest, along=False)
    assert along(host) == []


def test_who_has_left_listens_along_no_more(host: Member, guest: Member) -> None:
    tell(guest)
    presence.write_presence({guest.room_id: {host.pk}}, {guest.pk})
    presence.notify_features({guest.pk}, ())
    assert along(host) == []
    presence.write_presence({guest.room_id: {host.pk, guest.pk}}, set())
    assert along(host) == []
    tell(guest)
    assert along(host) == [guest.name]


def test_who_moves_to_another_process_listens_along_all_the_while(
    host: Member, guest: Member
) -> None:
    tell(guest)
    presence.write_presence({guest.room_id: {host.pk}}, {guest.pk})
    presence.write_presence({guest.room_id: {guest.pk}}, set())  # as the other process does
    presence.notify_features({guest.pk}, ())
    assert along(host) == [guest.name]


def test_who_fades_out_listens_along_no_more(host: Member, guest: Member) -> None:
    tell(guest)
    with clock.shifted(HERE_FOR_MS + 1):
        assert along(host) == []


@pytest.mark.parametrize("change", ["banned", "ended"])
def test_a_device_that_has_been_heard_is_refused_when_it_no_longer_may(
    host: Member, guest: Member, change: str
) -> None:
    tell(guest)
    if change == "banned":
        actions.set_banned(by=host, member_id=guest.pk, banned=True)
    else:
        actions.end_room(by=host)
    assert tell(guest) == {"banned": 403, "ended": 409}[change]


def test_who_speaks_far_more_often_than_devices_do_has_to_wait(guest: Member) -> None:
    answers = [tell(guest, device=f"phone-of-ana-{n % 7}") for n in range(61)]
    assert answers == [204] * 60 + [429]


def test_who_makes_up_devices_pushes_out_their_own(host: Member, guest: Member) -> None:
    for number in range(MOST_DEVICES + 3):
        tell(guest, device=f"made-up-device-{number}")
    assert len(devices(host)) == MOST_DEVICES


def test_a_device_that_was_switched_off_is_not_listed(host: Member, guest: Member) -> None:
    tell(guest)
    tell(guest, along=False)
    assert devices(host) == []
