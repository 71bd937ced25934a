"""Indicators × units as a table of completions, and the units as squares on a map."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard import charts, rows
from dashboard.frame import Frame
from organisations.choices import OrganisationKind
from organisations.models import Organisation
from targets import formats, statuses, wording
from targets.progress import Status, on_track
from targets.rollup import Progress, RollUp
from targets.statuses import Badge

# A unit's square: from which share of its judged commitments met or on pace it has the better colours.
MOSTLY_ON_TRACK, HALF_ON_TRACK = 0.8, 0.5
LONGEST_NAME = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """One unit's standing in one commitment; `partial`: it has a value without a report this quarter."""

    badge: Badge
    text: str
    title: str
    url: str
    partial: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    code: str
    name: str
    url: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Empty without a unit or a commitment. `has_partial` when a cell needs the remark on partial values."""

    columns: tuple[Column, ...]
    rows: tuple[MatrixRow, ...]
    has_partial: bool


def matrix_of(rolled: RollUp, frame: Frame) -> Matrix:
    """The districts and zones, and the commitments that at least one of them reports."""
    units = territorial(rolled.children)
    lines = []
    for row in rolled.numbers:
        by_unit = {unit.organisation.pk: unit for unit in row.units}
        cells = tuple(_cell(by_unit[unit.pk], frame) if unit.pk in by_unit else None for unit in units)
        if any(cells):
            indicator = row.indicator
            lines.append(MatrixRow(row.commitment.code, indicator.name, frame.url("indicator", indicator.code), cells))
    columns = tuple(Column(unit.short_name, frame.url("organisation", unit.code)) for unit in units)
    return Matrix(columns, tuple(lines), any(cell and cell.partial for line in lines for cell in line.cells))


def territorial(units: Sequence[Organisation]) -> list[Organisation]:
    return [unit for unit in units if unit.kind in (OrganisationKind.DISTRICT, OrganisationKind.ZONE)]


def _cell(row: Progress, frame: Frame) -> Cell:
    badge = wording.badge_of(row)
    url = frame.url("organisation", row.organisation.code, fragment=rows.anchor(row.commitment.code))
    title = _("%(unit)s, %(indicator)s: %(value)s, %(status)s") % {
        "unit": row.organisation.short_name,
        "indicator": row.indicator.name,
        "value": formats.listed([text for text in (wording.value_text(row), wording.completion_text(row)) if text]),
        "status": badge.word,
    }
    return Cell(badge, _cell_text(row, badge), title, url, rows.is_partial(row))


def _cell_text(row: Progress, badge: Badge) -> str:
    if row.verdict.kept is not None:
        return f"{row.verdict.kept}/{len(row.amounts)}"
    if row.verdict.completion is not None:
        return wording.completion_text(row, places=0).removesuffix(formats.PERCENT_SIGN)
    if row.amount is None:
        return str(badge.word)
    return wording.value_text(row)


# ---- the tile map


@dataclass(frozen=True, slots=True)
class Tile:
    """One unit: its name and how many of its judged commitments are met or on pace ("4/6")."""

    place: charts.TilePlace
    badge: Badge
    name: str
    count: str
    title: str
    url: str

    @property
    def is_long(self) -> bool:
        """Whether the name needs smaller letters to stand in the square."""
        return len(self.name) > LONGEST_NAME


@dataclass(frozen=True, slots=True)
class TileMap:
    box: str
    tiles: tuple[Tile, ...]


def tile_map_of(rolled: RollUp, frame: Frame) -> TileMap | None:
    """The units that have a place on the map; None when none has."""
    placed = [
        (unit, unit.tile_column, unit.tile_row)
        for unit in rolled.children
        if unit.tile_column is not None and unit.tile_row is not None
    ]
    if not placed:
        return None
    tiles = tuple(_tile(unit, column, row, rolled, frame) for unit, column, row in placed)
    return TileMap(charts.map_box((column, row) for _unit, column, row in placed), tiles)


def unit_count(own: Sequence[Progress]) -> tuple[int, int]:
    """How many commitments are met or on pace, of how many that can be judged by now.

    Under way (nothing is expected before the year's end) and without a target of its own cannot be.
    """
    judged = [row.verdict.status for row in own if row.verdict.status not in (None, Status.RUNNING)]
    return on_track(judged), len(judged)


def rows_of_unit(rolled: RollUp, unit: Organisation) -> list[Progress]:
    return [part for row in rolled.numbers for part in row.units if part.organisation == unit]


def _tile(unit: Organisation, column: int, row: int, rolled: RollUp, frame: Frame) -> Tile:
    own = rows_of_unit(rolled, unit)
    good, judged = unit_count(own)
    title = _("%(unit)s: %(good)d of %(judged)d judged indicators met or on pace") % {
        "unit": unit.name,
        "good": good,
        "judged": judged,
    }
    return Tile(
        place=charts.tile_place(column, row),
        badge=_tile_badge(own, good, judged),
        name=unit.short_name,
        count=f"{good}/{judged}",
        title=title,
        url=frame.url("organisation", unit.code),
    )


def _tile_badge(own: Sequence[Progress], good: int, judged: int) -> Badge:
    if not judged or not any(row.tally.reported for row in own):
        return statuses.STATUS_BADGES[Status.MISSING]
    if good >= judged * MOSTLY_ON_TRACK:
        return statuses.STATUS_BADGES[Status.ON_PACE]
    return statuses.STATUS_BADGES[Status.BEHIND if good >= judged * HALF_ON_TRACK else Status.FAR_BEHIND]
