"""Files as they come in: the name that is kept of them, and what tells two of them apart."""

import hashlib
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

NAME_LENGTH = 255
LONGEST_EXTENSION = 10
# Invisible: control characters, those that turn the direction of the text, ends of lines and paragraphs.
UNSEEN = ("Cc", "Cf", "Zl", "Zp")


def readable_name(name: str) -> str:
    """The last part of a path in composed letters, without invisible characters; the extension outlives any cut.

    "" when nothing remains that could name a file.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode().replace("\\", "/"))
    seen = "".join(character for character in text if unicodedata.category(character) not in UNSEEN)
    path = PurePosixPath(PurePosixPath(seen).name.strip())
    if not path.name.strip("."):
        return ""
    extension = path.suffix if len(path.suffix) <= LONGEST_EXTENSION else ""
    return path.name[: NAME_LENGTH - len(extension)].removesuffix(extension) + extension


def digest_of(chunks: Iterable[bytes]) -> str:
    """The SHA-256 of a content, as the record names it."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
