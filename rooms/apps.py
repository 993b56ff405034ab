from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class RoomsConfig(AppConfig):
    name = "rooms"
    verbose_name = gettext_lazy("Rooms")

    def ready(self) -> None:
        from rooms import limits

        limits.check_settings()
