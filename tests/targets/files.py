"""Files of every kind as bytes, small and made up, for the tests of evidence."""

import io
import struct
import zipfile

import xlsxwriter
import xlwt

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9"
GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L\r\0\0\0/\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40

OPEN = "application/vnd.openxmlformats-officedocument"
WORD = f"{OPEN}.wordprocessingml.document.main+xml"
SHEET = f"{OPEN}.spreadsheetml.sheet.main+xml"
SLIDES = f"{OPEN}.presentationml.presentation.main+xml"
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"
ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")
NOTHING, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def packed(*names: str, types: str = "", compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of parts with these names; with `types` an Office package whose main part has that type."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        if types:
            part = f'<Types><Override PartName="/{names[0]}" ContentType="{types}"/></Types>'
            archive.writestr(zipfile.ZipInfo("[Content_Types].xml"), part, compression)
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "<x/>", compression)
    return stream.getvalue()


def docx() -> bytes:
    return packed("word/document.xml", types=WORD)


def xlsx() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet("养老").write(0, 0, "床位")
    return stream.getvalue()


def xls() -> bytes:
    book, stream = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("养老").write(0, 0, "床位")
    book.save(stream)
    return stream.getvalue()


def with_password(data: bytes) -> bytes:
    """The zip with every part marked as encrypted, in its headers and in its directory."""
    marked = bytearray(data)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = marked.find(signature)
        while found >= 0:
            marked[found + place] |= 1
            found = marked.find(signature, found + 4)
    return bytes(marked)


def compound(*streams: str, content: bytes = b"", embedded: str = "", shift: int = 9) -> bytes:
    """An OLE2 file with these streams right below its root, and one more in a storage of its own when `embedded`."""
    size = 1 << shift
    rows = [("Root Entry", 5, NOTHING, 1)]
    for number, name in enumerate(streams, start=1):
        rows.append((name, 2, number + 1 if number < len(streams) or embedded else NOTHING, NOTHING))
    if embedded:
        rows += [("Storage", 1, NOTHING, len(rows) + 1), (embedded, 2, NOTHING, NOTHING)]
    body = content.ljust(4096, b"\0")
    directory = b""
    for name, kind, right, child in rows:
        text = name.encode("utf-16-le") + b"\0\0"
        first = 1 if kind == 2 else END
        directory += ENTRY.pack(text, len(text), kind, 1, NOTHING, right, child, b"", 0, 0, 0, first, len(body))
    directory += b"\0" * (-len(directory) % size)
    data = body + b"\0" * (-len(body) % size)
    first_of_directory = 1 + len(data) // size
    chains = [TABLE, *_chain(1, len(data) // size), *_chain(first_of_directory, len(directory) // size)]
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(size, b"\xff")
    header = bytearray(size)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, shift, 6)
    struct.pack_into("<IIIIIIII", header, 44, 1, first_of_directory, 0, 4096, END, 0, END, 0)
    struct.pack_into("<109I", header, 76, 0, *[NOTHING] * 108)
    return bytes(header) + table + data + directory


def _chain(first: int, length: int) -> list[int]:
    return [*range(first + 1, first + length), END]
