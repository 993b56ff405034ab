"""What the queue, the votes and the playback refuse, in one tree. Sources have their own.

Unknown                 404
├── UnknownItem
├── UnknownTrack
├── UnknownPlaylist
└── UnknownGroup
Conflict                409  a rule of the room stands against it
├── AlreadyStarted
├── QueueFull
├── TooManyWaiting
├── Rests
├── TooLong
├── ExplicitOff
├── ClosingTime
├── WouldNotPlay
├── DownvotesOff
├── JustJoined
├── OtherOrder
├── StalePlay
├── SpeakerTaken
└── NothingToPlay
Invalid                 422
└── UnknownPage              a cursor that no answer gave
"""

from django.utils.translation import gettext_noop as _

from rooms.errors import Conflict, Invalid, Unknown


class UnknownItem(Unknown):
    code = "unknown_item"
    message = _("That track is not waiting in this room.")


class UnknownTrack(Unknown):
    code = "unknown_track"
    message = _("No source of this room knows that track.")


class UnknownPlaylist(Unknown):
    code = "unknown_playlist"
    message = _("That playlist is not there, or not any more.")


class UnknownGroup(Unknown):
    code = "unknown_group"
    message = _("That artist, album or folder is not there any more.")


class AlreadyStarted(Conflict):
    code = "already_started"
    message = _("That track has already started, so its votes are closed.")


class QueueFull(Conflict):
    code = "queue_full"
    message = _("The queue is full. The next place opens when a track ends.")


class TooManyWaiting(Conflict):
    code = "too_many_waiting"
    message = _(
        "You have {n} tracks waiting, the most for one person here. "
        "The next place opens when one of them plays."
    )
    message_of_one = _(
        "You have {n} track waiting, the most for one person here. "
        "The next place opens when it plays."
    )


class Rests(Conflict):
    code = "rests"
    message = _("{title} played {ago} min ago. A track rests {rest} min in this room.")


class TooLong(Conflict):
    code = "too_long"
    message = _("Tracks are up to {most} min long in this room.")


class ExplicitOff(Conflict):
    code = "explicit_off"
    message = _("Explicit tracks are off in this room.")


class ClosingTime(Conflict):
    code = "closing"
    message = _("It is closing time: nothing more can start in this room.")


class WouldNotPlay(Conflict):
    code = "would_not_play"
    message = _(
        "{title} would not play on this room’s device. It can be tried again in {wait} min."
    )


class DownvotesOff(Conflict):
    code = "downvotes_off"
    message = _("There are no votes down in this room.")


class JustJoined(Conflict):
    code = "just_joined"
    message = _("You have just come. You can ask to skip when you have been here for ten minutes.")


class OtherOrder(Conflict):
    code = "other_order"
    message = _("Only in host order tracks are moved by hand. The host can choose it in the rules.")


class StalePlay(Conflict):
    code = "stale_play"
    message = _("The track has just changed.")


class SpeakerTaken(Conflict):
    code = "speaker_taken"
    message = _("{device} plays the sound. Take over?")


class NothingToPlay(Conflict):
    code = "nothing_to_play"
    message = _("Nothing waits, and no shelf is chosen. Add a track first.")


class UnknownPage(Invalid):
    """A cursor that no answer gave, or that leads to nothing any more."""

    detail = "unknown_page"
    message = _("That page does not exist. Begin again from the first one.")
