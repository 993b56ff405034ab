"""What a browser says in `Origin` about the page that sends a form."""

import logging
import threading
from urllib.parse import urlsplit

from cachetools import TTLCache
from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)
# Each refused origin is logged once a minute: strangers shall not fill the log.
_logged: TTLCache[str, bool] = TTLCache(maxsize=100, ttl=60)
_lock = threading.Lock()


def is_from_foreign_origin(request: HttpRequest) -> bool:
    """Whether a page at another address sent this; then the log says what the operator may set.

    "null", which privacy settings send, is no address.
    """
    origin = request.headers.get("Origin", "")
    own = f"{request.scheme}://{request.get_host()}"
    parts = urlsplit(origin)
    if origin in (own, *settings.CSRF_TRUSTED_ORIGINS) or parts.scheme not in ("http", "https"):
        return False
    with _lock:
        is_new = origin not in _logged
        _logged[origin] = True
    if is_new:
        behind_tls = (
            " and HTTPS=true" if parts.scheme == "https" and not request.is_secure() else ""
        )
        logger.warning(
            "a page at %r was refused, for this server takes itself for %r; if people reach it at "
            "the former, set PUBLIC_URL=%s%s",
            origin, own, f"{parts.scheme}://{parts.netloc}", behind_tls,
        )  # fmt: skip
    return True
