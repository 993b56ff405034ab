from django.apps import AppConfig


class RadioConfig(AppConfig):
    name = "music.sources.radio"
    label = "radio"
