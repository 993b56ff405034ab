"""Notices as plain JSON data, as they go over the wire."""

from typing import NotRequired

from typing_extensions import TypedDict

from staff.models import Notice, SiteState


class NoticeShape(TypedDict):
    id: str
    text: str
    at_ms: int
    code: NotRequired[str]
    values: NotRequired[dict[str, str]]


def notice_shape(notice: Notice) -> NoticeShape:
    """A notice as people read it; times in ms UTC. A warning has a code and values, too."""
    shape: NoticeShape = {"id": str(notice.pk), "text": notice.text, "at_ms": notice.at_ms}
    if notice.code:
        shape |= {"code": notice.code, "values": notice.values}
    return shape


def site_notice_shape(state: SiteState) -> NoticeShape | None:
    """The notice to all rooms, with an id that differs from those in rooms; None without."""
    at_ms = state.notice_at_ms
    if not state.notice or at_ms is None:
        return None
    return {"id": f"site-{at_ms}", "text": state.notice, "at_ms": at_ms}
