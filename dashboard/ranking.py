"""The units behind one commitment, the furthest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard import rows
from dashboard.frame import Frame
from targets import formats, progress, wording
from targets.rollup import Progress
from targets.statuses import Badge


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit: `rank` is a dash without a completion, `parts` are a ratio's numerator and denominator."""

    rank: str
    anchor: str
    name: str
    url: str
    bar: wording.Bar
    value: str
    parts: str
    target: str
    completion: str
    badge: Badge
    remark: str


def rank_units(units: Sequence[Progress], frame: Frame) -> tuple[UnitRow, ...]:
    """By completion, ties share a rank; units without one follow in the order of display."""
    ranks = progress.ranks([unit.verdict.completion for unit in units])
    ordered = sorted(zip(ranks, units, strict=True), key=lambda pair: (pair[0] is None, pair[0] or 0))
    return tuple(_unit_row(rank, unit, frame) for rank, unit in ordered)


def _unit_row(rank: int | None, unit: Progress, frame: Frame) -> UnitRow:
    amount = unit.amount
    return UnitRow(
        rank=formats.DASH if rank is None else str(rank),
        anchor=f"unit-{unit.organisation.code}",
        name=unit.organisation.short_name,
        url=frame.url("organisation", unit.organisation.code, fragment=rows.anchor(unit.commitment.code)),
        bar=wording.progress_bar(unit),
        value=wording.value_text(unit),
        parts=formats.amount_parts(amount.numerator, amount.denominator) if amount and amount.denominator else "",
        target=wording.target_text(unit),
        completion=wording.completion_text(unit),
        badge=wording.badge_of(unit),
        remark=_remark(unit),
    )


def _remark(unit: Progress) -> str:
    """Why the value may be less than the truth: nothing this quarter, or nothing in an earlier one."""
    remarks = []
    if unit.tally.carried_forward:
        remarks.append(_("carried forward"))
    elif rows.is_partial(unit):
        remarks.append(_("this quarter not reported"))
    if unit.gap_count:
        remarks.append(_("earlier quarters missing: %(count)d") % {"count": unit.gap_count})
    return formats.listed(remarks)
