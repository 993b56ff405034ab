"""What only logins need, kept off all other requests."""

from typing import Any

from allauth.account.apps import AccountConfig
from django.conf import settings
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app
from django.contrib.sessions.backends.db import SessionStore
from django.core import checks
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string


class LoginsOnly:
    """Middleware around the middleware in `LOGIN_MIDDLEWARE`, for addresses under `LOGIN_PATHS`.

    Guests have no session and no user, so a vote need not pass through what looks for them. It
    would ask the database nothing, but take about 60 µs of each request: a fifth of what a request
    costs besides its view.
    """

    def __init__(self, get_response: Any) -> None:
        # As loosely typed as Django's own.
        self._plain = self._logins = get_response
        self._on_exception: list[Any] = []
        for name in reversed(settings.LOGIN_MIDDLEWARE):
            middleware = import_string(name)(self._logins)
            if hasattr(middleware, "process_exception"):
                self._on_exception.append(middleware.process_exception)
            self._logins = convert_exception_to_response(middleware)

    def __call__(self, request: HttpRequest) -> Any:
        return (self._logins if _is_login(request) else self._plain)(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> Any:
        """What the middleware around a view answers where it raised this; None: nothing."""
        if not _is_login(request):
            return None
        answers = (handle(request, error) for handle in self._on_exception)
        return next((answer for answer in answers if answer is not None), None)


def end_login(request: HttpRequest, response: HttpResponse) -> None:
    """Log this browser out of its account, from a page that is outside of `LOGIN_PATHS`."""
    if (key := request.COOKIES.get(settings.SESSION_COOKIE_NAME)) is not None:
        SessionStore(key).flush()
        response.delete_cookie(
            settings.SESSION_COOKIE_NAME,
            path=settings.SESSION_COOKIE_PATH,
            domain=settings.SESSION_COOKIE_DOMAIN,
            samesite=settings.SESSION_COOKIE_SAMESITE,
        )


def _is_login(request: HttpRequest) -> bool:
    return request.path_info.startswith(settings.LOGIN_PATHS)


class Accounts(AccountConfig):
    """allauth's app of accounts, which insists on its middleware in `MIDDLEWARE`: see above."""

    def ready(self) -> None:
        from allauth.account import checks  # noqa: F401 - registers them


class Admin(SimpleAdminConfig):
    """Django's admin, which insists on its middleware in `MIDDLEWARE`: see above.

    What is in it is listed in `staff.admin_site`, not found in the apps.
    """

    def ready(self) -> None:
        checks.register(check_admin_app, checks.Tags.admin)
