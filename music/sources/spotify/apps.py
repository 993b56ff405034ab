from django.apps import AppConfig


class SpotifyConfig(AppConfig):
    name = "music.sources.spotify"
    label = "spotify"
