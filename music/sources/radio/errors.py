"""What is refused about a station, in one tree.

Invalid                 422
├── BadStationAddress        no http or https address, or one with a password in it
│   ├── BlockedPort          its port is one on which no station is
│   └── PrivateStation       it leads into a private network
├── NoStream                 there is no MP3, AAC or Ogg at that address
└── TooManyStations          the room has as many as a room may have
Unavailable             503
└── StationAway              it does not answer, or not in time
"""

from django.utils.translation import gettext_noop as _

from rooms.errors import Invalid, Unavailable, Unknown


class UnknownStation(Unknown):
    code = "unknown_station"
    message = _("That station is not in this room any more.")


class BadStationAddress(Invalid):
    code = "station_address"
    message = _("A station has an address that begins with http:// or https://.")


class BlockedPort(BadStationAddress):
    code = "station_port"
    message = _("This server opens no station on that port. Check the address.")


class PrivateStation(BadStationAddress):
    code = "station_private"
    message = _("That address leads into a private network, which this server does not open.")


class NoStream(Invalid):
    code = "station_no_stream"
    message = _("There is no MP3, AAC or Ogg stream at that address.")


class TooManyStations(Invalid):
    code = "too_many_stations"
    message = _("The room has as many stations as it may have. Remove one first.")


class StationAway(Unavailable):
    code = "station_away"
    message = _("The station does not answer. Check its address, or try again later.")
