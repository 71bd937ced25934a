"""Definition and source: what a number means, how it is divided among the units, and what it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from dashboard import rows
from dashboard.frame import Frame
from organisations.models import Organisation
from targets import formats, wording
from targets.absences import Absences
from targets.amounts import EVERY
from targets.models import Indicator
from targets.models.periods import quarter_name
from targets.progress import undivided
from targets.rollup import Progress


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and the sentences under it."""

    term: str
    sentences: tuple[str, ...]


def facts_of(
    row: Progress, indicator: Indicator, absences: Mapping[tuple[int, str], Absences], frame: Frame
) -> Iterator[Fact]:
    """What a reader may ask about the number, in the order of asking; one query for names."""
    yield Fact(_("As promised"), (row.commitment.statement,))
    yield Fact(_("Definition"), _definition(indicator))
    yield Fact(_("Counting rule"), (rows.time_rule_sentence(indicator),))
    yield Fact(_("Unit of measure"), (indicator.unit,))
    yield Fact(_("Lead department"), (indicator.programme.lead.name,))
    if row.units:
        yield Fact(_("Decomposition"), (decomposition_sentence(row, indicator),))
    own = absences.get((row.commitment.pk, row.organisation.code), Absences())
    yield Fact(_("Completeness"), _completeness(row, own, frame))


def _definition(indicator: Indicator) -> tuple[str, ...]:
    sentences = [indicator.definition] if indicator.definition else []
    if indicator.is_ratio:
        sentences.append(
            _("%(numerator)s ÷ %(denominator)s × %(per)s")
            % {
                "numerator": indicator.numerator_label,
                "denominator": indicator.denominator_label,
                "per": formats.number(Fraction(indicator.per)),
            }
        )
    return tuple(sentences) or (indicator.name,)


def decomposition_sentence(row: Progress, indicator: Indicator) -> str:
    """The units' targets against the whole: summed and subtracted, or for ratios compared one by one."""
    goal = wording.goal_value(row)
    parts = [
        (unit.organisation.short_name, value) for unit in row.units if (value := wording.goal_value(unit)) is not None
    ]
    if goal is None or not parts:
        return _("Not divided among the units yet")
    if indicator.is_ratio or indicator.time_rule == EVERY:
        return _compared(parts, goal, indicator)
    rest = undivided(goal, [value for _name, value in parts])
    values = {
        "count": len(parts),
        "total": formats.with_unit(indicator, formats.number(goal - rest)),
        "rest": formats.with_unit(indicator, formats.number(abs(rest))),
    }
    if rest > 0:
        return _("%(count)d units add up to %(total)s: %(rest)s not divided yet") % values
    if rest < 0:
        return _("%(count)d units add up to %(total)s: %(rest)s more than the whole") % values
    return _("%(count)d units add up to %(total)s, the same as the whole ✓") % values


def _compared(parts: Sequence[tuple[str, Fraction]], goal: Fraction, indicator: Indicator) -> str:
    lower = [
        _("%(name)s (%(details)s)") % {"name": name, "details": formats.target(indicator, value)}
        for name, value in parts
        if value < goal
    ]
    values = {
        "count": len(parts),
        "target": formats.with_unit(indicator, formats.target(indicator, goal)),
        "lower": formats.listed(lower),
    }
    if lower:
        return _("%(count)d units have a target; lower than the whole's %(target)s: %(lower)s") % values
    return _("%(count)d units have a target, none lower than the whole's %(target)s ✓") % values


def _completeness(row: Progress, absent: Absences, frame: Frame) -> tuple[str, ...]:
    tally = row.tally
    codes = {*absent.missing, *absent.carried_forward, *(gap.organisation for gap in absent.gaps)}
    names = dict(Organisation.objects.filter(code__in=codes).values_list("code", "short_name"))
    sentences = [
        _("%(approved)d of %(expected)d units approved, %(reported)d counted in this scope")
        % {"approved": tally.approved, "expected": tally.expected, "reported": tally.reported}
    ]
    if tally.not_applicable:
        sentences.append(_("Not applicable in %(count)d units") % {"count": tally.not_applicable})
    missing = [code for code in absent.missing if code not in absent.carried_forward]
    if missing:
        sentences.append(_("Not reported: %(units)s") % {"units": formats.listed([names[code] for code in missing])})
    if absent.carried_forward:
        carried = formats.listed([names[code] for code in absent.carried_forward])
        sentences.append(_("Carried forward from an earlier quarter: %(units)s") % {"units": carried})
    if absent.gaps:
        gaps = [f"{names[gap.organisation]} {quarter_name(gap.quarter)}" for gap in absent.gaps]
        sentences.append(_("Earlier quarters missing from the sum: %(gaps)s") % {"gaps": formats.listed(gaps)})
    return tuple(sentences)
