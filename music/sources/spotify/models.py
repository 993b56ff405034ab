"""Spotify accounts that people have connected, and where they sound."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy

from rooms import clock
from rooms.models import Room
from rooms.roles import Role
from rooms.vault import EncryptedField

# Spotify ends a permission so long after it was given, whatever is refreshed meanwhile …
PERMISSION_MS = 180 * 24 * 60 * 60 * 1000
# … and so long before that, people are told.
WARN_AHEAD_MS = 30 * 24 * 60 * 60 * 1000


class Trouble(models.TextChoices):
    """What only somebody at the account can mend. The values are codes of `errors`.

    A trouble is a mark that deletes nothing: `troubles` says what is believed and what clears it.
    """

    RECONNECT = "spotify_reconnect", gettext_lazy("Reconnect")
    NOT_LISTED = "spotify_not_listed", gettext_lazy("Not Listed")
    SCOPE = "spotify_scope", gettext_lazy("Scope")
    PREMIUM = "spotify_premium", gettext_lazy("Premium")


class AccountQuerySet(models.QuerySet["Account"]):
    def of_guest(self, guest: uuid.UUID) -> AccountQuerySet:
        """The account that this browser has connected."""
        return self.filter(connections__guest=guest)

    def of_room(self, room: Room) -> AccountQuerySet:
        """The account through which a room reaches Spotify: its host's, until the room ends.

        Never one that the host has connected there only to listen along elsewhere.
        """
        if not room.is_live:
            return self.none()
        hosts = room.members.filter(role=Role.HOST).values("guest")
        return self.filter(connections__guest__in=hosts, connections__hosts=True)


class Account(models.Model):
    """A Spotify account and what it has permitted. All of it goes when it is disconnected.

    `account_id` never changes; `user_id` is what owners of playlists are named by. Tokens are
    encrypted at rest, and shown by nothing.
    """

    account_id = models.CharField(gettext_lazy("account id"), max_length=200, unique=True)
    user_id = models.CharField(max_length=200)
    name = models.CharField(gettext_lazy("name"), max_length=200, blank=True)
    access_token = EncryptedField(blank=True)
    refresh_token = EncryptedField(blank=True)
    expires_at_ms = models.BigIntegerField(default=0, help_text="of the access token")
    scopes = models.TextField(
        gettext_lazy("scopes"),
        blank=True,
        help_text=gettext_lazy("what was permitted, separated by spaces"),
    )
    authorised_at_ms = models.BigIntegerField(default=clock.now_ms)
    premium = models.BooleanField(
        gettext_lazy("premium"),
        null=True,
        help_text=gettext_lazy("whether it can play; null: not known yet"),
    )
    trouble = models.CharField(gettext_lazy("trouble"), max_length=24, blank=True, choices=Trouble)
    trouble_at_ms = models.BigIntegerField(null=True, blank=True)
    suspected = models.CharField(
        max_length=24, blank=True, choices=Trouble, help_text="a trouble that is not believed yet"
    )
    suspected_since_ms = models.BigIntegerField(default=0)
    suspected_times = models.PositiveSmallIntegerField(default=0)
    refreshing_until_ms = models.BigIntegerField(
        default=0, help_text="one process is getting a new access token until then"
    )
    commanding_until_ms = models.BigIntegerField(
        default=0, help_text="one process is telling a device of it something until then"
    )
    away_until_ms = models.BigIntegerField(
        default=0, help_text="gave no new access token, and is not asked for one until then"
    )

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("account")
        verbose_name_plural = gettext_lazy("accounts")

    def __str__(self) -> str:
        return self.name or self.account_id

    @property
    def hosts(self) -> bool:
        """Whether it may serve rooms: somebody has logged in with it for that, in some browser."""
        return self.connections.to_host().exists()

    @property
    def ends_at_ms(self) -> int:
        """When Spotify ends the permission, as far as is known."""
        return self.authorised_at_ms + PERMISSION_MS

    @property
    def ends_soon(self) -> bool:
        """Whether it is time to say so."""
        return clock.now_ms() > self.ends_at_ms - WARN_AHEAD_MS


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def to_host(self) -> ConnectionQuerySet:
        """Those by which an account may serve the rooms that their browsers host."""
        return self.filter(hosts=True)


class Connection(models.Model):
    """A browser that may use an account: the one whose person has logged in there."""

    guest = models.UUIDField(unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="connections")
    connected_at_ms = models.BigIntegerField(default=clock.now_ms)
    hosts = models.BooleanField(
        default=False, help_text="whether they did so for their rooms, not to listen along alone"
    )

    objects = ConnectionQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.account)

    @property
    def is_last(self) -> bool:
        """Whether no other browser uses the account."""
        return not self.account.connections.exclude(pk=self.pk).exists()

    @property
    def holds_account(self) -> bool:
        """Whether the account is deleted when it is disconnected here."""
        return self.hosts or self.is_last


# The lease of who tells a device of an account something.
COMMANDING = "commanding_until_ms"


class OutputKind(models.TextChoices):
    """What a Spotify device is to the room."""

    BROWSER = "browser"  # the page of a room, through the Web Playback SDK; it reports by itself
    CONNECT = "connect"  # any other device of the account; it has to be asked


class OutputState(models.TextChoices):
    """What a device was told last."""

    NEW = "new"  # nothing yet, so it need not be stopped
    PLAYING = "playing"  # a moment of the room's playback: `play_id` and `cue`
    AGAIN = "again"  # the same, which it has not done and is to be told once more
    SILENT = "silent"


class OutputQuerySet(models.QuerySet["Output"]):
    def sounding(self) -> OutputQuerySet:
        """Those that were told to play, and not to stop."""
        return self.filter(state__in=SOUNDING)


SOUNDING = (OutputState.PLAYING, OutputState.AGAIN)


class Output(models.Model):
    """The Spotify device that sounds for a room, and what it was told last.

    An account has one that is not `leaving`, for it sounds in one place only.

    `state` is what it was told last, and `play_id` with `cue` the moment of the room's playback
    (`Playback`) of which it was told. What is to be told is told from `next_at_ms` on, after
    `tries` that failed; at `check_at_ms` it is asked whether it does that. A device that is gone
    is searched for at `search_at_ms`, after `searches` in vain.
    """

    room = models.OneToOneField(
        Room, on_delete=models.CASCADE, primary_key=True, related_name="spotify_output"
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="outputs")
    kind = models.CharField(max_length=7, choices=OutputKind)
    device_id = models.CharField(max_length=200)
    name = models.CharField(max_length=100)
    page = models.CharField(
        max_length=64, blank=True, help_text="the device id that the room's speaker has there"
    )
    leaving = models.BooleanField(default=False, help_text="to be stopped, then forgotten")
    state = models.CharField(
        max_length=7, choices=OutputState, default=OutputState.NEW, db_default=OutputState.NEW
    )
    # Of the version before, which may run beside this one.
    told = models.CharField(max_length=40, blank=True)
    play_id = models.PositiveIntegerField(null=True, blank=True)
    cue = models.PositiveIntegerField(null=True, blank=True)
    check_at_ms = models.BigIntegerField(default=0)
    next_at_ms = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    stood_still = models.BooleanField(default=False, help_text="so it was told once more")
    device_type = models.CharField(max_length=40, blank=True, help_text="as Spotify names it")
    search_at_ms = models.BigIntegerField(default=0)
    searches = models.PositiveSmallIntegerField(default=0)
    refused_uri = models.CharField(
        max_length=200, blank=True, help_text="the track that would not play there last"
    )
    refusals = models.PositiveSmallIntegerField(
        default=0, help_text="tracks in a row that would not play there"
    )

    objects = OutputQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def sounds(self) -> bool:
        """Whether it was told to play, and not to stop."""
        return self.state in SOUNDING
