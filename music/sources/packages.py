"""The one list of the sources of music, as packages, in the order in which people see them.

By itself, for the settings read it, and nothing may be loaded with it that needs them.
"""

SOURCES = (
    "music.sources.library",
    "music.sources.spotify",
    "music.sources.radio",
)
