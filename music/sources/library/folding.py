"""Text as a search sees it: no case, no accents, no punctuation."""

import re
import unicodedata

QUERY_LENGTH = 200
_QUERY_WORDS = 12

# Letters that Unicode does not take apart, as people type them on another keyboard.
_LOOKALIKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_PUNCTUATION = re.compile(r"[\W_]+")
# Scripts that say much with one sign: Han, kana, bopomofo and Hangul, its letters among them.
# `search.js` has the same ranges; `tests/search_letters.json` holds both to one rule.
_DENSE = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uffdc\U00020000-\U0003ffff]"
)
_FEWEST = 2


def fold(text: str) -> str:
    """Words of a text, parted by single spaces; a text of signs only ("!!!") stays as it is."""
    # Apostrophes go first: compatibility forms of some would leave a space in the word.
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    letters = "".join(
        sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign)
    ).translate(_LOOKALIKES)
    words = _PUNCTUATION.sub(" ", letters).strip()
    return words or "".join(sign for sign in letters if sign.isprintable()).strip()


def sought(title: str, artists: list[str], album: str) -> str:
    """What a search looks through: a space before every word, the title's words first."""
    return "".join(f" {folded}" for part in (title, *artists, album) if (folded := fold(part)))


def words(query: str) -> list[str]:
    """The words of a query; the first dozen of them."""
    return fold(query[:QUERY_LENGTH]).split()[:_QUERY_WORDS]


def is_long_enough(query: str) -> bool:
    """Whether a query is worth a search while somebody types: two signs, or one that says much.

    A shorter one finds whole words only.
    """
    signs = unicodedata.normalize("NFC", "".join(query.split()))
    return len(signs) >= _FEWEST or _DENSE.search(signs) is not None
