from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class MusicConfig(AppConfig):
    name = "music"
    verbose_name = gettext_lazy("Music")
