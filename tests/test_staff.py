"""What staff does: through the actions of everybody, with a right, a reason and an audit entry."""

import csv
import uuid
from collections.abc import Callable
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from chat.actions.messages import post_message
from chat.actions.reports import report_message
from chat.models import ChatMessage, MessageReport, MessageState
from music import hourly_tidying
from music.actions import playback, queue
from music.models import ItemState, QueueItem, Track
from rooms import actions, clock
from rooms.actions import DAY_MS
from rooms.errors import Invalid, NotAllowed, RoomEnded
from rooms.models import LogEntry, Member, Restriction, Room
from rooms.reasons import reason_of
from rooms.snapshot import read_snapshot
from staff import retention, site_state
from staff.actions import bans, moderation, notices, site
from staff.actions.acting import Moderator
from staff.audit_words import target_translated
from staff.errors import NetworkOff, SiteBanned
from staff.models import AuditEntry, Notice, SiteBan
from staff.offers import OFFERS, Offer
from tests.conftest import arrived, browser_of
from tests.http import text_of
from tests.test_parts import queries_of
from tests.translations import speak_german

pytestmark = pytest.mark.django_db

FROM_MODERATORS = {"close-site", "open-site", "retention"}


@pytest.fixture
def moderator() -> User:
    user = User.objects.create_user("mara", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="moderator"))
    return user


@pytest.fixture
def by(moderator: User) -> Moderator:
    return Moderator(moderator, "spam", "/admin/")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Scene:
    """A room with one of each that staff can do something to."""

    def __init__(self, host: Member, guest: Member, other: Member, tracks: list[Track]) -> None:
        self.host, self.guest, self.other, self.room = host, guest, other, host.room
        queue.add_track(member=guest, track=tracks[0])
        playback.play(by=host)
        self.item, _ = queue.add_track(member=guest, track=tracks[1])
        self.message = post_message(member=guest, text="Buy this")
        report_message(member=other, message_id=self.message.pk, reason="Spam")

    def row_for(self, offer: Offer) -> Any:
        """A row that the offer can be made for."""
        if offer.key == "unmute":
            actions.set_muted(by=self.host, member_id=self.guest.pk, muted=True)
        if offer.key in ("unban", "lift"):
            actions.set_banned(by=self.host, member_id=self.guest.pk, banned=True)
        if offer.key == "ban-network":
            Member.objects.filter(pk=self.guest.pk).update(origin="abc")
        rows: dict[Any, Callable[[], Any]] = {
            Room: lambda: self.room,
            Member: lambda: Member.objects.get(pk=self.guest.pk),
            ChatMessage: lambda: self.message,
            MessageReport: lambda: MessageReport.objects.get(),
            QueueItem: lambda: self.item,
            Restriction: lambda: Restriction.objects.get(),
            SiteBan: lambda: SiteBan.objects.create(guest=uuid.uuid4(), name="Ben", why="Spam"),
        }
        return rows[offer.model]() if offer.model else None


@pytest.fixture
def scene(host: Member, guest: Member, other: Member, tracks: list[Track]) -> Scene:
    return Scene(host, guest, other, tracks)


def take(client: Client, offer: Offer, row: Any, **more: str) -> Any:
    asked = {
        "rule" if offer.is_reason_read else "words": "spam",
        "text": "Be kind",
        "minutes": "10",
        "from": "/admin/",
        **more,
    }
    asked |= {"room_days": "20", "audit_days": "90"}
    return client.post(f"/admin/offer/{offer.key}/", asked | ({"id": row.pk} if row else {}))


EACH = pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.key)


@EACH
def test_a_moderator_does_what_moderation_needs_and_no_more(
    offer: Offer, scene: Scene, moderator: User
) -> None:
    answer = take(browser(moderator), offer, scene.row_for(offer))
    if offer.key in FROM_MODERATORS:
        assert answer.status_code == 403
        assert not AuditEntry.objects.exists()
    else:
        assert answer.status_code == 303
        assert AuditEntry.objects.get().act == offer.permission


@EACH
def test_a_superuser_does_everything_and_the_audit_log_says_so(offer: Offer, scene: Scene) -> None:
    row = scene.row_for(offer)
    root = User.objects.create_superuser("root", password="x")
    assert take(browser(root), offer, row).status_code == 303
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.user_name, entry.why, entry.page) == (root, "root", "spam", "/admin/")


@EACH
def test_staff_without_the_right_changes_nothing(offer: Offer, scene: Scene) -> None:
    row = scene.row_for(offer)
    user = User.objects.create_user("paul", password="x", is_staff=True)
    others = Permission.objects.filter(content_type__app_label="staff")
    user.user_permissions.set(others.exclude(codename=offer.permission))
    before = Room.objects.get(pk=scene.room.pk).revision
    assert take(browser(user), offer, row).status_code == 403
    assert Room.objects.get(pk=scene.room.pk).revision == before
    assert not AuditEntry.objects.exists()


def test_somebody_who_is_no_staff_finds_no_offer(scene: Scene) -> None:
    user = User.objects.create_user("eve", password="x")
    assert take(browser(user), OFFERS[0], scene.room).status_code == 302
    assert take(Client(), OFFERS[0], scene.room).status_code == 302
    assert Room.objects.get(pk=scene.room.pk).is_live


def test_an_action_without_the_right_is_refused_behind_the_pages_too(scene: Scene) -> None:
    paul = Moderator(User.objects.create_user("paul", is_staff=True), "Spam")
    with pytest.raises(NotAllowed):
        moderation.end_room(by=paul, room=scene.room)


def test_nothing_is_done_without_a_reason(scene: Scene, moderator: User) -> None:
    answer = take(browser(moderator), OFFERS[0], scene.room, rule="other")
    assert "Say the reason" in answer.content.decode()
    with pytest.raises(Invalid):
        moderation.end_room(by=Moderator(moderator, " "), room=scene.room)
    assert Room.objects.get(pk=scene.room.pk).is_live


def test_a_refused_action_leaves_no_audit_entry(scene: Scene, by: Moderator) -> None:
    actions.end_room(by=scene.host)
    with pytest.raises(RoomEnded):
        moderation.mute_member(by=by, member=scene.guest, minutes=10)
    assert not AuditEntry.objects.exists()


def test_a_muted_person_reads_the_reason_of_the_site(scene: Scene, by: Moderator) -> None:
    moderation.mute_member(by=by, member=scene.guest, minutes=10)
    scene.guest.refresh_from_db()
    assert read_snapshot(scene.guest)["me"]["mute"]["why"] == "spam"


@pytest.mark.parametrize("kind", ["muted", "banned"])
def test_what_the_site_set_no_host_lifts_or_changes(scene: Scene, by: Moderator, kind: str) -> None:
    if kind == "muted":
        moderation.mute_member(by=by, member=scene.guest, minutes=None)
    else:
        moderation.ban_member(by=by, member=scene.guest, minutes=None, network=False)
    for value in (False, True):
        change: dict[str, Any] = {kind: value}
        with pytest.raises(NotAllowed, match="The site did that"):
            actions.change_member(by=scene.host, member_id=scene.guest.pk, **change)
    assert getattr(Member.objects.get(pk=scene.guest.pk), kind)


def test_a_ban_of_the_site_says_that_it_is_the_sites(scene: Scene, by: Moderator) -> None:
    moderation.ban_member(by=by, member=scene.guest, minutes=60, network=False)
    said = browser_of(scene.guest).get(f"/r/{scene.room.code}").content.decode()
    assert "The site removed you from this room. Reason: spam." in said


def test_an_ended_room_says_why_the_site_ended_it(scene: Scene, by: Moderator) -> None:
    moderation.end_room(by=by, room=scene.room)
    said = browser_of(scene.guest).get(f"/r/{scene.room.code}").content.decode()
    assert "The site ended this room. Reason: spam." in said


def test_the_author_of_a_hidden_message_reads_the_rule_and_who_reported_it_the_outcome(
    scene: Scene, by: Moderator
) -> None:
    moderation.hide_message(by=by, message=scene.message)
    assert ChatMessage.objects.get().state == MessageState.HIDDEN
    warned = {
        each.name: (read_snapshot(each)["me"]["warning"] or {}).get("text", "")
        for each in (scene.guest, scene.other, scene.host)
    }
    assert warned[scene.guest.name] == "The site hid a message of yours: spam."
    assert "hid the message that you reported" in warned[scene.other.name]
    assert warned[scene.host.name] == ""


def test_who_reported_a_message_reads_that_it_stays(scene: Scene, by: Moderator) -> None:
    moderation.dismiss_reports(by=by, message=scene.message)
    warning = read_snapshot(scene.other)["me"]["warning"]
    assert (warning["code"], warning["values"]) == ("report_left", {})
    assert "It stays" in warning["text"]
    assert not MessageReport.objects.open().exists()


def test_a_reason_of_the_list_is_kept_as_its_code_and_read_in_the_language_of_the_page(
    scene: Scene, by: Moderator, settings: Any, tmp_path: Path
) -> None:
    hateful = Moderator(by.user, reason_of("hate", "of us"))
    moderation.ban_member(by=hateful, member=scene.guest, minutes=None, network=False)
    assert Restriction.objects.get().why == "hate: of us"
    assert scene.guest.ban_refusal().message.endswith("Reason: insults or hate: of us.")
    german = {"insults or hate": "Hass", "Reason: {why}.": "Grund: {why}."}
    speak_german(settings, tmp_path, german)
    assert scene.guest.ban_refusal().words.endswith("Grund: Hass: of us.")
    assert "Hass" in browser(by.user).get("/admin/rooms/restriction/").content.decode()


def test_who_is_in_a_room_that_the_site_ends_reads_why_by_its_code(
    scene: Scene, by: Moderator
) -> None:
    moderation.end_room(by=by, room=scene.room)
    notice = read_snapshot(scene.guest)["notice"]
    assert (notice["code"], notice["values"]) == ("room_ended", {"why": "spam"})
    assert notice["text"] == "The site ended this room: spam."


def test_reasons_that_a_former_version_has_kept_in_english_get_their_codes(
    scene: Scene, by: Moderator
) -> None:
    said = Moderator(by.user, "Insults or hate: of us")
    moderation.ban_member(by=said, member=scene.guest, minutes=None, network=False)
    moderation.hide_message(by=said, message=scene.message)
    import_module("rooms.migrations.0013_reason_codes").fill_codes(apps, None)
    import_module("staff.migrations.0004_reason_codes").fill_codes(apps, None)
    kept = {*Restriction.objects.values_list("why", flat=True)}
    kept |= {*AuditEntry.objects.values_list("why", flat=True)}
    kept |= {*LogEntry.objects.exclude(why="").values_list("why", flat=True)}
    kept |= {each["why"] for each in Notice.objects.values_list("values", flat=True) if each}
    assert kept == {"hate: of us"}


def test_the_audit_log_keeps_a_name_and_says_what_was_done_to_it_where_it_is_shown(
    scene: Scene, by: Moderator, settings: Any, tmp_path: Path
) -> None:
    ban = bans.ban_from_site(by=by, member=scene.guest, minutes=None, network=False)
    bans.lift_site_ban(by=by, ban=ban)
    lifted = AuditEntry.objects.latest("pk")
    assert (lifted.target, lifted.facts["lifted"]) == (scene.guest.name, True)
    speak_german(settings, tmp_path, {"lifted: {name}": "aufgehoben: {name}"})
    assert target_translated(lifted) == f"aufgehoben: {scene.guest.name}"


def test_an_entry_of_a_former_version_says_once_that_a_ban_was_lifted() -> None:
    entry = AuditEntry(target="lifted: Mika", facts={"lifted": True})
    assert target_translated(entry) == "lifted: Mika"


def test_a_removed_track_is_gone_and_its_requester_reads_why(scene: Scene, by: Moderator) -> None:
    moderation.remove_track(by=by, item=scene.item)
    assert QueueItem.objects.get(pk=scene.item.pk).state == ItemState.REMOVED
    warning = read_snapshot(scene.guest)["me"]["warning"]
    assert (warning["code"], warning["values"]["title"]) == ("track_removed", "Track 2")
    assert "Track 2" in warning["text"]
    assert LogEntry.objects.filter(by_name="staff mara").exists()


def test_a_notice_is_read_by_all_in_the_room_until_it_is_taken_back(
    scene: Scene, by: Moderator, outsider: Member
) -> None:
    notices.post_notice(by=by, text="Fire drill at ten", room=scene.room)
    assert read_snapshot(scene.guest)["notice"]["text"] == "Fire drill at ten"
    assert read_snapshot(outsider)["notice"] is None
    notices.withdraw_notice(by=by, room=scene.room)
    assert read_snapshot(scene.guest)["notice"] is None


def test_a_notice_to_all_rooms_is_read_in_each_and_locks_none(
    scene: Scene, by: Moderator, outsider: Member, django_capture_on_commit_callbacks: Any
) -> None:
    revisions = dict(Room.objects.values_list("pk", "revision"))
    with django_capture_on_commit_callbacks(execute=True):
        notices.post_notice_everywhere(by=by, text="Back at noon")
    for reader in (scene.guest, outsider):
        assert read_snapshot(reader)["me"]["site_notice"]["text"] == "Back at noon"
    assert dict(Room.objects.values_list("pk", "revision")) == revisions
    with django_capture_on_commit_callbacks(execute=True):
        notices.withdraw_notice_everywhere(by=by)
    assert read_snapshot(outsider)["me"]["site_notice"] is None


def test_a_notice_to_all_rooms_costs_as_many_queries_for_many_rooms(by: Moderator) -> None:
    def post() -> None:
        notices.post_notice_everywhere(by=by, text="Back at noon")

    post()  # makes the row of the site
    for_few = len(queries_of(post))
    for _ in range(5):
        actions.open_room(guest=uuid.uuid4(), name="Party")
    assert len(queries_of(post)) == for_few


# --- Bans from the site -------------------------------------------------------------------------


def test_who_is_banned_from_the_site_is_out_of_all_rooms_and_comes_into_none(
    scene: Scene, by: Moderator, outsider: Member
) -> None:
    second = arrived(outsider.room, guest=scene.guest.guest)
    bans.ban_from_site(by=by, member=scene.guest, minutes=None, network=False)
    assert set(Member.objects.filter(banned=True)) == {scene.guest, second}
    third = actions.open_room(guest=uuid.uuid4(), name="Third").room
    with pytest.raises(SiteBanned, match="Reason: spam"):
        actions.join(room=third, guest=scene.guest.guest)
    with pytest.raises(SiteBanned):
        actions.open_room(guest=scene.guest.guest, name="My own")


def test_a_membership_made_ahead_is_no_way_around_a_ban_from_the_site(
    by: Moderator, guest: Member, outsider: Member
) -> None:
    ahead = browser_of(guest)
    ahead.post(f"/r/{outsider.room.code}/join")
    assert Member.objects.get(guest=guest.guest, room=outsider.room).seen_at_ms is None
    bans.ban_from_site(by=by, member=guest, minutes=None, network=False)
    ahead.post(f"/r/{outsider.room.code}/join")
    assert not Member.objects.filter(guest=guest.guest, room=outsider.room).exists()


def test_a_lifted_ban_lets_a_person_back_into_their_rooms(scene: Scene, by: Moderator) -> None:
    ban = bans.ban_from_site(by=by, member=scene.guest, minutes=None, network=False)
    bans.lift_site_ban(by=by, ban=ban)
    assert not Member.objects.filter(banned=True).exists()
    actions.join(room=scene.room, guest=scene.guest.guest)


def test_a_ban_for_a_time_ends_by_itself(scene: Scene, by: Moderator, outsider: Member) -> None:
    bans.ban_from_site(by=by, member=scene.guest, minutes=10, network=False)
    with clock.shifted(11 * 60_000):
        actions.join(room=outsider.room, guest=scene.guest.guest)


def test_a_banned_network_lets_nobody_new_into_any_room_and_no_other_network_feels_it(
    room: Room, outsider: Member, by: Moderator
) -> None:
    bad = actions.join(room=room, guest=uuid.uuid4(), address="192.0.2.7")
    actions.arrive(member=bad)
    neighbour = actions.join(room=outsider.room, guest=uuid.uuid4(), address="192.0.2.7")
    bans.ban_from_site(by=by, member=bad, minutes=60, network=True)
    with pytest.raises(NetworkOff):
        actions.join(room=outsider.room, guest=uuid.uuid4(), address="192.0.2.7")
    actions.join(room=outsider.room, guest=uuid.uuid4(), address="192.0.2.8")
    assert actions.join(room=outsider.room, guest=neighbour.guest, address="192.0.2.7")


def test_a_network_is_banned_for_a_stated_time_only(scene: Scene, by: Moderator) -> None:
    scene.guest.origin = "abc"
    for minutes in (None, 8 * 24 * 60):
        with pytest.raises(Invalid):
            bans.ban_from_site(by=by, member=scene.guest, minutes=minutes, network=True)


# --- Maintenance --------------------------------------------------------------------------------


def test_a_closed_site_answers_with_a_friendly_page_and_the_admin_stays_open(
    scene: Scene, django_capture_on_commit_callbacks: Any
) -> None:
    root = User.objects.create_superuser("root", password="x")
    by = Moderator(root, "New disk")
    with django_capture_on_commit_callbacks(execute=True):
        site.set_site_closed(by=by, closed=True, says="Back at noon")
    phone = browser_of(scene.guest)
    page, api = phone.get("/"), phone.get(f"/api/rooms/{scene.room.code}")
    assert (page.status_code, api.status_code) == (503, 503)
    assert "Back at noon" in page.content.decode()
    assert api.json()["error"]["code"] == "site_closed"
    assert page.headers["Retry-After"] == "60"
    assert browser(root).get("/admin/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        site.set_site_closed(by=by, closed=False)
    assert phone.get("/").status_code == 200


def test_another_process_learns_that_the_site_is_closed(client: Client) -> None:
    root = User.objects.create_superuser("root", password="x")
    site.set_site_closed(by=Moderator(root, "New disk"), closed=True)
    assert client.get("/").status_code == 200
    site_state.read_site_state()
    assert client.get("/").status_code == 503


# --- How long data is kept ----------------------------------------------------------------------


@pytest.fixture
def root() -> Moderator:
    return Moderator(User.objects.create_superuser("root", password="x"), "Law of 2027")


def test_the_staff_chooses_for_how_long_ended_rooms_are_kept(
    host: Member, root: Moderator, settings: Any
) -> None:
    settings.ROOM_RETENTION_DAYS = 30
    site.set_retention(by=root, days={"room_days": 5})
    actions.end_room(by=host)
    with clock.shifted(4 * DAY_MS):
        hourly_tidying.tidy()
        assert Room.objects.exists()
    with clock.shifted(6 * DAY_MS):
        hourly_tidying.tidy()
    assert not Room.objects.exists()


def test_the_privacy_page_says_how_long_the_staffs_log_and_bans_stay(settings: Any) -> None:
    settings.ROOM_RETENTION_DAYS, settings.AUDIT_RETENTION_DAYS = 1, 40
    page = text_of(Client().get("/privacy"))
    assert "It stays 40 days, even when the room is erased." in page
    assert "until 1 day after it has ended." in page


def test_the_audit_log_says_how_many_days_held_before_and_hold_now(
    root: Moderator, settings: Any
) -> None:
    settings.ROOM_RETENTION_DAYS, settings.AUDIT_RETENTION_DAYS = 30, 0
    site.set_retention(by=root, days={"audit_days": 40})
    site.set_retention(by=root, days={"room_days": 5, "audit_days": 50})
    first, second = AuditEntry.objects.order_by("pk")
    assert target_translated(first) == "Days that the audit log is kept: from for ever to 40"
    days = {"room_days": {"before": 30, "after": 5}, "audit_days": {"before": 40, "after": 50}}
    assert second.facts == days


def test_the_audit_log_says_that_a_change_of_days_left_them_the_same(root: Moderator) -> None:
    site.set_retention(by=root, days={"room_days": 5})
    site.set_retention(by=root, days={"room_days": 5})
    assert target_translated(AuditEntry.objects.latest("pk")) == "the same days"


def test_what_is_done_to_nobody_is_given_a_reason_in_words_and_no_rule_for_people(
    root: Moderator,
) -> None:
    client, address = browser(root.user), "/admin/offer/retention/"
    assert "Insults or hate" not in client.get(address).content.decode()
    assert "errornote" in client.post(address, {"rule": "spam", "room_days": "5"}).content.decode()
    assert not AuditEntry.objects.exists()
    client.post(address, {"words": "Law of 2027", "room_days": "5"})
    assert AuditEntry.objects.get().why == "Law of 2027"


def test_without_a_choice_the_environment_says_for_how_long(root: Moderator, settings: Any) -> None:
    settings.ROOM_RETENTION_DAYS, settings.AUDIT_RETENTION_DAYS = 30, 0
    assert (retention.ROOM_DAYS.days, retention.AUDIT_DAYS.days) == (30, None)
    site.set_retention(by=root, days={"room_days": 5, "audit_days": 40})
    assert (retention.ROOM_DAYS.days, retention.AUDIT_DAYS.days) == (5, 40)
    site.set_retention(by=root, days={"room_days": None, "audit_days": None})
    assert (retention.ROOM_DAYS.days, retention.AUDIT_DAYS.days) == (30, None)


@pytest.mark.parametrize("days", [{"room_days": 0}, {"audit_days": 29}, {"room_days": 4000}])
def test_nobody_of_the_staff_wipes_out_what_they_have_just_done(
    days: dict[str, int], root: Moderator
) -> None:
    with pytest.raises(Invalid):
        site.set_retention(by=root, days=days)
    field, value = next(iter(days.items()))
    form = {"words": "Law of 2027", field: str(value)}
    page = browser(root.user).post("/admin/offer/retention/", form)
    assert page.status_code == 200
    assert "errornote" in page.content.decode()


def test_days_outside_of_the_range_are_refused_in_a_whole_sentence_of_the_language(
    root: Moderator, settings: Any, tmp_path: Path
) -> None:
    words = "Das Protokoll bleibt {least} bis {most} Tage."
    speak_german(settings, tmp_path, {"The audit log is kept for {least} to {most} days.": words})
    with pytest.raises(Invalid) as refused:
        site.set_retention(by=root, days={"audit_days": 29})
    assert refused.value.words == "Das Protokoll bleibt 30 bis 3650 Tage."


def test_old_audit_entries_go_when_the_site_says_so_and_ended_bans_with_the_rooms(
    scene: Scene, by: Moderator, root: Moderator
) -> None:
    bans.ban_from_site(by=by, member=scene.guest, minutes=10, network=False)
    with clock.shifted(50 * DAY_MS):
        hourly_tidying.tidy()
        assert AuditEntry.objects.filter(act="ban_from_site").exists()
        assert not SiteBan.objects.exists()
        site.set_retention(by=root, days={"audit_days": 40})
        hourly_tidying.tidy()
    assert [entry.act for entry in AuditEntry.objects.all()] == ["change_retention"]


def test_a_ban_without_an_end_is_never_forgotten(scene: Scene, by: Moderator) -> None:
    bans.ban_from_site(by=by, member=scene.guest, minutes=None, network=False)
    with clock.shifted(5000 * DAY_MS):
        hourly_tidying.tidy()
    assert SiteBan.objects.exists()


def test_a_dry_run_says_what_would_be_deleted_and_deletes_nothing(host: Member) -> None:
    actions.end_room(by=host)
    said = StringIO()
    with clock.shifted(31 * DAY_MS):
        call_command("forget_expired", "--dry-run", stdout=said)
        assert "ended rooms: 1 would be deleted" in said.getvalue()
        assert Room.objects.exists()
        call_command("forget_expired", stdout=said)
    assert "ended rooms: 1 deleted" in said.getvalue()
    assert not Room.objects.exists()


# --- The audit log ------------------------------------------------------------------------------


def test_the_audit_log_of_a_period_is_a_csv_that_no_spreadsheet_runs(
    scene: Scene, by: Moderator
) -> None:
    Member.objects.filter(pk=scene.guest.pk).update(name="=1+1")
    scene.guest.refresh_from_db()
    moderation.mute_member(by=by, member=scene.guest, minutes=10)
    root = browser(User.objects.create_superuser("root", password="x"))
    text = b"".join(root.get("/admin/audit.csv").streaming_content).decode()  # type: ignore[attr-defined]
    [head, row] = csv.reader(text.splitlines())
    assert head[:3] == ["at", "who", "what"]
    assert row[1:4] == ["mara", "mute_member", "'=1+1"]
    old = root.get("/admin/audit.csv?from=2000-01-01&to=2000-01-02")
    assert len(b"".join(old.streaming_content).splitlines()) == 1  # type: ignore[attr-defined]


def test_a_moderator_does_not_export_the_audit_log(moderator: User) -> None:
    assert browser(moderator).get("/admin/audit.csv").status_code == 403
