"""Errors told to the operator's Sentry, where there is one: what failed and where, not for whom.

Of an error goes out: its kind, the lines of code that led to it, the logger and, from our own code
and Django's, the sentence with its gaps. What was filled into them stays here, and so do the
sentences of others (asyncio's have the error in them), the error's own words, the values of
variables, the request, its cookies and addresses, and the name of the machine.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event

# Loggers are named after modules. Those of these packages are given sentences with gaps.
_OUR_LOGGERS = frozenset({"beatsync", "rooms", "music", "chat", "discovery", "staff", "django"})


def start() -> None:
    """Tell errors from now on, if SENTRY_DSN is set; else nothing is even loaded."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.integrations.threading import ThreadingIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        # Those that look into requests, statements and calls are left out.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(), ExcepthookIntegration(), ThreadingIntegration()],
        before_send=_without_people,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        server_name="beatsync",
    )


def _without_people(event: "Event", _: dict[str, Any]) -> "Event":
    """Only what is of the code, and nothing of what it worked on."""
    for name in ("request", "user", "breadcrumbs", "extra", "contexts", "tags", "modules"):
        event.pop(name, None)  # type: ignore[misc]  # names of its keys
    said = event.get("logentry")
    if said:
        is_ours = str(event.get("logger", "")).partition(".")[0] in _OUR_LOGGERS
        event["logentry"] = {"message": said.get("message", "") if is_ours else ""}
    for error in (event.get("exception") or {}).get("values", ()):
        error["value"] = ""
    return event
