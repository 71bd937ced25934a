"""The directory of an OLE2 compound file, which .doc, .xls and .ppt are: what lies in it, without unpacking anything.

xlrd reads such directories too, but follows their tree, which a forged file makes endless; here each sector is
looked at once.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECTOR_SHIFTS = (9, 12)
LARGEST_SECTOR = 0xFFFFFFFA  # what is above marks the end of a chain, or a sector that is none
ENTRY_BYTES = 128
UNUSED, ROOT = 0, 5  # kinds of entries that are nothing by themselves
SMALL_STREAM = 4096  # shorter streams lie together in one of their own


@dataclass(frozen=True, slots=True)
class Entry:
    """One storage or stream by its name in small letters; `beginning` is a long stream's first sector.

    What is not `at_top` belongs to something that is embedded, or to a storage such as that of the macros.
    """

    name: str
    beginning: bytes
    at_top: bool


def read_entries(data: bytes) -> list[Entry]:
    """Every storage and stream of the file; raises ValueError when it is broken."""
    try:
        return list(_Directory(data).entries())
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("broken compound file") from error


class _Directory:
    def __init__(self, data: bytes) -> None:
        self.data = data
        (shift,) = struct.unpack_from("<H", data, 30)
        if not data.startswith(SIGNATURE) or shift not in SECTOR_SHIFTS:
            raise ValueError("no compound file")
        self.sector_size = 1 << shift
        self.sector_count = len(data) // self.sector_size
        self.table = self._table()

    def entries(self) -> Iterator[Entry]:
        rows = [row for sector in self._chain() for row in self._rows(sector)]
        top = _siblings(rows)
        for number, row in enumerate(rows):
            if row[66] not in (UNUSED, ROOT):
                first, size = struct.unpack_from("<II", row, 116)
                beginning = self._content(first) if size >= SMALL_STREAM else b""
                yield Entry(_name(row), beginning, number in top)

    def _chain(self) -> Iterator[int]:
        (sector,) = struct.unpack_from("<I", self.data, 48)
        for _step in range(self.sector_count):
            if sector > LARGEST_SECTOR:
                return
            yield sector
            sector = self._next(sector)
        raise ValueError("endless directory")

    def _rows(self, sector: int) -> Iterator[bytes]:
        content = self._content(sector)
        for start in range(0, self.sector_size, ENTRY_BYTES):
            row = content[start : start + ENTRY_BYTES]
            if len(row) < ENTRY_BYTES:
                raise ValueError("the file ends within its directory")
            yield row

    def _table(self) -> list[int]:
        """The sectors that say which sector follows which: the first 109 stand in the header, the others in a chain."""
        table = list(struct.unpack_from("<109I", self.data, 76))
        (sector,) = struct.unpack_from("<I", self.data, 68)
        for _step in range(self.sector_count):
            if sector > LARGEST_SECTOR:
                break
            *more, sector = struct.unpack(f"<{self.sector_size // 4}I", self._content(sector))
            table += more
        return [each for each in table if each <= LARGEST_SECTOR]

    def _next(self, sector: int) -> int:
        block, place = divmod(sector, self.sector_size // 4)
        (following,) = struct.unpack_from("<I", self._content(self.table[block]), place * 4)
        return int(following)

    def _content(self, sector: int) -> bytes:
        start = (sector + 1) * self.sector_size
        return self.data[start : start + self.sector_size]


def _name(row: bytes) -> str:
    (length,) = struct.unpack_from("<H", row, 64)
    return row[: min(length, 64)].decode("utf-16-le").rstrip("\0").lower()


def _siblings(rows: list[bytes]) -> set[int]:
    """The numbers of the rows right below the root, each looked at once however the file may link them."""
    seen: set[int] = set()
    waiting = list(struct.unpack_from("<I", rows[0], 76))
    while waiting:
        number = waiting.pop()
        if number < len(rows) and number not in seen:
            seen.add(number)
            waiting += struct.unpack_from("<II", rows[number], 68)
    return seen
