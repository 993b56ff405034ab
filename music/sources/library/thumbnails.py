"""Covers in the two sizes that pages show, made from whatever picture a file holds.

Decoding a picture of a stranger takes as much memory as they like, so this runs in the process that
reads files (`reading_process`), and pictures of more than `MOST_PIXELS` are not decoded at all.
"""

import hashlib
import io
import struct
from functools import lru_cache

from PIL import Image, ImageOps

from music.sources.library.file_facts import Cover

# The longer side, in pixels: a row of the queue is 52 high, on screens of three pixels to one; what
# plays is shown up to 320, and on lock screens and televisions larger.
SMALL_PX = 160
LARGE_PX = 640
# The process may take 256 MB. A PNG takes 4 bytes a pixel twice, a WebP four times; a JPEG is
# decoded at a fraction of its size.
# MPO is a JPEG with further pictures behind it, as many phones write; the first one counts.
MOST_PIXELS = {"JPEG": 40_000_000, "MPO": 40_000_000, "PNG": 16_000_000, "WEBP": 8_000_000}
_OPENED_AS = ("JPEG", "PNG", "WEBP")
# What decoders raise at broken pictures, Pillow's own errors among them; music plays without one.
BROKEN = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError),
    *(struct.error, Image.DecompressionBombError),
)
_WHITE = (255, 255, 255, 255)


@lru_cache(maxsize=1)  # the files of an album follow each other with the same picture
def make_cover(picture: bytes) -> Cover | None:
    """The picture in both sizes; None for what is no picture or too large. Raises `MemoryError`."""
    try:
        with Image.open(io.BytesIO(picture), formats=_OPENED_AS) as opened:
            if opened.width * opened.height > MOST_PIXELS[opened.format or ""]:
                return None
            opened.draft("RGB", (LARGE_PX, LARGE_PX))  # a JPEG is decoded at about that size
            large = _shrink(opened, LARGE_PX)
    except BROKEN:
        return None
    small = _shrink(large.copy(), SMALL_PX)
    return Cover(
        name=hashlib.sha256(picture).hexdigest()[:32],
        large=_encode(large, "JPEG", quality=85, progressive=True, optimize=True),
        small=_encode(small, "WEBP", quality=75, method=4),
    )


def _shrink(image: Image.Image, side_px: int) -> Image.Image:
    """No side longer than that, upright, on white where it was transparent; changes the image."""
    shrunk = image
    if shrunk.mode not in ("RGB", "L", "CMYK", "YCbCr"):
        shrunk = shrunk.convert("RGBA")
    shrunk.thumbnail((side_px, side_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    shrunk = ImageOps.exif_transpose(shrunk)
    if shrunk.mode == "RGBA":
        shrunk = Image.alpha_composite(Image.new("RGBA", shrunk.size, _WHITE), shrunk)
    return shrunk.convert("RGB")


def _encode(image: Image.Image, kind: str, **options: int) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, kind, **options)
    return encoded.getvalue()
