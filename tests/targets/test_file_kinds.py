"""What a file is, told by its content: every accepted kind, everything else, and bytes that mean harm."""

import io
import random
import struct
import time
import zipfile

import pytest

from targets import file_kinds
from targets.file_kinds import KINDS, kind_of, served_name
from targets.problems import Refused
from tests.targets import files
from tests.targets.files import compound, packed

KPPT = "PowerPoint Document"
ENCRYPTED_DOC = b"\xec\xa5\xc1\0\0\0\0\0\0\0\0\x01"
PLAIN_DOC = b"\xec\xa5\xc1\0\0\0\0\0\0\0\0\x02"
RECORDS = struct.pack("<HH16x", 0x809, 16)
LOCKED_XLS = RECORDS + struct.pack("<HH54x", 0x2F, 54)
PPT_WITH_MACROS = b"\x0f\0\xff\x03\x14\0\0\0" + b"\x02\0\0\x04\x0c\0\0\0" + struct.pack("<III", 7, 1, 2)
PPT_WITHOUT = b"\x0f\0\xff\x03\x14\0\0\0" + b"\x02\0\0\x04\x0c\0\0\0" + struct.pack("<III", 7, 0, 2)

ACCEPTED = {
    "pdf": (files.PDF, file_kinds.PDF),
    "png": (files.PNG, file_kinds.PNG),
    "jpeg": (files.JPEG, file_kinds.JPEG),
    "gif": (files.GIF, file_kinds.GIF),
    "webp": (files.WEBP, file_kinds.WEBP),
    "docx": (files.docx(), file_kinds.DOCX),
    "docx of Word on the web": (packed("word/document2.xml", types=files.WORD), file_kinds.DOCX),
    "docx with a workbook in it": (
        packed("word/document.xml", "word/embeddings/a.xlsx", types=files.WORD),
        file_kinds.DOCX,
    ),
    "xlsx": (files.xlsx(), file_kinds.XLSX),
    "pptx": (packed("ppt/presentation.xml", types=files.SLIDES), file_kinds.PPTX),
    "pptx, not compressed": (
        packed("ppt/presentation.xml", types=files.SLIDES, compression=zipfile.ZIP_STORED),
        file_kinds.PPTX,
    ),
    "ofd": (packed("OFD.xml", "Doc_0/Document.xml"), file_kinds.OFD),
    "doc": (compound("WordDocument", content=PLAIN_DOC), file_kinds.DOC),
    "doc with large sectors": (compound("WordDocument", shift=12), file_kinds.DOC),
    "xls": (files.xls(), file_kinds.XLS),
    "xls of the nineties": (compound("Book", content=RECORDS), file_kinds.XLS),
    "xls with a document in it": (compound("Workbook", embedded="WordDocument"), file_kinds.XLS),
    "ppt": (compound(KPPT, content=PPT_WITHOUT), file_kinds.PPT),
}
REFUSED = {
    "nothing": (b"", "empty_file"),
    "blanks": (b" \r\n\0", "empty_file"),
    "half a pdf": (files.PDF[:40], "damaged_file"),
    "pdf with a password": (files.PDF.replace(b"/Root", b"/Encrypt 9 0 R /Root"), "password"),
    "half a png": (files.PNG[:30], "damaged_file"),
    "heic": (files.HEIC, "heic"),
    "html": (b"<!doctype html><script>alert(1)</script>", "other_kind"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "other_kind"),
    "text": ("海曙区民政局".encode(), "other_kind"),
    "program": (b"MZ\x90\0" + b"\0" * 200, "other_kind"),
    "program for linux": (b"\x7fELF" + b"\0" * 200, "other_kind"),
    "script": (b"#!/bin/sh\nrm -rf /\n", "other_kind"),
    "program with a pdf in it": (b"MZ" + files.PDF, "other_kind"),
    "zip": (packed("报告.pdf"), "archive"),
    "empty zip": (packed(), "archive"),
    "rar": (b"Rar!\x1a\x07\0" + b"x" * 50, "archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + b"x" * 50, "archive"),
    "gz": (b"\x1f\x8b\x08" + b"x" * 50, "archive"),
    "half a docx": (files.docx()[:60], "damaged_file"),
    "zip with a password": (files.with_password(packed("报告.pdf")), "password"),
    "docx with a password": (compound("EncryptionInfo", "EncryptedPackage"), "password"),
    "docm": (packed("word/document.xml", types=files.MACRO_WORD), "macros"),
    "docx with macros": (packed("word/document.xml", "word/vbaProject.bin", types=files.WORD), "macros"),
    "xlsx with old macros": (packed("xl/workbook.xml", "xl/macrosheets/s.xml", types=files.SHEET), "macros"),
    "docx in name only": (packed("xl/workbook.xml", types=files.WORD), "other_kind"),
    "xlsb": (packed("xl/workbook.bin", types="application/vnd.ms-excel.sheet.binary.main"), "other_kind"),
    "odt": (packed("mimetype", "content.xml"), "archive"),
    "jar": (packed("META-INF/MANIFEST.MF", "Main.class"), "archive"),
    "doc with a password": (compound("WordDocument", content=ENCRYPTED_DOC), "password"),
    "doc with macros": (compound("WordDocument", embedded="_VBA_PROJECT"), "macros"),
    "xls with a password": (compound("Workbook", content=LOCKED_XLS), "password"),
    "xls with macros": (compound("Workbook", "_VBA_PROJECT_CUR"), "macros"),
    "ppt with a password": (compound(KPPT, "EncryptedSummary"), "password"),
    "ppt with macros": (compound(KPPT, content=PPT_WITH_MACROS), "macros"),
    "msi": (compound("!_Tables"), "other_kind"),
    "msg with a document in it": (compound("__properties", embedded="WordDocument"), "other_kind"),
    "half a doc": (compound("WordDocument")[:700], "damaged_file"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted(name: str) -> None:
    data, kind = ACCEPTED[name]
    assert kind_of(data) == kind


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_with_one_sentence(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(Refused) as caught:
        kind_of(data)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.problems[0].message


def test_a_zip_bomb_is_not_unpacked() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types ContentType="{files.WORD}">' + " " * 60_000_000)
        archive.writestr("word/document.xml", b"\0" * 60_000_000)
    started = time.process_time()
    assert kind_of(stream.getvalue()) == file_kinds.DOCX
    assert time.process_time() - started < 0.2


def test_a_zip_with_too_many_parts_is_not_listed() -> None:
    with pytest.raises(Refused) as caught:
        kind_of(packed("word/document.xml", *(f"p/{number}" for number in range(5000)), types=files.WORD))
    assert [problem.code for problem in caught.value.problems] == ["damaged_file"]


def test_two_parts_of_one_name_are_no_document() -> None:
    stream = io.BytesIO(files.docx())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("WORD/DOCUMENT.XML", "<y/>")
    with pytest.raises(Refused):
        kind_of(stream.getvalue())


def test_a_directory_that_leads_back_to_itself_ends() -> None:
    """Every row points to the next one twice: followed as a tree, this would take 2 ** 60 steps."""
    forged = bytearray(compound(*(f"s{number}" for number in range(60)), "WordDocument"))
    start = forged.find("Root Entry".encode("utf-16-le"))
    for number in range(1, 61):
        struct.pack_into("<II", forged, start + 128 * number + 68, number + 1, number + 1)
    assert kind_of(bytes(forged)) == file_kinds.DOC
    table = bytearray(compound("WordDocument"))
    struct.pack_into("<I", table, 512 + 4 * 9, 9)  # the directory's sector follows itself
    with pytest.raises(Refused):
        kind_of(bytes(table))


@pytest.mark.parametrize("name", ACCEPTED)
def test_no_changed_byte_breaks_the_reader(name: str) -> None:
    dice = random.Random(name)
    data, _kind = ACCEPTED[name]
    for _try in range(150):
        changed = bytearray(data)
        for _byte in range(dice.randint(1, 8)):
            changed[dice.randrange(min(len(changed), 4000))] = dice.randrange(256)
        try:
            found = kind_of(bytes(changed[: dice.choice([len(data), dice.randrange(len(data))])]))
        except Refused:
            continue
        assert found in KINDS.values()


@pytest.mark.parametrize(
    ("name", "kind", "served"),
    [
        ("报告.pdf", file_kinds.PDF, "报告.pdf"),
        ("报告.PDF", file_kinds.PDF, "报告.PDF"),
        ("报告.pdf", file_kinds.DOCX, "报告.docx"),
        ("照片.jpeg", file_kinds.JPEG, "照片.jpeg"),
        ("照片.png", file_kinds.JPEG, "照片.jpg"),
        ("通知.wps", file_kinds.DOC, "通知.wps"),
        ("通知.wps", file_kinds.DOCX, "通知.wps"),
        ("表.et", file_kinds.XLS, "表.et"),
        ("2020.9月材料", file_kinds.PDF, "2020.9月材料.pdf"),
        ("材料", file_kinds.OFD, "材料.ofd"),
        ("坏.exe", file_kinds.PDF, "坏.exe.pdf"),
        ("页.html", file_kinds.PNG, "页.html.png"),
        (".pdf", file_kinds.PDF, ".pdf.pdf"),
    ],
)
def test_the_served_name_never_contradicts_the_content(name: str, kind: file_kinds.FileKind, served: str) -> None:
    assert served_name(name, kind.media_type) == served
