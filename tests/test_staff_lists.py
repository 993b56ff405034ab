"""The lists of the admin: what they show, what they never show, and what they cost."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from prometheus_client import REGISTRY

from beatsync.doctor.findings import Finding, fine
from chat.actions.messages import post_message, set_hidden
from chat.actions.reports import report_message
from chat.models import MessageReport
from discovery.services import labs
from music.actions import playback, queue
from music.models import RoomSource, SourceState, Track
from music.sources.spotify import quota
from music.sources.spotify.models import Account
from rooms import actions, clock
from rooms.actions.moderation import Terms
from rooms.models import Member, Room
from rooms.workers import stop_workers
from staff import open_sockets
from staff.actions import bans, moderation
from staff.actions.acting import Moderator
from staff.checks import Checks
from staff.lists import LISTS
from staff.models import Notice, SiteState
from tests.conftest import arrived
from tests.translations import speak_german

pytestmark = pytest.mark.django_db

EACH = pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.model_name)


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="x"))
    return client


def path_of(model: Any) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def fill(room: Room, host: Member, tracks: list[Track]) -> Member:
    """One of each kind in a room; returns a member of it."""
    guest = arrived(room, name="Ana")
    for track in tracks[:2]:
        queue.add_track(member=guest, track=track)
    playback.play(by=host)
    message = post_message(member=guest, text="Buy this")
    report_message(member=host, message_id=message.pk, reason="Spam")
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    return guest


@EACH
def test_a_list_costs_as_many_queries_for_two_rooms_as_for_one(
    model: Any, admin: Client, host: Member, outsider: Member, tracks: list[Track],
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    fill(host.room, host, tracks)
    fill(outsider.room, outsider, tracks)
    # The session, the user, how many, which ones; and the rows of filters.
    with django_assert_max_num_queries(6):
        assert admin.get(path_of(model)).status_code == 200


@EACH
def test_no_list_adds_edits_or_deletes_a_row(model: Any, admin: Client) -> None:
    assert admin.get(f"{path_of(model)}add/").status_code == 403
    assert b"delete_selected" not in admin.get(path_of(model)).content


@EACH
def test_each_list_is_searched_and_filtered_by_period(model: Any, admin: Client) -> None:
    assert admin.get(f"{path_of(model)}?q=Ana").status_code == 200
    periods: list[Any] = [each for each in LISTS[model].list_filter if hasattr(each, "lookups")]
    for each in periods:
        answer = admin.get(f"{path_of(model)}?{each.parameter_name}=day")
        assert answer.status_code == 200


def test_lists_of_a_room_lead_to_its_people_queue_and_messages(
    admin: Client, host: Member, outsider: Member, tracks: list[Track]
) -> None:
    fill(host.room, host, tracks)
    for path in ("rooms/member", "music/queueitem", "chat/chatmessage"):
        here = admin.get(f"/admin/{path}/?room__id__exact={host.room_id}")
        there = admin.get(f"/admin/{path}/?room__id__exact={outsider.room_id}")
        assert b"Ana" in here.content
        assert b"Ana" not in there.content


def test_a_search_for_a_code_finds_what_is_in_that_room(
    admin: Client, host: Member, outsider: Member, tracks: list[Track]
) -> None:
    fill(host.room, host, tracks)
    for path in ("rooms/member", "music/queueitem", "chat/chatmessage", "chat/messagereport"):
        found = admin.get(f"/admin/{path}/?q={host.room.code.lower()}")
        none = admin.get(f"/admin/{path}/?q={outsider.room.code}")
        assert (b"Ana" in found.content, b"Ana" in none.content) == (True, False)


def test_secrets_of_people_and_accounts_stand_on_no_page(
    admin: Client, host: Member, tracks: list[Track]
) -> None:
    guest = fill(host.room, host, tracks)
    account = Account.objects.create(
        account_id="ann", user_id="ann", access_token="secret-a", refresh_token="secret-r"
    )
    pages = [
        *(admin.get(path_of(model)) for model in LISTS),
        admin.get(f"/admin/rooms/member/{guest.pk}/change/"),
        admin.get(f"/admin/spotify/account/{account.pk}/change/"),
    ]
    text = "".join(page.content.decode() for page in pages)
    assert str(guest.guest) not in text
    assert "secret-" not in text


def test_words_are_looked_for_in_the_newest_rows_or_in_all_of_a_room(
    admin: Client, host: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        post_message(member=host, text=f"Line number {n}")
    monkeypatch.setattr("staff.lists.SEARCHED", 2)
    path = "/admin/chat/chatmessage/?q=Line"
    found = admin.get(path).content.decode()
    assert "Line number 2" in found
    assert "Line number 0" not in found
    assert "the newest 50,000 rows" in found
    assert b"Line number 0" in admin.get(f"{path}&room__id__exact={host.room_id}").content


def test_a_list_says_when_it_has_more_rows_than_are_counted(
    admin: Client, host: Member, other: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("staff.columns._estimated_rows", lambda table: 3_200_000)
    assert "2 members" in " ".join(admin.get("/admin/rooms/member/").content.decode().split())
    monkeypatch.setattr("staff.columns.COUNTED", 1)
    assert "more than 1" in admin.get("/admin/rooms/member/").content.decode()
    assert "about 3,200,000" in admin.get("/admin/rooms/room/").content.decode()


def test_no_address_sorts_a_list(admin: Client, host: Member, outsider: Member) -> None:
    for order in ("", "?o=1", "?o=-1.2"):
        rooms = admin.get(f"/admin/rooms/room/{order}").context["cl"].result_list
        assert [room.pk for room in rooms] == [outsider.room_id, host.room_id]


PROBES = (
    "guest__startswith=a", "guest__exact=1", "access_token__startswith=s", "room__member__guest=1",
    "origin__isnull=0", "pk__gt=1", "own_rules__contains=a", "user__password__startswith=p",
)  # fmt: skip


@EACH
def test_no_address_asks_a_list_for_a_column_that_it_does_not_show(
    model: Any, admin: Client
) -> None:
    """A filter that Django does not allow is answered with 400."""
    for probe in PROBES:
        assert admin.get(f"{path_of(model)}?{probe}").status_code == 400, probe


def test_a_report_stands_among_the_messages_around_it_and_the_persons_other_reports(
    admin: Client, host: Member, guest: Member, other: Member
) -> None:
    lines = [post_message(member=guest, text=f"Line number {n}.") for n in range(15)]
    report_message(member=other, message_id=lines[7].pk, reason="Rude")
    report_message(member=other, message_id=lines[14].pk, reason="Ruder")
    report = MessageReport.objects.get(reason="Rude")
    page = admin.get(f"/admin/chat/messagereport/{report.pk}/change/").content.decode()
    shown = [n for n in range(15) if f"Line number {n}." in page]
    assert shown == [*range(2, 13), 14]
    assert "Ruder" in page


def test_the_page_of_a_report_says_what_staff_did_about_it(
    admin: Client, host: Member, guest: Member
) -> None:
    message = post_message(member=guest, text="Buy this")
    report_message(member=host, message_id=message.pk, reason="Rude")
    by = Moderator(User.objects.get(username="root"), "spam")
    moderation.hide_message(by=by, message=message)
    page = admin.get(f"/admin/chat/messagereport/{MessageReport.objects.get().pk}/change/")
    assert "root: Hide messages, spam" in page.content.decode()


@pytest.mark.parametrize("words", ["Insults", "insults Ana", "of us"])
@pytest.mark.parametrize("path", ["rooms/restriction", "staff/siteban", "staff/auditentry"])
def test_a_reason_is_found_by_the_words_that_a_list_shows(
    words: str, path: str, admin: Client, guest: Member
) -> None:
    by = Moderator(User.objects.get(username="root"), "hate: of us")
    bans.ban_from_site(by=by, member=guest, minutes=None, network=False)
    address = f"/admin/{path}/"
    assert admin.get(address, {"q": words}).context["cl"].result_count == 1
    assert admin.get(address, {"q": "sexual"}).context["cl"].result_count == 0


def test_a_reason_is_found_in_the_language_of_the_page(
    admin: Client, host: Member, guest: Member, settings: Any, tmp_path: Path
) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True, terms=Terms(why="hate"))
    speak_german(settings, tmp_path, {"insults or hate": "Hass"})
    address = "/admin/rooms/restriction/"
    assert admin.get(address, {"q": "hass"}).context["cl"].result_count == 1


def test_the_first_page_counts_what_there_is(
    admin: Client, host: Member, tracks: list[Track], django_assert_max_num_queries: Any
) -> None:
    fill(host.room, host, tracks)
    with django_assert_max_num_queries(20):
        page = admin.get("/admin/")
    figures = {figure.name: figure.value for figure in page.context["figures"]}
    assert figures["live rooms"] == "1"
    assert figures["people here now"] == "2"
    assert figures["reports waiting"] == "1"
    assert {chart.name: chart.total for chart in page.context["charts"]} == {
        "rooms opened": 1,
        "people who joined": 2,
        "tracks added": 2,
        "messages": 1,
    }
    assert page.context["charts"][0].amounts[-1] == 1


def conditions_of(admin: Client) -> dict[str, str]:
    return {each.name: each.words for each in admin.get("/admin/").context["conditions"]}


def test_the_first_page_counts_the_sockets_of_all_processes(admin: Client) -> None:
    open_sockets.write_count()
    open_sockets.write_count()
    cache.set("staff.sockets.7", ("another process", 41))
    figures = {each.name: each.value for each in admin.get("/admin/").context["figures"]}
    own = int(REGISTRY.get_sample_value("beatsync_sockets") or 0)
    assert figures["open sockets, in 2 processes"] == str(own + 41)


def test_the_first_page_says_which_service_is_left_alone(admin: Client, settings: Any) -> None:
    settings.SPOTIFY_CLIENT_ID = "client"
    assert conditions_of(admin)["ListenBrainz Labs"] == "asked as usual"
    labs.CONNECTION.close(60_000)
    quota.limited(quota.Bucket.SEARCH, 30)
    said = conditions_of(admin)
    assert said["ListenBrainz Labs"].startswith("not asked for")
    assert said["Spotify, search"].startswith("not asked for")
    assert said["Spotify, player"] == "asked as usual"


def test_the_first_page_says_in_how_many_rooms_a_source_is_degraded(
    admin: Client, room: Room, outsider: Member
) -> None:
    RoomSource.objects.create(room=room, name="spotify", state=SourceState.DEGRADED)
    RoomSource.objects.create(room=outsider.room, name="spotify", state=SourceState.DEGRADED)
    assert conditions_of(admin)["Spotify in rooms"] == "degraded in 2 rooms"


def test_what_the_doctor_found_is_shown_with_its_age_to_who_runs_the_site(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Checks()
    found.use(lambda: [fine("Disk", "12 MB free.")])
    at_ms = clock.now_ms()
    with clock.held(at_ms):
        found.look()
    monkeypatch.setattr("staff.admin_site.checks", found)
    with clock.held(at_ms + 7_000):
        page = admin.get("/admin/").content.decode()
    assert "Disk" in page
    assert "Looked at 7 s ago" in page
    assert "Disk" not in moderator().get("/admin/").content.decode()


def test_a_doctor_that_takes_long_keeps_no_page_waiting() -> None:
    may_end, slow = threading.Event(), Checks()

    def examine() -> list[Finding]:
        may_end.wait(10)
        return [fine("Disk", "12 MB free.")]

    slow.use(examine)
    assert slow.read().found == ()
    may_end.set()
    stop_workers(within_s=10)  # waits until its thread has ended
    assert slow.read().found != ()


def moderator() -> Client:
    user = User.objects.create_user("mara", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="moderator"))
    client = Client()
    client.force_login(user)
    return client


def test_a_moderator_sees_the_lists_and_no_accounts_of_staff(host: Member) -> None:
    client = moderator()
    for model in LISTS:
        assert client.get(path_of(model)).status_code == 200
    assert client.get("/admin/auth/user/").status_code == 403
    assert client.get("/admin/auth/group/").status_code == 403


def offered(admin: Client, page: str) -> set[str]:
    return {each["offer"].key for each in admin.get(page).context["offers"]}


def test_the_first_page_offers_what_would_change_the_site(admin: Client) -> None:
    assert offered(admin, "/admin/") == {"notice-all", "close-site", "retention"}
    SiteState.objects.create(pk=1, closed=True, notice="Back at nine")
    assert offered(admin, "/admin/") == {
        "notice-all", "withdraw-notice-all", "open-site", "retention",
    }  # fmt: skip


def test_a_room_is_offered_what_would_change_it(admin: Client, host: Member) -> None:
    page = f"/admin/rooms/room/{host.room_id}/change/"
    assert offered(admin, page) == {"end-room", "skip", "watch", "notice"}
    Notice.objects.create(room=host.room, text="Be kind")
    assert "withdraw-notice" in offered(admin, page)
    actions.end_room(by=host)
    assert offered(admin, page) == set()


def test_a_message_is_offered_to_be_hidden_or_shown_never_both(
    admin: Client, host: Member, guest: Member
) -> None:
    message = post_message(member=guest, text="Hello")
    page = f"/admin/chat/chatmessage/{message.pk}/change/"
    assert offered(admin, page) == {"hide"}
    set_hidden(by=host, message_ids=[message.pk], hidden=True)
    assert offered(admin, page) == {"show"}


@pytest.mark.parametrize(
    ("change", "lift"), [({"muted": True}, "unmute"), ({"banned": True}, "unban")]
)
def test_a_person_is_offered_to_lift_only_what_holds(
    change: dict[str, Any], lift: str, admin: Client, host: Member, guest: Member
) -> None:
    page = f"/admin/rooms/member/{guest.pk}/change/"
    assert offered(admin, page) == {"mute", "ban", "ban-site", "ban-network"}
    actions.change_member(by=host, member_id=guest.pk, **change)
    assert offered(admin, page) == {"mute", "ban", "ban-site", "ban-network", lift}
