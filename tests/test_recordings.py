"""The same recording in two sources or two spellings is one entry of the queue."""

import importlib
import itertools
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from music.actions.queue import add_track, remove_item
from music.models import QueueItem, Track
from music.recordings import KEY_LENGTH, artist_key, isrc_of, recording_key
from music.sources.library import folders
from music.sources.library.folding import sought
from music.sources.library.scanner import scan
from rooms.models import Member
from tests.audio import make
from tests.audio import music_folder as empty_music_folder
from tests.http import ask

ISRC = "GBAYE0601498"
_numbers = itertools.count(1)

# Each a title, or a first artist and a title; Ada by default.
Spelling = str | tuple[str, str]
SAME: list[tuple[Spelling, Spelling, str]] = [
    ("Glass Harbour", "GLASS  harbour", "case and blanks"),
    ("Déjà Vu", "Deja Vu", "accents"),
    ("De\u0301ja\u0300 Vu", "Déjà Vu", "accents apart from their letters"),
    ("Don't Stop", "Don\u2019t Stop!", "punctuation"),
    ("Straße", "STRASSE", "case that changes the length"),
    ("Ｎｉｇｈｔ　Ｂｕｓ", "Night Bus", "full width"),
    ("\ufb01re", "Fire", "ligatures"),
    ("Night Bus", "Nightbus", "blanks"),
    ("Salt & Light", "Salt and Light", "the sign for and"),
    ("Rock 'n' Roll", "Rock & Roll", "another sign for and"),
    ("(I Can't Get) Home", "I Can't Get Home", "brackets around a part of the name"),
    ("Harbour (feat. Ben)", "Harbour", "guests in brackets"),
    ("Harbour [ft Ben & Cy]", "Harbour featuring Ben", "guests without brackets"),
    ("Harbour ft. Ben (Live)", "Harbour (Live) [feat. Ben]", "guests beside what matters"),
    ("Harbour (feat. Ben (of Cy))", "Harbour", "brackets in brackets"),
    ("Harbour (with Ben)", "Harbour", "guests who are with the artist"),
    (("Ada feat. Ben", "Harbour"), ("Ada", "Harbour"), "guests among the artists"),
    (("The Adas", "Harbour"), ("Adas", "Harbour"), "the article of a band"),
    (("Adas, The", "Harbour"), ("The Adas", "Harbour"), "the article put behind"),
    (("R.E.M.", "Harbour"), ("REM", "Harbour"), "dots of initials"),
    (("AC/DC", "Harbour"), ("ACDC", "Harbour"), "a stroke in the name"),
    (("Florence + The Machine", "Harbour"), ("Florence & the Machine", "Harbour"), "plus"),
    (("Bjørn", "Harbour"), ("Bjorn", "Harbour"), "letters that another keyboard lacks"),
    ("Harbour - Remastered 2011", "Harbour", "a remaster"),
    ("Harbour (2011 Remaster)", "Harbour - 40th Anniversary Digital Re-Master", "remasters"),
    ("Harbour – 2009 Stereo Mix", "Harbour [Mono]", "channels"),
    ("Harbour (Mono / Remastered)", "Harbour", "two remarks in one"),
    ("Harbour - Album Version", "Harbour (Single Version)", "the record it came on"),
    ("Harbour - Radio Edit", "Harbour", "a shorter cut: nobody wants both in one evening"),
    ("Harbour (Explicit)", "Harbour (Clean)", "a beep more or less"),
    ("Harbour (Official Music Video) [HD]", "Harbour", "an upload"),
    ("Harbour (Deluxe Edition) [Bonus Track]", "Harbour", "the box it is sold in"),
    ("Harbour - Live / Remastered 2011", "Harbour (Live)", "a remaster of the same night"),
    (("Кино", "Ещё"), ("КИНО", "еще"), "Cyrillic case and marks"),
    (("فيروز", "أهواك"), ("فيروز", "اهواك"), "Arabic alef"),
    (("Ado", "ガラス"), ("Ado", "ｶﾞﾗｽ"), "narrow katakana"),
]
OTHER: list[tuple[Spelling, Spelling, str]] = [
    ("Harbour", "Harbour (Live)", "live is another evening"),
    ("Harbour (Live in Rome)", "Harbour (Live in Kyiv)", "and every evening another"),
    ("Harbour", "Harbour (Cy Remix)", "a remix is another piece"),
    ("Harbour (Ben Remix)", "Harbour (Cy Remix)", "and every remix another"),
    ("Harbour", "Harbour - Acoustic", "played otherwise"),
    ("Harbour", "Harbour (Instrumental)", "nothing to sing along to"),
    ("Harbour", "Harbour (Karaoke Version)", "nothing but to sing along to"),
    ("Harbour", "Harbour (Sped Up)", "another tempo"),
    ("Harbour", "Harbour (Extended Mix)", "made for dancing"),
    ("Harbour", "Harbour (Demo)", "not yet the song"),
    ("Harbour", "Harbour (Ada's Version)", "sung anew"),
    ("Harbour", "Harbour (New Version)", "recorded anew"),
    ("Stay", "Stay (With Me)", "nobody is called me"),
    ("Theme (From “Rain”)", "Theme (From “Snow”)", "composers call many pieces so"),
    (("Ada", "Harbour"), ("Ben", "Harbour"), "a cover, or a namesake"),
    (("Ada & Ben", "Harbour"), ("Ada", "Harbour"), "a duo is somebody else: Simon & Garfunkel"),
    ("Part 1 2", "Part 12", "digits do not run together"),
    ("6 ft under", "6", "a measure"),
    ("!!!", "???", "signs only"),
    ("🌧", "🌞", "pictures only"),
    ("!!! (Live)", "??? (Live)", "signs only, live"),
    ("Mono", "Stereo", "names that elsewhere tell of the pressing"),
    ("(Mono)", "(Stereo)", "the same in brackets"),
    (("Ado", "かき"), ("Ado", "がき"), "Japanese marks make another word"),
    (("ก้อง", "คุณ"), ("ก้อง", "คูณ"), "Thai vowels do"),
    (("अदा", "दिन"), ("अदा", "दान"), "Hindi vowels do"),
    (("Кино", "Мир"), ("Кино", "Мера"), "Cyrillic survives"),
    (("فيروز", "أهواك"), ("فيروز", "سلم"), "Arabic survives"),
]


def key(spelling: Spelling) -> str:
    artist, title = ("Ada", spelling) if isinstance(spelling, str) else spelling
    return recording_key([artist], title)


def track(title: str, *artists: str, isrc: str = "") -> Track:
    """A track of the library that a search finds."""
    return Track.objects.create(
        uri=f"library:recording{next(_numbers)}",
        source="library",
        title=title,
        artists=list(artists),
        duration_ms=60_000,
        sought=sought(title, list(artists), ""),
        isrc=isrc,
    )


# --- Keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "another", "why"), SAME, ids=[row[2] for row in SAME])
def test_spellings_of_one_recording_have_one_key(
    one: Spelling, another: Spelling, why: str
) -> None:
    assert key(one) == key(another) != "", why


@pytest.mark.parametrize(("one", "another", "why"), OTHER, ids=[row[2] for row in OTHER])
def test_different_recordings_have_different_keys(
    one: Spelling, another: Spelling, why: str
) -> None:
    assert "" != key(one) != key(another) != "", why


@pytest.mark.parametrize("artists", [[], [""], [" "], ["Unknown Artist"], ["Various Artists"]])
def test_nobody_is_no_artist_and_equals_nobody(artists: list[str]) -> None:
    assert artist_key(artists) == recording_key(artists, "Intro") == ""
    assert artist_key([*artists, "Ada"]) == "ada"


@pytest.mark.parametrize("title", ["", " ", "\u200b", "Untitled", "Track 03", "[Unknown title]"])
def test_a_title_that_says_nothing_equals_no_other(title: str) -> None:
    assert recording_key(["Ada"], title) == ""


def test_tags_in_a_lost_encoding_equal_no_other() -> None:
    assert recording_key(["????"], "??? ????") == ""
    assert recording_key(["Ada"], "???") != ""


def test_the_article_alone_is_a_name() -> None:
    assert artist_key(["The"]) == artist_key(["The The"]) == "the"
    assert artist_key(["The Who"]) == "who"


@pytest.mark.parametrize("text", [ISRC, "GB-AYE-06-01498", "isrc: gbaye0601498", f"x; {ISRC}"])
def test_an_isrc_is_read_however_it_is_written(text: str) -> None:
    assert isrc_of(text) == ISRC


@pytest.mark.parametrize(
    "text", ["", "none", ISRC[:-1], ISRC + "1", "1BAYE0601498", "XXXXX0000000"]
)
def test_what_is_no_isrc_is_none(text: str) -> None:
    assert isrc_of(text) == ""


# --- Whatever the text ----------------------------------------------------------------------------

# Plain text seldom has what the rules look for.
_PIECES = ["(", ")", "[", "]", " - ", " feat. ", " ft ", "with ", "the ", "Live", "Mono", "2011 "]
_PIECES += [
    "Remaster",
    "&",
    " n ",
    "'",
    "!",
    "/",
    "\0",
    "1",
    " ",
    "İ",
    "ß",
    "é",
    "が",
    "𝓐",
    "\ud800",
]
texts = st.one_of(
    st.text(), st.lists(st.sampled_from(_PIECES) | st.characters(), max_size=12).map("".join)
)


@given(st.lists(texts, max_size=3), texts)
def test_no_text_is_too_strange(artists: list[str], title: str) -> None:
    found = [recording_key(artists, title), artist_key(artists), isrc_of(title)]
    assert all(len(text) <= KEY_LENGTH for text in found)
    assert not {"\0", *map(chr, range(0xD800, 0xE000))} & set("".join(found))


@given(texts, texts)
def test_a_key_is_its_own_key(artist: str, title: str) -> None:
    assert artist_key([artist_key([artist])]) == artist_key([artist])
    found = recording_key([artist], title)
    if "\t" in found:
        assert recording_key(found.split("\t")[:1], found.split("\t")[1]) == found


@given(texts, texts)
def test_case_and_forms_of_unicode_do_not_matter(artist: str, title: str) -> None:
    found = recording_key([artist], title)
    assert recording_key([artist.casefold()], title.casefold()) == found
    for form in ("NFC", "NFD"):
        written = [unicodedata.normalize(form, text) for text in (artist, title)]
        assert recording_key(written[:1], written[1]) == found


@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x52F), min_size=1))
def test_accents_do_not_matter(title: str) -> None:
    accented = "".join(sign + "\u0301" for sign in title)
    assert recording_key(["Ada"], accented) == recording_key(["Ada"], title)


def test_a_key_of_endless_names_fits_its_column() -> None:
    found = {recording_key(["ﷺ" * 300], "ﷺ" * 300 + end) for end in "ab"}
    assert len(found) == 2
    assert all(len(each) <= KEY_LENGTH for each in found)


# --- Tracks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wav"])
def test_every_format_tells_its_isrc(db: None, settings: Any, tmp_path: Path, suffix: str) -> None:
    folder = empty_music_folder(settings, tmp_path)
    make(folder / f"a{suffix}", title="Harbour (Mono)", artists=("Ada",), isrc="GB-AYE-06-01498")
    scan(folders.roots())
    found = Track.objects.get()
    assert (found.isrc, found.recording, found.artist) == (ISRC, "ada\tharbour", "ada")


def test_a_track_written_anew_has_its_new_keys(db: None) -> None:
    found = track("Harbour", "Ada")
    found.title, found.artists = "Rain", ["Ben"]
    found.save(update_fields=["title", "artists"])
    found.refresh_from_db()
    assert (found.recording, found.artist) == ("ben\train", "ben")


def test_tracks_written_together_have_keys_too(db: None) -> None:
    facts: dict[str, Any] = {"source": "library", "title": "Harbour", "duration_ms": 1}
    Track.objects.bulk_create(
        Track(uri=f"library:{name}", artists=[name], **facts) for name in ("Ada", "Ben")
    )
    assert set(Track.objects.values_list("artist", flat=True)) == {"ada", "ben"}


def test_the_same_recording_is_known_by_key_or_isrc(db: None) -> None:
    first = track("Harbour", "Ada", isrc=ISRC)
    spelled = track("Harbour - 2011 Remaster", "ADA", "Ben")
    translated = track("Гавань", "Ада", isrc=ISRC)
    track("Harbour (Live)", "Ada")
    assert set(Track.objects.same_recording(first)) == {first, spelled, translated}


def test_tracks_from_before_get_their_keys_in_batches(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = importlib.import_module("music.migrations.0002_track_recording")
    monkeypatch.setattr(migration, "BATCH", 2)
    expected = {track(f"Harbour {name}", "Ada").recording for name in "abcde"}
    Track.objects.update(recording="", artist="")
    migration.fill_keys(apps, None)
    assert set(Track.objects.values_list("recording", flat=True)) == expected
    assert set(Track.objects.values_list("artist", flat=True)) == {"ada"}


# --- The queue ------------------------------------------------------------------------------------


def test_adding_another_spelling_is_an_up_vote(guest: Member, other: Member) -> None:
    first, _ = add_track(member=guest, track=track("Harbour", "Ada"))
    again, created = add_track(member=other, track=track("HARBOUR (2011 Remaster)", "Ada"))
    assert (again.pk, again.up, created) == (first.pk, 2, False)
    assert QueueItem.objects.count() == 1


def test_adding_the_same_isrc_under_another_name_is_an_up_vote(
    guest: Member, other: Member
) -> None:
    first, _ = add_track(member=guest, track=track("Harbour", "Ada", isrc=ISRC))
    again, created = add_track(member=other, track=track("Гавань", "Ада", isrc=ISRC))
    assert (again.pk, created) == (first.pk, False)


@pytest.mark.parametrize(("title", "artists"), [("Intro", ()), ("Track 01", ("Ada",))])
def test_two_tracks_that_nobody_can_tell_are_two_entries(
    guest: Member, title: str, artists: tuple[str, ...]
) -> None:
    for _ in range(2):
        assert add_track(member=guest, track=track(title, *artists))[1]
    assert QueueItem.objects.waiting().count() == 2


def test_another_recording_is_another_entry(guest: Member) -> None:
    for title in ("Harbour", "Harbour (Live)"):
        assert add_track(member=guest, track=track(title, "Ada"))[1]


def test_a_recording_taken_out_or_waiting_elsewhere_may_be_added(
    guest: Member, outsider: Member
) -> None:
    item, _ = add_track(member=guest, track=track("Harbour", "Ada"))
    assert add_track(member=outsider, track=track("Harbour!", "Ada"))[1]
    remove_item(by=guest, item_id=item.pk)
    assert add_track(member=guest, track=track("Harbour?", "Ada"))[1]


def found_by(member: Member) -> dict[str, str | None]:
    """The waiting item that a search for the harbour names beside each title."""
    answer = ask(member, "GET", f"/api/rooms/{member.room.code}/search?q=harbour").json()
    return {each["title"]: each["waiting_item"] for each in answer["items"]}


def test_a_search_names_the_item_that_adding_would_vote_for(guest: Member, other: Member) -> None:
    spellings = [track(title, "Ada") for title in ("Harbour", "Harbour (Mono)", "Harbour (Live)")]
    item, _ = add_track(member=guest, track=spellings[0])
    named = str(item.pk)
    assert found_by(other) == {"Harbour": named, "Harbour (Mono)": named, "Harbour (Live)": None}
    assert add_track(member=other, track=spellings[1])[0].pk == item.pk


def test_a_search_and_an_add_agree_when_two_items_would_fit(guest: Member, other: Member) -> None:
    own, earlier = track("Harbour", "Ada"), track("Harbor", "Ada")
    items = [add_track(member=guest, track=each)[0] for each in (earlier, own)]
    earlier.title = "Harbour (Mono)"  # mended while both wait
    earlier.save()
    assert found_by(other)["Harbour"] == str(items[1].pk)
    assert add_track(member=other, track=own)[0].pk == items[1].pk


def test_a_search_asks_no_more_for_spellings(guest: Member, django_assert_num_queries: Any) -> None:
    for title in ("Harbour", "Harbour (Live)", "Harbour (Demo)"):
        add_track(member=guest, track=track(title, "Ada"))
        track(f"{title} [2011 Remaster]", "Ada")
    # Member, the library's revision and catalog, refused tracks, tracks, spellings, what waits,
    # places taken, the next start (playback), plays, failures.
    with django_assert_num_queries(11):
        assert None not in found_by(guest).values()
