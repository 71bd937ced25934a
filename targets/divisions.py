"""How far the city's promises are divided among the units, programme by programme ("Decomposition")."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from targets import formats
from targets.choices import CommitmentKind
from targets.models import Commitment, Plan, Programme, Target
from targets.progress import is_divided, weigh


@dataclass(frozen=True, slots=True)
class Division:
    """One programme of one plan: its commitments by how the units' targets add up to the promise.

    Ratios, and what is due anew each quarter, are not added: `compared` counts them, `lower` those of them where a
    unit has no target or one that asks for less than the city's. `worst` names the largest rests.
    """

    programme: str
    plan: str
    divided: int
    short: int
    over: int
    compared: int
    lower: int
    worst: tuple[str, ...]
    url: str


NAMED = 2


def divisions_of(year: int) -> tuple[Division, ...]:
    """The divisions of the year's plans by programme, in the order of display; one query."""
    rows = (
        Target.objects.filter(
            commitment__plan__year=year, commitment__withdrawn=False, commitment__kind=CommitmentKind.QUANTIFIED
        )
        .select_related("commitment__plan", "commitment__indicator", "commitment__item__programme")
        .order_by("commitment__plan__code", "commitment__item__programme__position", "commitment__code")
    )
    groups: dict[tuple[Plan, Programme], dict[Commitment, list[Target]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        commitment = row.commitment
        groups[commitment.plan, commitment.item.programme][commitment].append(row)
    return tuple(_division(plan, programme, own) for (plan, programme), own in groups.items())


def decomposition_url(plan: Plan, programme: Programme) -> str:
    """Where the programme's targets are divided among the units. The only place that knows."""
    query = {"plan": plan.code, "programme": programme.code}
    return f"{reverse('admin:decomposition')}?{urlencode(query)}"


def _division(plan: Plan, programme: Programme, commitments: dict[Commitment, list[Target]]) -> Division:
    added: list[tuple[Commitment, Fraction, Fraction]] = []
    compared = lower = 0
    for commitment, targets in commitments.items():
        city = next((row for row in targets if row.organisation_id == plan.issuer_id), None)
        parts = [row for row in targets if row.reports and row.organisation_id != plan.issuer_id]
        goal, indicator = city.goal if city else None, commitment.required_indicator
        if goal is None or not parts:
            continue
        divided = is_divided(indicator.time_rule, is_ratio=indicator.is_ratio)
        weighed = weigh(goal, {str(row.organisation_id): row.value for row in parts}, divided=divided)
        if weighed.rest is not None:
            added.append((commitment, goal.target, weighed.rest))
        else:
            compared += 1
            lower += not weighed.is_even
    rests = [rest for _commitment, _whole, rest in added]
    return Division(
        programme=programme.name,
        plan=plan.title,
        divided=rests.count(Fraction(0)),
        short=sum(rest > 0 for rest in rests),
        over=sum(rest < 0 for rest in rests),
        compared=compared,
        lower=lower,
        worst=tuple(_worst(added)),
        url=decomposition_url(plan, programme),
    )


def _worst(added: Sequence[tuple[Commitment, Fraction, Fraction]]) -> Iterable[str]:
    """The largest rests, measured by what was promised, in words."""
    wrong = [each for each in added if each[2]]
    wrong.sort(key=lambda each: -abs(each[2]) / (each[1] or 1))
    for commitment, _whole, rest in wrong[:NAMED]:
        indicator = commitment.required_indicator
        values = {
            "name": f"{commitment.code} {indicator.name}",
            "rest": formats.with_unit(indicator, formats.number(abs(rest))),
        }
        yield (_("%(name)s: %(rest)s not divided") if rest > 0 else _("%(name)s: %(rest)s too many")) % values
