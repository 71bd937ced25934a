"""Writing the tree of organisations."""

import csv
import io
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from organisations.models import Organisation

COLUMNS = ("code", "parent", "kind", "name", "short_name", "aliases", "communities", "villages")
OPTIONAL_COLUMNS = ("tile_column", "tile_row")


@transaction.atomic
def save_organisation(organisation: Organisation) -> Organisation:
    """Validates and saves one unit, and writes the paths of it and of all below it.

    Raises ValidationError, also when the unit would stand below itself.
    """
    parent = organisation.parent
    old_path = organisation.path
    if parent is not None and old_path and parent.path.startswith(old_path):
        raise ValidationError({"parent": _("%(name)s cannot stand below itself.") % {"name": organisation.name}})
    organisation.path = f"{parent.path if parent else ''}{organisation.code}/"
    organisation.full_clean()
    organisation.save()
    if old_path and old_path != organisation.path:
        moved = list(Organisation.objects.filter(path__startswith=old_path).exclude(pk=organisation.pk))
        for unit in moved:
            unit.path = organisation.path + unit.path.removeprefix(old_path)
        bulk_update_with_history(
            moved, Organisation, ["path"], default_change_reason=_("Moved with %(name)s") % {"name": organisation.name}
        )
    return organisation


class RowErrors(Exception):
    """A file of organisations is refused; `messages` names every fault with its line."""

    def __init__(self, messages: list[str]):
        self.messages = messages
        super().__init__("\n".join(messages))


@transaction.atomic
def load_organisations(content: str) -> dict[str, int]:
    """Creates and updates the units of a CSV text; {"created", "updated", "unchanged"} counts them.

    The order of the lines is the order of display. Units that the file does not name stay as they are.
    Raises RowErrors with all faults; then nothing has changed.
    """
    reader = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")))
    absent = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if absent:
        raise RowErrors([_("Line 1: the columns %(names)s are missing.") % {"names": ", ".join(absent)}])
    known = {unit.code: unit for unit in Organisation.objects.select_related("parent")}
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    errors: list[str] = []
    seen: set[str] = set()
    for position, row in enumerate(reader, start=1):
        try:
            counts[_load_row(row, position, known, seen)] += 1
        except ValidationError as error:
            errors += [
                _("Line %(line)d (%(code)s): %(message)s")
                % {"line": reader.line_num, "code": row.get("code") or "–", "message": message}
                for message in error.messages
            ]
    if not errors:
        _mend_paths()
    if not errors and not seen:
        errors.append(_("The file names no organisation."))
    if errors:
        raise RowErrors(errors)
    return counts


def _load_row(row: Mapping[str, str | None], position: int, known: dict[str, Organisation], seen: set[str]) -> str:
    code = (row["code"] or "").strip()
    if code in seen:
        raise ValidationError(_("This code stands in the file twice."))
    seen.add(code)
    unit = known.get(code) or Organisation(code=code)
    before = {field: getattr(unit, field) for field in _FIELDS}
    parent_code = (row["parent"] or "").strip()
    if parent_code and parent_code not in known:
        raise ValidationError(_("The parent %(code)s is not known; it must stand above.") % {"code": parent_code})
    unit.parent = known[parent_code] if parent_code else None
    unit.kind = (row["kind"] or "").strip()
    unit.name, unit.short_name = (row["name"] or "").strip(), (row["short_name"] or "").strip()
    unit.aliases = "\n".join(part.strip() for part in (row["aliases"] or "").split(";") if part.strip())
    unit.position = position
    for column in ("communities", "villages", *OPTIONAL_COLUMNS):
        setattr(unit, column, _whole_number(column, row.get(column)))
    if unit.pk and before == {field: getattr(unit, field) for field in _FIELDS}:
        return "unchanged"
    created = unit.pk is None
    known[code] = save_organisation(unit)
    return "created" if created else "updated"


def _mend_paths() -> None:
    """Writes every path anew from the parents: lines of one file may have moved a unit and what stands above it."""
    units = list(Organisation.objects.order_by("pk"))
    by_id = {unit.pk: unit for unit in units}

    def path_of(unit: Organisation) -> str:
        above = path_of(by_id[unit.parent_id]) if unit.parent_id else ""
        return f"{above}{unit.code}/"

    wrong = [unit for unit in units if unit.path != path_of(unit)]
    for unit in wrong:
        unit.path = path_of(unit)
    bulk_update_with_history(wrong, Organisation, ["path"], default_change_reason=_("Moved with another unit"))


_FIELDS = (
    "parent_id", "kind", "name", "short_name", "aliases", "position", "communities", "villages", *OPTIONAL_COLUMNS,
)  # fmt: skip


def _whole_number(column: str, text: str | None) -> int | None:
    text = (text or "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise ValidationError(
            _("“%(text)s” in column %(column)s is not a whole number.") % {"text": text, "column": column}
        )
    return int(text)
