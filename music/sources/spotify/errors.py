"""What Spotify refuses, or cannot do now, in one tree.

SpotifyError                503
├── Away                         no connection, no answer in time, or an answer that is none
│   ├── WrongClient              it does not know the operator's client id, or not with that secret
│   ├── OperatorPremium          the owner of the operator's app has no Premium just now
│   ├── UnknownKey               the tokens are encrypted with a key that is not in TOKEN_KEYS
│   └── Unsure                   it refuses the account, and that is not believed yet
├── Limited                      too many calls; says until when
│   └── LimitedFor               the same, as people are told of it
├── Refused                      the call itself was wrong, or something in it is no longer there
│   ├── Gone               404
│   └── NotReadable        403   neither the person's own playlist nor one they edit
├── AccountTrouble         409   only somebody at the account can help
│   ├── NotConnected             no account, or it was disconnected
│   ├── Reconnect                the permission has ended; log in again
│   ├── NotListed                the account is not in the user list of the operator's app
│   ├── MissingScope             the permission does not go so far; log in again
│   └── PremiumRequired          the account cannot play
└── PlayerTrouble          409   the device did not do what it was told
    ├── NoDevice                 it is gone, or not there yet
    │   ├── BrowserCannotPlay    the page that was to be it has no player
    │   └── SwitchedOff          somebody has chosen that none plays
    ├── PlaysElsewhere           somebody plays something else with the account
    ├── InUse                    the account plays for another room
    └── Restricted               it may not do that now
        └── RefusesAll           nor one track after another

`Away` is what one call meets. A room in which Spotify waits is `SourceState.AWAY`, for any of these
reasons (`outputs.away_because`).

Sentences are for people; what Spotify said goes to the log at most, and never a token with it.
"""

from django.utils.translation import gettext_noop as _

from rooms.errors import Unavailable


class SpotifyError(Unavailable):
    """Something about Spotify. `code` is also what a room's `source.changed` gives as its cause."""

    code = "spotify"
    message = _("Spotify is out for the moment. The library still works.")


class Away(SpotifyError):
    code = "spotify_away"


class WrongClient(Away):
    """People see it as any outage; the operator reads of it in the log and from the doctor."""

    code = "spotify_client"


class OperatorPremium(Away):
    """It is no fault of a host's account, and may last for hours after the owner has paid."""

    code = "spotify_operator"
    message = _("Spotify waits for the operator's Premium. The library still works.")


class UnknownKey(Away):
    """Nothing is lost: it is over as soon as the key is back."""

    code = "spotify_key"
    message = _("Spotify waits for the operator. The library still works.")


class Unsure(Away):
    """A false "log in again" or "no Premium" passes by itself, so it has to be told again later."""

    code = "spotify_unsure"
    message = _("Spotify refuses just now. It is asked again soon.")


class Limited(SpotifyError):
    """`until_ms`: the moment from which it may be asked again; `retry_after`: the seconds left."""

    code = "spotify_limited"
    message = _("Spotify limits us for a while. What is known already stays.")


class LimitedFor(Limited):
    """The same with the `minutes` that are left."""

    detail = "spotify_limited_for"
    message = _("Spotify limits us for {minutes} min. What is known already stays.")


class Refused(SpotifyError):
    code = "spotify_refused"
    message = _("Spotify would not answer that.")


class Gone(Refused):
    status, code = 404, "spotify_gone"
    message = _("Spotify does not have that any more.")


class NotReadable(Refused):
    status, code = 403, "spotify_not_readable"
    message = _("Spotify shows a playlist's tracks only to its owner and those who edit it.")


class AccountTrouble(SpotifyError):
    status = 409


class NotConnected(AccountTrouble):
    code = "spotify_not_connected"
    message = _("No Spotify account is connected to this room. Its host can connect one.")


class Reconnect(AccountTrouble):
    code = "spotify_reconnect"
    message = _("Spotify has logged the host out. Connecting again takes one tap.")


class NotListed(AccountTrouble):
    code = "spotify_not_listed"
    message = _(
        "This Spotify account is not in the user list of the app that runs here. "
        "The operator can add it at Spotify, by name and email address."
    )


class MissingScope(AccountTrouble):
    code = "spotify_scope"
    message = _("Spotify has not been asked for that permission yet. Connect again.")


class PremiumRequired(AccountTrouble):
    code = "spotify_premium"
    message = _("Spotify plays only for Premium accounts.")


class PlayerTrouble(SpotifyError):
    status = 409


class NoDevice(PlayerTrouble):
    code = "spotify_no_device"
    message = _("The Spotify device is not there. Choose another, or open Spotify on it.")


class BrowserCannotPlay(NoDevice):
    detail = "spotify_browser_cannot_play"
    message = _(
        "The host's browser cannot play Spotify. Choose another device, or another browser."
    )


class SwitchedOff(NoDevice):
    code = "spotify_off"
    message = _("Spotify plays on no device here, until somebody chooses one.")


class PlaysElsewhere(PlayerTrouble):
    code = "spotify_elsewhere"
    message = _("This Spotify account plays elsewhere. Choose a device to go on.")


class InUse(PlayerTrouble):
    code = "spotify_in_use"
    message = _("Spotify plays in another room. Choose again to move it here.")


class Restricted(PlayerTrouble):
    code = "spotify_restricted"
    message = _("The Spotify device does not allow that now.")


class RefusesAll(Restricted):
    detail = "spotify_refuses_all"
    message = _("Spotify refuses track after track on that device. Choose another one.")
