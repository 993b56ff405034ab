"""Lines of the log: each has the id of the request on whose way it was written.

No line names a person: no name, message, cookie, or network address.
"""

import logging
from contextvars import ContextVar

# Of the request that this thread answers now; "" outside of any.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class AddRequestId(logging.Filter):
    """Gives records a `request_id`, "-" outside of any request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or "-"
        return True
