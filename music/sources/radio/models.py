"""The stations of a room."""

from __future__ import annotations

import secrets

from django.db import models

from rooms import clock
from rooms.models import Room

NAME = "radio"
NAME_LENGTH = 60
# Stations that one room has at most.
MOST_STATIONS = 30


def new_station_key() -> str:
    """A random key: who knows one knows nothing of other rooms."""
    return secrets.token_hex(6)


class Station(models.Model):
    """A station that a host has added. `address` leads to the stream, of the type `kind`.

    `tries` counts how often it was asked in vain since it went away.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="stations")
    key = models.CharField(max_length=12, unique=True, default=new_station_key)
    name = models.CharField(max_length=NAME_LENGTH)
    address = models.CharField(max_length=500)
    kind = models.CharField(max_length=20)
    tries = models.PositiveSmallIntegerField(default=0)
    added_at_ms = models.BigIntegerField(default=clock.now_ms)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "address"], name="a_room_has_an_address_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def uri(self) -> str:
        """The name of its track."""
        return f"{NAME}:{self.key}"

    @property
    def group(self) -> str:
        """Under which a room notes that it is away, as it does for a music folder."""
        return f"{NAME}-{self.key}"
