"""The feature of `music`: a queue, a playback, and the sources behind them."""

from django.utils.translation import gettext_noop as _

from music import acts
from music.actions.devices import end_listening_along, erase_devices
from music.actions.playback import update_skip_targets
from music.actions.queue import undo_removal
from music.actions.rule_consequences import follow_member_change, keep_order_of_rules
from music.parts import PARTS, read_current_item
from music.personal_data import data_of_guest
from music.room_rules import PRESETS, MusicRules
from music.rule_notes import RULE_NOTES
from rooms.features import Feature
from rooms.limits import Limit
from rooms.log import LogKind

FEATURE = Feature(
    name="music",
    acts=(
        acts.VOTE,
        acts.ADD,
        acts.SKIP_VOTE,
        acts.PAUSE,
        acts.CURATE,
        acts.CONTROL,
        acts.BROWSE,
    ),
    rules=MusicRules,
    presets=PRESETS,
    rule_notes=RULE_NOTES,
    limits={
        "VOTES": Limit("30/10", _("Easy: {count} votes {window}. Try again in {wait} s.")),
        "ADDS": Limit("6/60", _("Easy: {count} tracks {window}. Try again in {wait} s.")),
        "HOST_ADDS": Limit("60/60", _("Easy: {count} tracks {window}. Try again in {wait} s.")),
        "SEARCHES": Limit("60/60", _("Easy: {count} searches {window}. Try again in {wait} s.")),
        "DEVICES": Limit("60/60", _("Easy: {count} reports {window}. Try again in {wait} s.")),
    },
    parts=PARTS,
    log_kinds={
        "item.removed": LogKind(_("{by} took out {title}"), undo=undo_removal),
        "queue.cleared": LogKind(
            _("{by} took out {n} tracks"),
            sentence_of_one=_("{by} took out {n} track"),
            counts="tracks",
            undo=undo_removal,
        ),
        "room.closed": LogKind(_("It was closing time, and the room ended")),
        "track.skipped": LogKind(_("{by} skipped {title}")),
    },
    after_member_change=follow_member_change,
    around_rules_change=keep_order_of_rules,
    after_members_left=end_listening_along,
    after_activity_change=update_skip_targets,
    erase_guest=erase_devices,
    data_of_guest=data_of_guest,
    subject=read_current_item,
)
