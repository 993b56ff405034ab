"""Flat, geometric front covers, drawn three times too large and scaled down to 600 px."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw

SIDE = 600
"""Edge of a finished cover in pixels; drawing coordinates use the same unit."""

_OVER = 3
_LIMIT = 40_000

Point = tuple[float, float]


class Sheet:
    """A square canvas addressed in final pixels."""

    def __init__(self, ground: str) -> None:
        self.image = Image.new("RGB", (SIDE * _OVER, SIDE * _OVER), ground)
        self._draw = ImageDraw.Draw(self.image)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, radius: float = 0.0
    ) -> None:
        """Rectangle, optionally with rounded corners."""
        edges = [v * _OVER for v in (x, y, x + width, y + height)]
        self._draw.rounded_rectangle(edges, radius * _OVER, fill=fill)

    def oval(self, x: float, y: float, across: float, down: float, fill: str) -> None:
        """Ellipse around a centre, by its half axes."""
        self._draw.ellipse(
            [v * _OVER for v in (x - across, y - down, x + across, y + down)], fill=fill
        )

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        """Circle around a centre."""
        self.oval(x, y, radius, radius, fill)

    def ring(self, x: float, y: float, radius: float, line: str, width: float) -> None:
        """Circle outline."""
        edges = [v * _OVER for v in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(edges, outline=line, width=round(width * _OVER))

    def shape(self, points: Sequence[Point], fill: str) -> None:
        """Polygon."""
        self._draw.polygon([(x * _OVER, y * _OVER) for x, y in points], fill=fill)

    def stroke(self, points: Sequence[Point], line: str, width: float) -> None:
        """Open line with round joints."""
        self._draw.line(
            [(x * _OVER, y * _OVER) for x, y in points], line, round(width * _OVER), "curve"
        )

    def encoded(self) -> tuple[str, bytes]:
        """MIME type and bytes of the smaller of PNG and JPEG."""
        small = self.image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        png, jpeg = io.BytesIO(), io.BytesIO()
        flat = small.quantize(96, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        flat.save(png, "PNG", optimize=True)
        small.save(jpeg, "JPEG", quality=88, optimize=True, subsampling=0)
        best = min(
            (("image/png", png.getvalue()), ("image/jpeg", jpeg.getvalue())),
            key=lambda item: len(item[1]),
        )
        if len(best[1]) > _LIMIT:
            raise ValueError("cover is too heavy")
        return best


def _curve(start: Point, bend: Point, end: Point, steps: int = 40) -> list[Point]:
    """Quadratic Bezier curve."""
    points: list[Point] = []
    for index in range(steps + 1):
        t = index / steps
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        points.append(
            (a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1])
        )
    return points


def _turned(points: Sequence[Point], centre: Point, degrees: float) -> list[Point]:
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    return [
        (
            centre[0] + (x - centre[0]) * cos - (y - centre[1]) * sin,
            centre[1] + (x - centre[0]) * sin + (y - centre[1]) * cos,
        )
        for x, y in points
    ]


def _night_bus() -> Sheet:
    sheet = Sheet("#1A2552")
    for x, y, r in (
        (90, 80, 6),
        (280, 60, 5),
        (200, 130, 5),
        (560, 70, 4),
        (140, 165, 4),
        (340, 150, 4),
    ):
        sheet.disc(x, y, r, "#F7E6B5")
    sheet.disc(440, 150, 88, "#F7E6B5")
    sheet.shape(
        [(0, 350), (150, 200), (330, 370), (440, 280), (600, 400), (600, 480), (0, 480)], "#24427F"
    )
    sheet.shape([(0, 430), (230, 330), (420, 440), (600, 350), (600, 480), (0, 480)], "#2F5FA3")
    sheet.box(0, 470, 600, 130, "#111738")
    for x in (30, 190, 350, 510):
        sheet.box(x, 534, 84, 12, "#F7E6B5")
    sheet.box(80, 330, 420, 150, "#F0563C", 30)
    sheet.box(80, 400, 420, 80, "#F0563C", 8)
    sheet.box(80, 432, 420, 10, "#111738")
    for x in (112, 190, 268, 346):
        sheet.box(x, 362, 58, 50, "#FFD568", 6)
    sheet.shape([(424, 362), (462, 362), (478, 412), (424, 412)], "#FFD568")
    sheet.box(484, 450, 18, 14, "#FFF1C9", 4)
    for x in (168, 408):
        sheet.disc(x, 480, 38, "#111738")
        sheet.disc(x, 480, 15, "#C9D3EA")
    return sheet


def _paper_lanterns() -> Sheet:
    sheet = Sheet("#F4826A")
    sheet.stroke(_curve((-10, 90), (300, 250), (610, 60)), "#5A1F2E", 6)
    for x, y, wide, tall, fill, rib in (
        (120, 142, 70, 88, "#FFE3A1", "#E3A54A"),
        (310, 168, 98, 122, "#FFF3D6", "#E5C58C"),
        (490, 118, 68, 84, "#FFC94F", "#D9902B"),
    ):
        middle = y + 40 + tall
        sheet.box(x - 3, y - 10, 6, 50, "#5A1F2E")
        sheet.oval(x, middle, wide, tall, fill)
        for share in (0.66, 0.3):
            for width, colour in ((1.0, rib), (0.0, fill)):
                sheet.oval(x, middle, wide * share + 3 * width - 1.5, tall, colour)
        sheet.box(x - 2, middle - tall, 4, 2 * tall, rib)
        sheet.box(x - wide * 0.36, middle - tall - 8, wide * 0.72, 18, "#5A1F2E", 5)
        sheet.box(x - wide * 0.36, middle + tall - 10, wide * 0.72, 18, "#5A1F2E", 5)
        for shift in (-10, 0, 10):
            sheet.box(x + shift - 2, middle + tall + 8, 4, 34, "#5A1F2E")
    sheet.shape(
        [(0, 540), *_curve((0, 540), (300, 490), (600, 550)), (600, 600), (0, 600)], "#B8364A"
    )
    return sheet


def _tin_roof() -> Sheet:
    sheet = Sheet("#F8D79B")
    sheet.disc(300, 250, 150, "#E2492F")
    colours = ("#17494D", "#FFF0CF", "#E88B3A", "#17494D", "#FFF0CF", "#E88B3A", "#17494D")
    for row, colour in enumerate(colours):
        top = 290 + row * 46
        ridge = [(index * 37.5, top + (26 if index % 2 else 0)) for index in range(17)]
        sheet.shape([*ridge, (600, 600), (0, 600)], colour)
    for x, y in ((92, 120), (150, 96), (500, 140)):
        sheet.stroke(_curve((x - 28, y - 8), (x - 12, y - 20), (x, y)), "#17494D", 7)
        sheet.stroke(_curve((x, y), (x + 12, y - 20), (x + 28, y - 8)), "#17494D", 7)
    return sheet


def _cardamom() -> Sheet:
    sheet = Sheet("#DCA63A")
    for x, y, wide, tall, tilt, dark, light in (
        (150, 310, 70, 190, -10, "#1F5135", "#5C9A4A"),
        (305, 300, 84, 230, 4, "#2E6B3A", "#8CBF5A"),
        (458, 318, 66, 180, 13, "#1F5135", "#5C9A4A"),
    ):
        left = _curve((x, y - tall), (x - 2 * wide, y), (x, y + tall))
        right = _curve((x, y + tall), (x + 2 * wide, y), (x, y - tall))
        sheet.shape(_turned(left + right, (x, y), tilt), dark)
        inner = _curve((x, y - tall * 0.84), (x + 1.5 * wide, y), (x, y + tall * 0.84))
        sheet.shape(_turned([*inner, (x, y - tall * 0.84)], (x, y), tilt), light)
        sheet.stroke(_turned([(x, y - tall), (x, y + tall + 22)], (x, y), tilt), "#F3DDA0", 7)
    for x, y, r in (
        (62, 90, 15),
        (228, 80, 12),
        (400, 66, 14),
        (540, 108, 16),
        (70, 540, 14),
        (232, 552, 12),
        (385, 545, 15),
        (545, 530, 12),
    ):
        sheet.disc(x, y, r, "#4A2415")
    return sheet


def _salt_radio() -> Sheet:
    sheet = Sheet("#F2EEE0")
    sheet.disc(205, 205, 130, "#1C2B2E")
    for row in range(-4, 5):
        for column in range(-4, 5):
            if row * row + column * column <= 17:
                sheet.disc(205 + column * 25, 205 + row * 25, 7, "#F2EEE0")
    sheet.disc(478, 130, 42, "#2C8C86")
    sheet.box(474, 88, 8, 42, "#F2EEE0")
    sheet.disc(478, 268, 42, "#EBB23C")
    sheet.box(478, 264, 42, 8, "#1C2B2E")
    sheet.box(60, 500, 480, 9, "#1C2B2E")
    for index in range(25):
        tall = 96 if index % 6 == 0 else 60 if index % 3 == 0 else 34
        sheet.box(60 + index * 19.7, 500 - tall, 7, tall, "#1C2B2E")
    sheet.box(356, 352, 14, 200, "#D93A26")
    sheet.disc(363, 352, 20, "#D93A26")
    return sheet


def _eleven_windows() -> Sheet:
    sheet = Sheet("#10304A")
    sheet.box(70, 40, 460, 560, "#0B1F33")
    colours = (
        ("#FFB59B", "#FFD35C", "#FFD35C", "#FFB59B"),
        ("#FFD35C", "#FFD35C", "#132B42", "#FFF0C4"),
        ("#FFD35C", "#FFB59B", "#FFD35C", "#FFD35C"),
    )
    for row, line in enumerate(colours):
        for column, colour in enumerate(line):
            x, y = 104 + column * 104, 84 + row * 158
            sheet.box(x, y, 80, 118, colour)
            if colour != "#132B42":
                sheet.box(x, y + 56, 80, 6, "#0B1F33")
    sheet.shape([(340, 360), (340, 322), (352, 334), (366, 334), (378, 322), (378, 360)], "#FFF0C4")
    sheet.box(0, 562, 600, 38, "#E8F1EF")
    return sheet


def _goldfinch() -> Sheet:
    sheet = Sheet("#2F9C95")
    sheet.disc(130, 140, 78, "#F7E9C3")
    sheet.stroke([(0, 500), (600, 440)], "#3B2217", 20)
    sheet.stroke([(430, 458), (530, 372)], "#3B2217", 12)
    for x, y, tilt in ((530, 372, 40), (486, 410, 95), (90, 492, -60), (130, 488, 50)):
        leaf = _curve((x, y), (x + 40, y - 34), (x + 84, y)) + _curve(
            (x + 84, y), (x + 40, y + 34), (x, y)
        )
        sheet.shape(_turned(leaf, (x, y), tilt - 60), "#1E5C50")
    sheet.shape([(168, 380), (40, 404), (62, 440), (210, 424)], "#16201F")
    sheet.shape(
        _curve((120, 390), (150, 200), (330, 210))
        + _curve((330, 210), (440, 240), (400, 350))
        + _curve((400, 350), (330, 520), (120, 390)),
        "#FFC93C",
    )
    sheet.disc(336, 220, 84, "#FFC93C")
    sheet.shape([*_curve((262, 180), (320, 96), (404, 160)), (390, 190), (318, 196)], "#16201F")
    sheet.shape([(398, 180), (480, 226), (398, 252)], "#F2EEE0")
    sheet.oval(382, 222, 38, 42, "#D93A26")
    sheet.disc(352, 206, 12, "#16201F")
    sheet.disc(356, 202, 4, "#F2EEE0")
    sheet.shape(
        _curve((292, 300), (240, 430), (96, 400)) + _curve((96, 400), (150, 280), (292, 300)),
        "#16201F",
    )
    sheet.shape([(258, 340), (236, 372), (138, 392), (150, 372)], "#F2EEE0")
    for x in (270, 306):
        sheet.box(x, 424, 8, 48, "#3B2217")
    return sheet


def _harbour_night() -> Sheet:
    sheet = Sheet("#F5E8CC")
    sheet.disc(410, 160, 82, "#E5592F")
    sheet.shape([(236, 66), *_curve((236, 66), (110, 190), (84, 318)), (236, 318)], "#1F4E63")
    sheet.shape([(254, 110), *_curve((254, 110), (350, 210), (362, 318)), (254, 318)], "#C8412B")
    sheet.box(240, 56, 9, 300, "#132E3D")
    sheet.shape([(60, 334), (400, 334), (352, 410), (112, 410)], "#132E3D")
    tones = ("#8FC2BC", "#2C7C85", "#1F4E63", "#132E3D", "#0D2230")
    for row, tone in enumerate(tones):
        y = 402 + row * 46
        shift = 0 if row % 2 else -50
        for column in range(8):
            x = column * 100 + shift + 50
            sheet.disc(x, y + 40, 52, "#F5E8CC")
            sheet.disc(x, y + 40, 44, tone)
        sheet.box(0, y + 44, 600, 60, tone)
    return sheet


def _kerosene_waltz() -> Sheet:
    sheet = Sheet("#15130F")
    for radius in (250, 205, 160):
        sheet.ring(300, 300, radius, "#4A3319", 5)
    flame = _curve((300, 60), (470, 230), (440, 370)) + _curve((440, 370), (420, 500), (300, 500))
    flame += _curve((300, 500), (180, 500), (160, 380)) + _curve((160, 380), (160, 300), (216, 240))
    flame += _curve((216, 240), (226, 300), (256, 310)) + _curve((256, 310), (240, 190), (300, 60))
    sheet.shape(flame, "#F4761E")
    middle = _curve((308, 230), (410, 330), (388, 410)) + _curve((388, 410), (366, 500), (300, 500))
    middle += _curve((300, 500), (222, 500), (212, 420)) + _curve(
        (212, 420), (222, 360), (308, 230)
    )
    sheet.shape(middle, "#FFB23E")
    core = _curve((300, 350), (356, 420), (344, 456)) + _curve((344, 456), (330, 500), (300, 500))
    core += _curve((300, 500), (262, 500), (256, 458)) + _curve((256, 458), (254, 420), (300, 350))
    sheet.shape(core, "#FFF0CC")
    sheet.box(190, 512, 220, 22, "#FFF0CC", 6)
    return sheet


def _slow_elevator() -> Sheet:
    sheet = Sheet("#EEC5CB")
    for index in range(9):
        colour = "#D93A26" if index == 5 else "#3A3550"
        sheet.box(200, 62 + index * 54, 200, 34, colour)
    sheet.box(296, 336, 8, 26, "#FFE9DF")
    for x, sign in ((100, -1), (500, 1)):
        sheet.box(x - 9, 210, 18, 180, "#3A3550")
        tip = 300 + sign * 130
        sheet.shape([(x - 44, tip - sign * 64), (x, tip), (x + 44, tip - sign * 64)], "#3A3550")
    return sheet


def _hallway_light() -> Sheet:
    sheet = Sheet("#1E1433")
    tones = ("#2D1E4A", "#43295F", "#663A72", "#94507C", "#CB7280")
    for index, tone in enumerate(tones):
        inset = 42 + index * 42
        sheet.shape(
            [
                (inset, 600 - inset * 0.55),
                (inset, inset),
                (600 - inset, inset),
                (600 - inset, 600 - inset * 0.55),
            ],
            tone,
        )
    sheet.shape([(244, 462), (356, 462), (470, 600), (130, 600)], "#F6C667")
    sheet.box(244, 250, 112, 214, "#FFE9AE")
    sheet.disc(338, 360, 6, "#94507C")
    sheet.shape([(244, 462), (356, 462), (372, 482), (228, 482)], "#FFE9AE")
    return sheet


def _moth_season() -> Sheet:
    sheet = Sheet("#2C4A3E")
    sheet.disc(300, 250, 230, "#3D6350")
    sheet.disc(300, 250, 165, "#5B8463")
    for side in (-1, 1):

        def at(points: Sequence[Point], side: int = side) -> list[Point]:
            return [(300 + side * x, y) for x, y in points]

        sheet.shape(
            at(
                _curve((10, 330), (180, 340), (176, 440))
                + _curve((176, 440), (120, 520), (10, 400))
            ),
            "#D9B36C",
        )
        sheet.shape(
            at(
                _curve((10, 240), (120, 100), (262, 150))
                + _curve((262, 150), (250, 330), (10, 350))
            ),
            "#F4E6C4",
        )
        sheet.shape(
            at(
                _curve((150, 152), (200, 136), (262, 150))
                + _curve((262, 150), (262, 220), (222, 274))
                + _curve((222, 274), (226, 190), (150, 152))
            ),
            "#C77B4A",
        )
        sheet.disc(300 + side * 126, 232, 34, "#2C2A33")
        sheet.disc(300 + side * 126, 232, 15, "#F2B13C")
        sheet.disc(300 + side * 112, 412, 17, "#7A4A34")
        sheet.stroke(at(_curve((8, 200), (24, 130), (76, 104))), "#2C2A33", 8)
        sheet.disc(300 + side * 76, 104, 9, "#2C2A33")
    sheet.oval(300, 330, 27, 130, "#2C2A33")
    for y in (340, 376, 412):
        sheet.box(278, y, 44, 9, "#D9B36C")
    sheet.disc(300, 212, 31, "#2C2A33")
    return sheet


_DRAWN: dict[str, Callable[[], Sheet]] = {
    "night-bus": _night_bus,
    "paper-lanterns": _paper_lanterns,
    "tin-roof": _tin_roof,
    "cardamom": _cardamom,
    "salt-on": _salt_radio,
    "eleven": _eleven_windows,
    "goldfinch": _goldfinch,
    "layla": _harbour_night,
    "kerosene": _kerosene_waltz,
    "slow-elevator": _slow_elevator,
    "hallway": _hallway_light,
    "moth": _moth_season,
}


def cover(slug: str) -> tuple[str, bytes]:
    """MIME type and bytes of the cover of a track."""
    draw = next(function for part, function in _DRAWN.items() if part in slug)
    return draw().encoded()
