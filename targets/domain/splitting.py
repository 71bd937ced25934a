"""A start for dividing a city's target over the units: a proposal, which nobody has to take ("decomposition")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations.models import Organisation
from targets.models import Plan, Target
from targets.models.fields import AMOUNT_PLACES
from targets.problems import Problem, Refused
from targets.progress import is_divided, split
from targets.rollup import Progress, roll_up


class Basis(models.TextChoices):
    """In what proportion a target is divided."""

    LAST_YEAR = "last_year", gettext_lazy("By last year's share")
    EQUALLY = "equally", gettext_lazy("Equally")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value for each unit, in the indicator's unit; None where it would only report. `basis` says what it rests on.

    The parts add up to the city's target exactly.
    """

    parts: tuple[Fraction | None, ...]
    basis: str


def propose_split(city: Target | None, units: Sequence[Organisation], basis: Basis) -> Proposal:
    """The city's target divided over the units; of what is compared instead of divided, each gets the city's own.

    Writes nothing. Raises Refused with a sentence when there is nothing to divide, or nothing to go by.
    """
    goal = city.value if city else None
    if city is None or goal is None:
        raise Refused([Problem("no_city_target", _("The city itself has no target yet; there is nothing to divide."))])
    indicator = city.commitment.required_indicator
    if not is_divided(indicator.time_rule, is_ratio=indicator.is_ratio):
        return Proposal(
            (goal,) * len(units), _("Every unit gets the city's own target: it is not divided but compared.")
        )
    if basis == Basis.EQUALLY:
        weights, words = [Fraction(1)] * len(units), _("Divided equally.")
    else:
        weights, words = _last_year(city, units)
    places = AMOUNT_PLACES if indicator.decimals is None else indicator.decimals
    # A unit whose share is nothing reports without a number to reach.
    return Proposal(tuple(part or None for part in split(goal, weights, places)), words)


def _last_year(city: Target, units: Sequence[Organisation]) -> tuple[list[Fraction], str]:
    """What each unit reached in the whole last year, as approved, or else had to reach; and which of the two it is."""
    year = city.commitment.plan.year - 1
    parts = _parts(city, year)
    results = _weights(parts, units, [_result(part) for part in parts])
    if any(results):
        return results, _("Divided by the approved figures of %(year)d.") % {"year": year}
    targets = _weights(parts, units, [part.target.value if part.target else None for part in parts])
    if any(targets):
        message = _("Divided by the targets of %(year)d: nothing of that year is approved.")
        return targets, message % {"year": year}
    message = _("There are neither approved figures nor targets of %(year)d for “%(name)s”. Divide equally, or type.")
    raise Refused([Problem("nothing_of_last_year", message % {"year": year, "name": city.commitment.title})])


def _parts(city: Target, year: int) -> Sequence[Progress]:
    """The units' whole year, from the first of that year's plans that promised the same indicator."""
    commitment, issuer = city.commitment, city.organisation
    for plan in Plan.objects.for_year(year).filter(issuer=issuer):
        programmes = [commitment.required_indicator.programme]
        rolled = roll_up(plan, issuer, 4, today=date(year, 12, 31), programmes=programmes, every_unit=True)
        for row in rolled.numbers:
            if row.indicator == commitment.indicator:
                return row.units
    return ()


def _result(part: Progress) -> Fraction | None:
    return None if part.amount is None else part.amount.value()


def _weights(
    parts: Sequence[Progress], units: Sequence[Organisation], values: Sequence[Fraction | None]
) -> list[Fraction]:
    """Each unit's weight: the values of those that it contains, if last year was reported further down the tree."""
    return [
        max(
            sum(
                (
                    value
                    for part, value in zip(parts, values, strict=True)
                    if value and unit.contains(part.organisation)
                ),
                Fraction(0),
            ),
            Fraction(0),
        )
        for unit in units
    ]
