"""The log of a room: who did what to whom and why, and taking it back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async

from chat.actions.messages import post_message, set_hidden
from music.actions import queue
from music.models import ItemState, QueueItem, Track
from rooms import actions, clock
from rooms.actions.moderation import Terms
from rooms.actors import Staff
from rooms.changes import changing
from rooms.errors import Conflict
from rooms.models import LogEntry, Member, Room
from rooms.roles import Role
from rooms.snapshot import read_snapshot
from tests.conftest import browser_of
from tests.http import ask, refusal
from tests.live import connected
from tests.translations import speak_german

pytestmark = pytest.mark.django_db(transaction=True)

Deed = Callable[[Member, Member], object]
# By what the log says of it: what the host does to Ana, and what shows whether it holds.
DEEDS: dict[str, tuple[Deed, Callable[[Member], Any]]] = {
    "muted Ana: spam.": (
        lambda host, ana: actions.set_muted(
            by=host, member_id=ana.pk, muted=True, terms=Terms(why="spam")
        ),
        lambda ana: ana.muted,
    ),
    "banned Ana: spam.": (
        lambda host, ana: actions.set_banned(
            by=host, member_id=ana.pk, banned=True, terms=Terms(why="spam")
        ),
        lambda ana: ana.banned,
    ),
    "made Ana co-host.": (
        lambda host, ana: actions.set_role(by=host, member_id=ana.pk, role=Role.COHOST),
        lambda ana: ana.role,
    ),
    "named the room Saturday.": (
        lambda host, ana: actions.rename_room(by=host, name="Saturday"),
        lambda ana: ana.room.name,
    ),
    "changed the rules.": (
        lambda host, ana: actions.change_rules(by=host, preset="stream", changes={"rest_min": 7}),
        lambda ana: (ana.room.preset, ana.room.rules),
    ),
}


def read_log(member: Member) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = ask(member, "GET", log_of(member)).json()["items"]
    return entries


def log_of(member: Member) -> str:
    return f"/api/rooms/{member.room.code}/log"


def fresh(member: Member) -> Member:
    return Member.objects.select_related("room").get(pk=member.pk)


@pytest.mark.parametrize("says", DEEDS)
def test_what_a_host_does_is_in_the_log_and_can_be_undone(
    host: Member, guest: Member, says: str
) -> None:
    deed, outcome = DEEDS[says]
    before = outcome(fresh(guest))
    deed(host, guest)
    assert outcome(fresh(guest)) != before
    [entry] = read_log(host)
    assert entry["says"] == f"{host.name} {says}"
    answer = ask(host, "POST", f"{log_of(host)}/{entry['id']}/undo").json()
    assert not answer["undoable"]
    assert outcome(fresh(guest)) == before


def test_a_track_that_a_host_took_out_comes_back_by_undo(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = queue.add_track(member=guest, track=tracks[0])
    queue.remove_item(by=host, item_id=item.pk)
    [entry] = read_log(host)
    assert (entry["says"], entry["target"]) == (f"{host.name} took out Track 1.", str(guest.pk))
    actions.undo_logged(by=host, entry_id=int(entry["id"]))
    assert QueueItem.objects.get(pk=item.pk).state == ItemState.WAITING


def test_what_the_site_hid_is_offered_to_nobody_in_the_room(host: Member, guest: Member) -> None:
    message = post_message(member=guest, text="Buy my tickets")
    set_hidden(by=Staff(host.room_id, "anna"), message_ids=[message.pk], hidden=True)
    [entry] = read_log(host)
    assert not entry["undoable"]
    assert read_snapshot(host)["log"][0]["undoable"] is False
    page = browser_of(host).get(f"/r/{host.room.code}/log")
    assert "Undo" not in page.content.decode()
    answer = ask(host, "POST", f"{log_of(host)}/{entry['id']}/undo")
    assert refusal(answer) == (409, "conflict")


def test_what_a_host_hid_is_offered_no_longer_once_the_site_has_hidden_all_of_it(
    host: Member, guest: Member
) -> None:
    pks = [post_message(member=guest, text=text).pk for text in ("Buy tickets", "Cheap tickets")]
    set_hidden(by=host, message_ids=pks, hidden=True)
    offered = []
    for pk in pks:
        set_hidden(by=Staff(host.room_id, "anna"), message_ids=[pk], hidden=True)
        offered.append(read_log(host)[-1]["undoable"])
    assert offered == [True, False]
    assert "Undo" not in browser_of(host).get(f"/r/{host.room.code}/log").content.decode()
    answer = ask(host, "POST", f"{log_of(host)}/{read_log(host)[-1]['id']}/undo")
    assert refusal(answer) == (409, "conflict")


def test_what_was_taken_out_long_ago_stays_out(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = queue.add_track(member=guest, track=tracks[0])
    queue.remove_item(by=host, item_id=item.pk)
    with clock.shifted(queue.UNDO_FOR_MS + 1), pytest.raises(Conflict, match="too late"):
        actions.undo_logged(by=host, entry_id=LogEntry.objects.get().pk)
    assert LogEntry.objects.get().undone_at_ms is None


@pytest.mark.parametrize(("minutes", "ago"), [(0, "now"), (60, "1 h ago"), (61, "1 h 1 min ago")])
def test_the_page_of_the_log_says_how_long_ago(
    host: Member, guest: Member, minutes: int, ago: str
) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    with clock.shifted(minutes * 60_000):
        page = browser_of(host).get(f"/r/{host.room.code}/log")
    assert page.context["entries"][0]["ago"] == ago


def test_taking_out_ones_own_track_is_nobodys_business(guest: Member, tracks: list[Track]) -> None:
    item, _ = queue.add_track(member=guest, track=tracks[0])
    queue.remove_item(by=guest, item_id=item.pk)
    assert not LogEntry.objects.exists()


def test_undoing_twice_does_it_once(host: Member, guest: Member) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    entry = LogEntry.objects.get()
    actions.undo_logged(by=host, entry_id=entry.pk)
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    actions.undo_logged(by=host, entry_id=entry.pk)
    assert fresh(guest).muted


@pytest.mark.parametrize("kind", ["muted", "banned"])
def test_undoing_an_old_mute_or_ban_leaves_the_newer_one(
    host: Member, guest: Member, kind: str
) -> None:
    restrict = actions.set_muted if kind == "muted" else actions.set_banned
    for why in ("spam", "rude"):
        restrict(by=host, member_id=guest.pk, terms=Terms(why=why), **{kind: True})
    newer, older = read_log(host)
    answer = ask(host, "POST", f"{log_of(host)}/{older['id']}/undo")
    assert refusal(answer) == (409, "conflict")
    assert getattr(fresh(guest), kind)
    page = browser_of(host).get(f"/r/{host.room.code}/log")
    assert [entry["undoable"] for entry in page.context["entries"]] == [True, False]
    actions.undo_logged(by=host, entry_id=int(newer["id"]))
    assert not getattr(fresh(guest), kind)


def test_a_cohost_undoes_nothing_that_is_up_to_the_host(host: Member, guest: Member) -> None:
    actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    actions.rename_room(by=host, name="Saturday")
    entry = LogEntry.objects.latest("pk")
    answer = ask(guest, "POST", f"{log_of(guest)}/{entry.pk}/undo")
    assert refusal(answer) == (403, "not_allowed")
    assert Room.objects.get(pk=host.room_id).name == "Saturday"


def test_an_entry_of_another_room_is_unknown_here(host: Member, outsider: Member) -> None:
    actions.rename_room(by=outsider, name="Saturday")
    entry = LogEntry.objects.get()
    answer = ask(host, "POST", f"{log_of(host)}/{entry.pk}/undo")
    assert refusal(answer) == (404, "unknown_log_entry")


def test_the_log_is_put_into_words_where_it_is_read(
    host: Member, tracks: list[Track], settings: Any, tmp_path: Path
) -> None:
    forms = "{by} took out {n} track\0{by} took out {n} tracks"
    speak_german(settings, tmp_path, {forms: "{by} nahm {n} Titel weg\0{by} nahm {n} Titel weg"})
    queue.add_track(member=host, track=tracks[0])
    queue.clear_queue(by=host)
    assert [entry["says"] for entry in read_log(host)] == [f"{host.name} took out 1 track."]
    [entry] = browser_of(host).get(f"/r/{host.room.code}/log").context["entries"]
    assert entry["says"] == f"{host.name} nahm 1 Titel weg."


def test_a_listener_reads_no_log(guest: Member) -> None:
    assert refusal(ask(guest, "GET", log_of(guest))) == (403, "not_allowed")


async def test_the_log_comes_to_open_pages_of_host_and_cohosts_alone(
    host: Member, guest: Member, other: Member
) -> None:
    async with connected(host) as hosts, connected(guest) as guests:
        await hosts.hear("snapshot")
        await guests.hear("snapshot")
        mute = database_sync_to_async(actions.set_muted)
        await mute(by=host, member_id=other.pk, muted=True, terms=Terms(why="spam"))
        added = await hosts.event("log.added")
        assert added["entry"]["why"] == "spam"
        last = (await database_sync_to_async(fresh)(host)).room.revision
        assert "spam" not in str(await guests.hear_until(last))


def test_a_page_of_the_log_leads_to_the_next(host: Member) -> None:
    for number in range(51):
        actions.rename_room(by=host, name=f"Room {number}")
    first = ask(host, "GET", log_of(host)).json()
    rest = ask(host, "GET", f"{log_of(host)}?cursor={first['next']}").json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (50, 1, None)


def test_a_page_of_the_log_costs_no_query_per_entry(
    host: Member, guest: Member, django_assert_max_num_queries: Any
) -> None:
    for muted in (True, False) * 10:
        actions.set_muted(by=host, member_id=guest.pk, muted=muted)
    with django_assert_max_num_queries(2):
        assert len(read_log(host)) == 20


def test_the_names_in_the_log_are_those_of_today(host: Member, guest: Member) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    actions.rename(member=host, name="Mika")
    assert read_log(host)[0]["says"] == "Mika muted Ana."


def test_only_declared_kinds_are_noted(host: Member) -> None:
    with pytest.raises(ValueError, match="No feature declares"), changing(host) as change:
        change.log("of.nobody", by=host)


def test_a_snapshot_has_the_latest_entries_and_a_mute_for_the_person(
    host: Member, guest: Member
) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    actions.rename_room(by=host, name="Saturday")
    kinds = [entry["kind"] for entry in read_snapshot(fresh(host))["log"]]
    assert kinds == ["room.renamed", "member.muted"]
