"""Titles of shelves, playlists, folders: text that somebody gave, or a sentence of ours by code.

The page has the same sentences in `static/js/words/common/en.js`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from rooms.sentences import Sentence

TITLE_SENTENCES: Mapping[str, Sentence] = {
    "folder": Sentence(_("Music")),
    "house": Sentence(_("House dozen")),
    "liked": Sentence(_("Liked songs")),
    "past_room": Sentence(_("Again: {name}")),
    "playlist": Sentence(_("A playlist")),
    "stations": Sentence(_("Stations")),
    "top": Sentence(_("Top tracks")),
    "various_artists": Sentence(_("Various artists")),
}


@dataclass(frozen=True)
class Title:
    """What something is called. `code` is empty for what a person or a service has named.

    Of a title of ours `text` is the English of `code` and `values`.
    """

    text: str
    code: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text

    @property
    def translated(self) -> str:
        """The title in the language of the page that shows it."""
        sentence = TITLE_SENTENCES.get(self.code)
        return self.text if sentence is None else sentence.translated(self.values)


def own_title(code: str, **values: str) -> Title:
    """A title of ours. Raises `KeyError` for a code that is not known here."""
    return Title(TITLE_SENTENCES[code].in_english(values), code, values)
