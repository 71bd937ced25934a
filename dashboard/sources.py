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
from targets.models import Indicator
from targets.models.periods import quarter_name
from targets.progress import AT_MOST, Goal, is_divided, weigh
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
    goal = row.target.goal if row.target else None
    parts = {
        unit.organisation.short_name: value for unit in row.units if (value := wording.goal_value(unit)) is not None
    }
    if goal is None or not parts:
        return _("Not divided among the units yet")
    weighed = weigh(goal, parts, divided=is_divided(indicator.time_rule, is_ratio=indicator.is_ratio))
    rest = weighed.rest
    if rest is None:
        return _compared(parts, goal, weighed.easier, indicator)
    values = {
        "count": len(parts),
        "total": formats.with_unit(indicator, formats.number(goal.target - rest)),
        "rest": formats.with_unit(indicator, formats.number(abs(rest))),
    }
    if rest > 0:
        return _("%(count)d units add up to %(total)s: %(rest)s not divided yet") % values
    if rest < 0:
        return _("%(count)d units add up to %(total)s: %(rest)s more than the whole") % values
    return _("%(count)d units add up to %(total)s, the same as the whole ✓") % values


def _compared(parts: Mapping[str, Fraction], goal: Goal, easier: Sequence[str], indicator: Indicator) -> str:
    named = [
        _("%(name)s (%(details)s)") % {"name": name, "details": formats.target(indicator, parts[name])}
        for name in easier
    ]
    values = {
        "count": len(parts),
        "target": formats.with_unit(indicator, formats.target(indicator, goal.target)),
        "units": formats.listed(named),
    }
    if goal.comparator == AT_MOST:
        if easier:
            return _("%(count)d units have a target; higher than the whole's %(target)s: %(units)s") % values
        return _("%(count)d units have a target, none higher than the whole's %(target)s ✓") % values
    if easier:
        return _("%(count)d units have a target; lower than the whole's %(target)s: %(units)s") % values
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
