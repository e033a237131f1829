"""Pictures for looking at: of photos smaller, upright and without what the camera wrote into them (place, device, time); of a
PDF its first page.

Files come from anywhere and decoders have faults, so each picture is made in a process of its own with little memory and time:
`python -m zhenwu.lib.picturing KIND WIDTH` reads the file from stdin and writes a JPEG.
"""

import io
import resource
import subprocess
import sys
from typing import Final

KINDS: Final = {"image/jpeg": "image", "image/png": "image", "application/pdf": "pdf"}
_MEMORY: Final = 1 << 30
_SECONDS: Final = 20
_MOST_PIXELS: Final = 80_000_000  # three bytes each stay well below the memory
_UNREADABLE: Final = 3
_LARGE: Final = 4


class PictureError(Exception):
    """No picture can be made. The message (Chinese) says why."""


def picture_of(content: bytes, mime: str, *, width: int) -> bytes:
    """A JPEG of at most this width. Raises PictureError."""
    command = [sys.executable, "-m", "zhenwu.lib.picturing", KINDS[mime], str(width)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS * 2, check=False)
    except subprocess.TimeoutExpired:
        raise PictureError("这个文件太复杂，没能在限定时间内画出预览。请下载后查看。") from None
    if done.returncode == 0 and done.stdout:
        return done.stdout
    if done.returncode == _LARGE:
        raise PictureError("图片太大，不能预览。请下载后查看。")
    raise PictureError("这个文件打不开，可能已损坏或加了密码。请下载后查看。")


def _image(content: bytes, width: int) -> bytes:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # judged here, with an answer of its own
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            sys.exit(_LARGE)
        opened.draft("RGB", (width * 2, width * 2))  # a JPEG is decoded no larger than needed
        upright = ImageOps.exif_transpose(opened)
        return _jpeg(upright, width)


def _pdf(content: bytes, width: int) -> bytes:
    import pypdfium2

    with pypdfium2.PdfDocument(content) as document:
        page = document[0]
        across, down = page.get_size()
        if not (across > 0 and 0 < down <= across * 10):
            sys.exit(_LARGE)
        return _jpeg(page.render(scale=width / across).to_pil(), width)


def _jpeg(image: "Image.Image", width: int) -> bytes:  # type: ignore[name-defined]  # noqa: F821  imported in the child only
    from PIL import Image

    image.thumbnail((width, width * 10))
    plain = Image.new("RGB", image.size, "white")  # nothing but pixels goes on: no EXIF, no profile, no comment
    shown = image.convert("RGBA")
    plain.paste(shown, mask=shown)
    target = io.BytesIO()
    plain.save(target, "JPEG", quality=82, optimize=True)
    return target.getvalue()


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    kind, width = sys.argv[1], int(sys.argv[2])
    content = sys.stdin.buffer.read()
    try:
        made = {"image": _image, "pdf": _pdf}[kind](content, width)
    except Exception:  # whatever a decoder raises, the file is not readable
        sys.exit(_UNREADABLE)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    _main()
