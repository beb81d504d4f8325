"""Which characters our documents can write: those the embedded fonts have."""

from functools import cache
from pathlib import Path

_FONTS = Path(__file__).parent / "fonts"
# Latin letters and signs up to here are all in the fonts: no need to open them.
_SURELY_DRAWN = 0x180


def is_legible(text: str) -> bool:
    """Tell whether a document can write every character of a text (law §1; BIL-11)."""
    rare = {ord(character) for character in text if ord(character) >= _SURELY_DRAWN}
    return not rare or rare <= _drawn()


@cache
def _drawn() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # slow to import, and seldom needed

    fonts = [TTFont(file, lazy=True) for file in sorted(_FONTS.glob("*.ttf"))]
    return frozenset.intersection(*(frozenset(font.getBestCmap()) for font in fonts))
