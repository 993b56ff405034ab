"""Taking back what the log of a room tells of."""

from django.utils.translation import gettext_noop as _

from rooms import clock
from rooms.actors import Actor
from rooms.acts import MODERATE
from rooms.changes import changing
from rooms.errors import Conflict, UnknownLogEntry
from rooms.events import LogUndone
from rooms.log import installed_log_kinds, is_undoable, replaced_by_newer
from rooms.models import LogEntry


def undo_logged(*, by: Actor, entry_id: int) -> LogEntry:
    """Take back what an entry of the log tells of; the log gets another entry about that.

    Raises `UnknownLogEntry`, `Conflict` for what cannot be taken back (any more), and what stands
    against the actor doing the opposite, such as `NotAllowed`.
    """
    with changing(by) as change:
        by.require(MODERATE)
        entries = LogEntry.objects.select_related("target").filter(room=change.room)
        entry = entries.filter(pk=entry_id).first()
        if entry is None:
            raise UnknownLogEntry
        if entry.undone_at_ms is not None:
            return entry
        undo = installed_log_kinds()[entry.kind].undo if is_undoable(entry) else None
        if undo is None:
            raise Conflict(_("That cannot be undone."), detail="not_undoable")
        same = entries.filter(kind=entry.kind, target=entry.target).order_by("-pk")
        if entry.pk in replaced_by_newer(same):
            raise Conflict(
                _("That was changed since. Undo the newer entry."), detail="changed_since"
            )
        undo(by, entry)
        entry.undone_at_ms = clock.now_ms()
        entry.save(update_fields=["undone_at_ms"])
        change.publish(LogUndone(str(entry.pk), entry.undone_at_ms))
        return entry
