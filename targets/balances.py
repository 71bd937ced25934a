"""How far the city's promises are divided among the units, programme by programme ("Decomposition")."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from targets import formats
from targets.amounts import EVERY
from targets.choices import CommitmentKind, Comparator
from targets.models import Commitment, Plan, Programme, Target
from targets.progress import undivided


@dataclass(frozen=True, slots=True)
class Balance:
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


def balances_of(year: int) -> tuple[Balance, ...]:
    """The balances of the year's plans by programme, in the order of display; one query."""
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
    return tuple(_balance(plan, programme, own) for (plan, programme), own in groups.items())


def decomposition_url(plan: Plan, programme: Programme) -> str:
    """Where the programme's targets are divided among the units. The only place that knows."""
    filters = {
        "commitment__plan__id__exact": plan.pk,
        "commitment__item__programme__id__exact": programme.pk,
    }
    return f"{reverse('admin:targets_target_changelist')}?{urlencode(filters)}"


def _balance(plan: Plan, programme: Programme, commitments: dict[Commitment, list[Target]]) -> Balance:
    added: list[tuple[Commitment, Fraction, Fraction]] = []
    compared = lower = 0
    for commitment, targets in commitments.items():
        whole = next((row.value for row in targets if row.organisation_id == plan.issuer_id), None)
        parts = [row for row in targets if row.reports and row.organisation_id != plan.issuer_id]
        if whole is None or not parts:
            continue
        if commitment.required_indicator.is_ratio or commitment.required_indicator.time_rule == EVERY:
            compared += 1
            lower += any(_asks_less(row, whole) for row in parts)
        else:
            rest = undivided(whole, [row.value for row in parts if row.value is not None])
            added.append((commitment, whole, rest))
    rests = [rest for _commitment, _whole, rest in added]
    return Balance(
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


def _asks_less(row: Target, whole: Fraction) -> bool:
    if row.value is None:
        return True
    return row.value > whole if row.commitment.comparator == Comparator.AT_MOST else row.value < whole


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
