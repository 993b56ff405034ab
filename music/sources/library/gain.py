"""How much louder or softer a track is to be played, by what its tags say of its loudness."""

import math
import re
from collections.abc import Mapping

# R128 gains aim at -23 LUFS, ReplayGain (and this project) at -18.
_R128_TO_REPLAYGAIN_DB = 5.0
# More than this is no measurement of music.
_NONSENSE_DB = 60.0
# Softer recordings than this stay softer: what hisses in them would be lifted, too.
_CEILING_DB = 12.0
_DECIBELS = re.compile(r"\s*([+-]?\d+(?:[.,]\d+)?)\s*(?:dB)?\s*\Z", re.IGNORECASE)


def gain_db(fields: Mapping[str, list[str]]) -> float:
    """Track gain relative to -18 LUFS, 0 if unknown.

    It never lifts the loudest sample, of which the tags may tell, above full scale, nor anything by
    more than 12 dB.
    """
    gain = _r128_db(fields)
    if gain is None:
        gain = _decibels(fields, "replaygain_track_gain")
    if gain is None or not abs(gain) <= _NONSENSE_DB:
        return 0.0
    peak = _number(_first(fields, "replaygain_track_peak"))
    headroom = -20 * math.log10(peak) if peak and peak > 0 else _CEILING_DB
    return min(gain, max(0.0, min(headroom, _CEILING_DB)))


def _r128_db(fields: Mapping[str, list[str]]) -> float | None:
    """Signed, in 256ths (RFC 7845, 5.2.1)."""
    number = _number(_first(fields, "r128_track_gain"))
    return None if number is None else number / 256 + _R128_TO_REPLAYGAIN_DB


def _decibels(fields: Mapping[str, list[str]], name: str) -> float | None:
    """As in "-6.50 dB", "-6,50 dB" or "-6.50dB"."""
    found = _DECIBELS.match(_first(fields, name))
    return None if found is None else _number(found[1])


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _first(fields: Mapping[str, list[str]], name: str) -> str:
    return next((text for text in fields.get(name, []) if text.strip()), "")
