"""Photos of strangers, made safe: what is kept is drawn anew from the pixels, and nothing else of the file survives."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import InvalidInput, Pointer, TooLarge

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # of what browsers and phones send, those that Pillow reads without a plug-in
MOST_PIXELS = 50_000_000  # the largest sensor of a common phone; a bomb says it is larger, and is not unpacked
LONGEST_SIDE = 2048  # enough to see a crack or read a label
QUALITY = 85
MEDIA_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG of ours: no metadata, no colour profile, one frame, upright."""

    data: bytes
    width: int
    height: int


def redraw(data: bytes) -> Photo:
    """The picture in the file, whatever the file calls itself. Raises InvalidInput or TooLarge."""
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_many_pixels()
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is unpacked at a smaller scale
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _encoded(_opaque(upright))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
    ) as error:  # what Pillow raises on damage
        raise InvalidInput(
            "the file is no photo that can be read",
            (Pointer("/file", f"send one of {', '.join(FORMATS)}, whole"),),
        ) from error


def _opaque(image: Image.Image) -> Image.Image:
    """On white, as a browser shows it."""
    with_alpha = image.convert("RGBA")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return ground


def _encoded(image: Image.Image) -> Photo:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return Photo(out.getvalue(), image.width, image.height)


def _too_many_pixels() -> TooLarge:
    return TooLarge(f"a photo may have {MOST_PIXELS // 1_000_000} million pixels", (Pointer("/file", "too large"),))
