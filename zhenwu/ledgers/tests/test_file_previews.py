"""Files looked at in the page: nothing of them is run, nothing hidden in a photo is shown, and only who sees the row sees them."""

import io
from datetime import date

import docx
import openpyxl
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from zhenwu.ledgers.files import FileRefused, store
from zhenwu.lib.picturing import PictureError, picture_of
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

PACK = pack(
    "trial", text(1, "name"), 'id = 2\ncode = "papers"\nlabel = "材料"\ntype = "files"', ledger='place = "town"'
)


def photo(width=1600, height=1200, *, orientation=1):
    """A JPEG with a place of taking in its EXIF."""
    image, exif, target = Image.new("RGB", (width, height), "green"), Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    exif[0x010F] = "PHONE-MAKER"
    exif.get_ifd(0x8825).update({1: "N", 2: (29.0, 33.0, 47.0), 3: "E", 4: (106.0, 50.0, 49.0)})
    image.save(target, "JPEG", exif=exif, comment=b"SECRET-COMMENT")
    return target.getvalue()


def pdf(pages=2):
    made, target = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        made.new_page(595, 842)
    made.save(target)
    return target.getvalue()


def xlsx():
    made, target = openpyxl.Workbook(), io.BytesIO()
    made.active.title = "名单"
    for row in [["姓名", "<script>alert(1)</script>"], ["=1+1", date(2020, 1, 5)], *([n, n] for n in range(60))]:
        made.active.append(row)
    made.save(target)
    return target.getvalue()


def word():
    made, target = docx.Document(), io.BytesIO()
    made.add_paragraph("关于<b>整改</b>的报告")
    made.add_paragraph("第二段")
    made.save(target)
    return target.getvalue()


@pytest.fixture
def trial(running, places):  # noqa: F811
    return running(trial=PACK)["trial"]


@pytest.fixture
def kept(lin, trial):
    """`kept(name, content)` → (row, digest) of a row that holds the file."""
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import SourceKind
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Add, Draft

    def make(name, content):
        said = store(SimpleUploadedFile(name, content), by=lin)
        change = commit(Draft("trial", lin, [Add({"name": "甲", "papers": [said]})], Source(SourceKind.FORM)))
        return trial.rows("test").get(change=change), said["sha256"]

    return make


def ask(client, row, digest, what, query=""):
    return client.get(reverse(f"ledgers:file_{what}", args=["trial", row.pk, digest]) + query)


def test_a_photo_is_shown_smaller_upright_and_without_its_place(live, lin, kept):
    row, digest = kept("现场.jpg", photo(orientation=6))
    answer = ask(live(lin), row, digest, "picture", "?size=small")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    shown = Image.open(io.BytesIO(answer.content))
    assert shown.size == (480, 640)  # turned as it was held
    assert not shown.getexif()
    assert not any(word in answer.content for word in (b"PHONE-MAKER", b"SECRET-COMMENT", b"Exif"))
    page = live(lin).get(reverse("ledgers:row", args=["trial", row.pk])).content.decode()
    assert f"{digest}/picture/?size=small" in page
    assert f"{digest}/preview/" in page


def test_a_transparent_picture_gets_a_white_ground():
    target = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(target, "PNG")
    assert Image.open(io.BytesIO(picture_of(target.getvalue(), "image/png", width=100))).getpixel((5, 5)) == (
        255,
        255,
        255,
    )


def test_of_a_pdf_the_first_page_is_drawn(live, lin, kept):
    row, digest = kept("报告.pdf", pdf())
    client = live(lin)
    drawn = Image.open(io.BytesIO(ask(client, row, digest, "picture").content))
    assert drawn.width == 1200
    assert "只显示第一页" in ask(client, row, digest, "preview").content.decode()


def test_of_a_sheet_the_first_rows_are_an_escaped_table(live, lin, kept):
    row, digest = kept("名单.xlsx", xlsx())
    page = ask(live(lin), row, digest, "preview").content.decode()
    assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in page
    assert "<script>alert" not in page
    assert "<td>2020-01-05</td>" in page
    assert "后面还有 12 行" in page


def test_a_csv_is_taken_by_its_content_and_shown_in_any_encoding(live, lin, kept):
    row, digest = kept("名单.csv", "姓名,村\n王青,青山村\n".encode("gb18030"))
    assert "<td>青山村</td>" in ask(live(lin), row, digest, "preview").content.decode()
    for wrong in (b"<html><script>1</script>", b"\0\1\2", b"#!/bin/sh\n"):
        with pytest.raises(FileRefused, match=r"不是照片.*csv"):
            store(SimpleUploadedFile("a.csv", wrong), by=lin)


def test_of_a_document_the_words_are_shown(live, lin, kept):
    row, digest = kept("报告.docx", word())
    page = ask(live(lin), row, digest, "preview").content.decode()
    assert "<p>关于&lt;b&gt;整改&lt;/b&gt;的报告</p>" in page
    assert "<p>第二段</p>" in page
    assert ask(live(lin), row, digest, "picture").status_code == 404


@pytest.mark.parametrize("content", [b"%PDF-1.7 broken", pdf()[:200]])
def test_a_broken_file_says_so_and_can_be_downloaded(live, lin, kept, content):
    row, digest = kept("坏.pdf", content)
    answer = ask(live(lin), row, digest, "picture")
    assert answer.status_code == 415
    assert "打不开" in answer.content.decode()
    assert ask(live(lin), row, digest, "preview").status_code == 200


def test_a_picture_of_very_many_points_is_not_drawn():
    target = io.BytesIO()
    Image.new("1", (30_000, 3_000)).save(target, "PNG")
    with pytest.raises(PictureError, match="太大"):
        picture_of(target.getvalue(), "image/png", width=100)


def test_previews_are_for_who_sees_the_row_and_for_its_own_files(live, lin, chen, kept):
    row, digest = kept("现场.jpg", photo(80, 60))
    other, _ = kept("别的.pdf", pdf())
    for what in ("picture", "preview"):
        assert ask(live(lin), row, digest, what).status_code == 200
        assert ask(live(lin), other, digest, what).status_code == 404
        assert ask(live(chen), row, digest, what).status_code == 404  # a town's ledger is not for villages
