"""What only logins need, kept off all other requests."""

from typing import Any

from allauth.account.apps import AccountConfig
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
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
        for name in reversed(settings.LOGIN_MIDDLEWARE):
            self._logins = convert_exception_to_response(import_string(name)(self._logins))

    def __call__(self, request: HttpRequest) -> Any:
        logins = request.path_info.startswith(settings.LOGIN_PATHS)
        return (self._logins if logins else self._plain)(request)


class Accounts(AccountConfig):
    """allauth's app of accounts, which insists on its middleware in `MIDDLEWARE`: see above."""

    def ready(self) -> None:
        from allauth.account import checks  # noqa: F401 - registers them
