"""The acts of the queue, the playback and the sources of a room."""

from django.utils.translation import gettext_noop as _

from rooms.roles import EVERYONE, HOSTS, Act

VOTE = Act(
    key="vote",
    description="vote",
    roles=EVERYONE,
    refusal=_("Only the host and co-hosts vote in this room."),
    closing_rule="may_vote",
    is_open_to_muted=True,
)
ADD = Act(
    key="add",
    description="add tracks",
    roles=EVERYONE,
    refusal=_("Only the host and co-hosts add tracks in this room."),
    closing_rule="may_add",
)
SKIP_VOTE = Act(
    key="skip_vote",
    description="ask to skip",
    roles=EVERYONE,
    refusal=_("Only the host and co-hosts skip tracks in this room."),
    closing_rule="may_skip",
)
PAUSE = Act(
    key="pause",
    description="play and pause",
    roles=EVERYONE,
    refusal=_("Only the host and co-hosts play and pause in this room."),
    closing_rule="may_pause",
)
CURATE = Act(
    key="curate",
    description="remove, pin and reorder any item",
    roles=HOSTS,
    refusal=_("You can remove your own tracks; the rest is up to the host and co-hosts."),
)
CONTROL = Act(
    key="control",
    description="control the playback, and make its sound",
    roles=HOSTS,
    refusal=_("Only the host and co-hosts control the playback."),
)
BROWSE = Act(
    key="browse",
    description="see the host's own playlists",
    roles=HOSTS,
    refusal=_("Only the host and co-hosts see these playlists."),
)
