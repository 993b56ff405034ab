"""A notice to all rooms reaches every open socket, and pages that come back."""

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User

from beatsync import sockets
from rooms.models import Member, Room
from staff import site_state
from staff.actions import notices
from staff.actions.acting import Moderator
from staff.models import SiteState
from tests.live import connected

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _sends_to_sockets() -> None:
    """As `beatsync.asgi` composes it."""
    site_state._known.send = sockets.send_to_all_rooms


def post(text: str) -> None:
    user, _ = User.objects.get_or_create(username="root", is_superuser=True, is_staff=True)
    notices.post_notice_everywhere(by=Moderator(user, "Maintenance"), text=text)


async def test_a_notice_to_all_rooms_reaches_the_open_pages_of_each(
    guest: Member, outsider: Member
) -> None:
    async with connected(guest) as one, connected(outsider) as other:
        for socket in (one, other):
            assert (await socket.hear("snapshot"))["me"]["site_notice"] is None
        await database_sync_to_async(post)("Back at noon")
        for socket in (one, other):
            assert (await socket.hear("site_notice"))["notice"]["text"] == "Back at noon"


async def test_a_page_that_comes_back_reads_what_all_rooms_were_told_meanwhile(
    guest: Member, other: Member
) -> None:
    async with connected(other) as there:
        await there.hear("snapshot")
        await database_sync_to_async(post)("Back at noon")
        revision = (await database_sync_to_async(Room.objects.get)(pk=guest.room_id)).revision
        knows = f"?revision={revision}&member={guest.pk}"
        async with connected(guest, knows=knows) as back:
            assert (await back.hear())["notice"]["text"] == "Back at noon"


async def test_another_process_sends_a_notice_once_it_has_read_it(guest: Member) -> None:
    await database_sync_to_async(SiteState.objects.create)(
        pk=1, notice="Back at noon", notice_at_ms=5
    )
    async with connected(guest) as socket:
        await socket.hear("snapshot")
        await database_sync_to_async(site_state.read_site_state)()
        assert (await socket.hear("site_notice"))["notice"]["at_ms"] == 5
