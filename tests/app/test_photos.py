"""Photos of strangers: whatever the file holds besides its pixels is gone, and what is no photo is refused."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from app.errors import InvalidInput, TooLarge
from app.photos import LONGEST_SIDE, redraw

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 0 if mode in ("L", "P", "1") else "red").save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that says it has billions of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_of_any_usual_kind_becomes_a_jpeg(kind: str) -> None:
    photo = redraw(picture(kind))
    with Image.open(BytesIO(photo.data)) as image:
        assert (image.format, image.size, (photo.width, photo.height)) == ("JPEG", (40, 30), (40, 30))


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA"])
def test_every_way_to_hold_colours_is_read(mode: str) -> None:
    assert redraw(picture("PNG", mode=mode)).width == 40


def test_what_was_see_through_stands_on_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(BytesIO(redraw(out.getvalue()).data)) as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


def test_where_and_with_what_it_was_taken_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    photo = redraw(picture("JPEG", exif=exif, comment=b"Secret comment"))
    assert b"Secret" not in photo.data and b"Exif" not in photo.data


def test_a_photo_that_lay_on_its_side_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert redraw(picture("JPEG", size=(40, 20), exif=exif)).height == 40


def test_a_large_photo_is_made_smaller() -> None:
    assert redraw(picture("JPEG", size=(4000, 1000))).width == LONGEST_SIDE


def test_what_stands_behind_a_picture_is_gone() -> None:
    assert b"script" not in redraw(picture("GIF") + HTML).data


def test_what_stands_in_a_pictures_notes_is_gone() -> None:
    assert b"script" not in redraw(picture("JPEG", comment=HTML)).data


@pytest.mark.parametrize(
    "data",
    [HTML, SVG, b"", b"\x89PNG\r\n\x1a\n", picture("JPEG", size=(400, 300))[:600], picture("BMP"), picture("TIFF"), b"GIF89a" + HTML, b"%PDF-1.7\n", picture("PNG", size=(300, 300))[:-60]],
    ids=["html", "svg", "empty", "only a mark", "half a jpeg", "bmp", "tiff", "html with a gif's mark", "pdf", "half a png"],
)  # fmt: skip
def test_a_file_that_is_no_whole_photo_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        redraw(data)
    assert caught.value.pointers[0].pointer == "/file"


@pytest.mark.parametrize("side", [8_000, 11_000, 60_000])
def test_a_bomb_is_not_unpacked(side: int) -> None:
    with pytest.raises(TooLarge):
        redraw(bomb(side))
