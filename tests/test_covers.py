"""Covers in two sizes, whatever picture a file holds."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw

from music.models import Track
from music.shapes import track_shape
from music.sources.library.thumbnails import LARGE_PX, SMALL_PX, make_cover


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def photograph(width: int, height: int) -> Image.Image:
    """Something with edges and colours, so that it takes room."""
    image = Image.effect_noise((width, height), 60).convert("RGB")
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height), fill=(200, 30, 30))
    return image


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def huge_png(side: int) -> bytes:
    """The head of a picture of so many pixels a side, in a few bytes."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    head = struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + head


def test_a_cover_has_two_sizes_that_rows_and_what_plays_can_afford() -> None:
    whole = encode(photograph(1500, 1200), "JPEG", quality=95)
    cover = make_cover(whole)
    assert cover is not None
    assert (opened(cover.large).format, opened(cover.large).size) == ("JPEG", (LARGE_PX, 512))
    assert (opened(cover.small).format, opened(cover.small).size) == ("WEBP", (SMALL_PX, 128))
    assert len(cover.small) < 16_000 < len(cover.large) < 250_000 < len(whole)


def test_pictures_of_every_kind_become_covers() -> None:
    red = Image.new("RGB", (300, 200), (255, 0, 0))
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned by 90 degrees
    clear = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    cases = {
        "jpeg": (encode(red, "JPEG"), (300, 200), (254, 0, 0)),
        "jpeg of a phone": (
            encode(red, "MPO", save_all=True, append_images=[clear.convert("RGB")]),
            (300, 200),
            (254, 0, 0),
        ),
        "jpeg of a printer": (encode(red.convert("CMYK"), "JPEG"), (300, 200), (254, 0, 0)),
        "jpeg of a turned camera": (encode(red, "JPEG", exif=turned), (200, 300), (254, 0, 0)),
        "png with a palette": (encode(red.convert("P"), "PNG"), (300, 200), (254, 0, 0)),
        "png of 16 bits": (encode(Image.new("I;16", (9, 9)), "PNG"), (9, 9), (0, 0, 0)),
        "png one can see through": (encode(clear, "PNG"), (300, 200), (255, 255, 255)),
        "webp": (encode(red, "WEBP"), (300, 200), (254, 0, 0)),
    }
    wrong = {}
    for name, (picture, size, colour) in cases.items():
        cover = make_cover(picture)
        large = opened(cover.large).convert("RGB") if cover else Image.new("RGB", (1, 1))
        pixel = large.getpixel((0, 0))
        assert isinstance(pixel, tuple)
        near = all(abs(is_so - meant) < 12 for is_so, meant in zip(pixel, colour, strict=True))
        if large.size != size or not near:
            wrong[name] = (large.size, pixel)
    assert wrong == {}


def test_what_is_no_picture_is_broken_or_would_fill_the_memory_is_no_cover() -> None:
    whole = encode(photograph(300, 300), "PNG")
    cases = {
        "text": b"<svg onload=alert(1)>",
        "another format": encode(photograph(9, 9), "GIF"),
        "cut off": whole[: len(whole) // 2],
        "only a head": whole[:40],
        "a bomb": huge_png(30_000),
        "just too large": huge_png(5_000),
    }
    assert {name for name, data in cases.items() if make_cover(data)} == set()


@pytest.mark.parametrize(
    ("cover", "thumb"),
    [
        ("/media/covers/0f-l.jpg", "/media/covers/0f-s.webp"),
        ("/media/covers/0f.png", None),  # saved whole, until the next scan
        ("https://i.scdn.co/image/0f-l.jpg", None),
        ("", None),
    ],
)
def test_the_wire_names_the_small_size_of_covers_that_have_one(
    cover: str, thumb: str | None
) -> None:
    assert track_shape(Track(title="A", duration_ms=1, cover=cover))["thumb"] == thumb
