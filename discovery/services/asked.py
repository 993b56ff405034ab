"""Which services outside this site asks for suggestions."""

from discovery.services import labs, lastfm


def asked_services() -> list[str]:
    """The services that are told titles and artists of what plays, by their names for people."""
    of_labs = ["ListenBrainz", "MusicBrainz"] if labs.is_configured() else []
    return of_labs + (["Last.fm"] if lastfm.is_configured() else [])
