"""Fakes of Last.fm, ListenBrainz Labs and MusicBrainz over real HTTP, with their oddities.

with FakeDiscovery() as outside:
    outside.know("Ines Okafor Trio", "Cardamom", [("Wren Abara", "Goldfinch")])
    with outside.lastfm.having(error=29, status=429):
        ...
"""

from tests.fakes.discovery.fake import FakeDiscovery
from tests.fakes.discovery.knowledge import Knowledge, mbid_for
from tests.fakes.discovery.switches import LabsSwitches, LastfmSwitches

__all__ = ["FakeDiscovery", "Knowledge", "LabsSwitches", "LastfmSwitches", "mbid_for"]
