"""Completion, pace, status, forecast and ranking: from an exact value to a judgement.

Pure: no Django, no database, no clock. The rules are those of "Pace, completion, status" in docs/domain.md.
Shares are fractions of one (0.75, not 75); gaps, tolerance and red gap in percentage points are hundredths of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from targets.amounts import EVERY, SUM, Amount

AT_LEAST = "at_least"
AT_MOST = "at_most"

LINEAR = "linear"
CUSTOM = "custom"
NO_PACE = "none"

Curve = tuple[Fraction | None, Fraction | None, Fraction | None, Fraction | None]
LINEAR_CURVE: Curve = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))
LATE_CURVE: Curve = (None, None, None, Fraction(1))


class Status(StrEnum):
    """How a commitment stands. The order is that of the legend."""

    MET = "met"
    ON_PACE = "on_pace"
    RUNNING = "running"
    BEHIND = "behind"
    FAR_BEHIND = "far_behind"
    MISSING = "missing"


def pace_curve(pace: str, shares: Sequence[Decimal | None] = ()) -> Curve:
    """The share of the way expected at the end of each quarter; None where nothing is expected yet.

    `shares` are the percentages of quarters 1 to 3 of a custom curve. At Q4 every curve stands at 1.
    """
    if pace == CUSTOM:
        first, second, third = (Fraction(share or 0) / 100 for share in shares)
        return first, second, third, Fraction(1)
    return LINEAR_CURVE if pace == LINEAR else LATE_CURVE


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A plan's limits as shares of one: up to `tolerance` behind is on pace, up to `red_gap` is behind."""

    tolerance: Fraction = Fraction(0)
    red_gap: Fraction = Fraction(15, 100)

    @classmethod
    def in_points(cls, tolerance: Decimal, red_gap: Decimal) -> "Thresholds":
        """From percentage points, as the plan states them."""
        return cls(Fraction(tolerance) / 100, Fraction(red_gap) / 100)


@dataclass(frozen=True, slots=True)
class Goal:
    """What has to be reached: an exact target in the indicator's unit, from a baseline, along a pace curve."""

    target: Fraction
    comparator: str = AT_LEAST
    baseline: Fraction = Fraction(0)
    pace: str = LINEAR
    curve: Curve = LINEAR_CURVE

    def reached_by(self, value: Fraction) -> bool:
        return value <= self.target if self.comparator == AT_MOST else value >= self.target

    def completion(self, value: Fraction) -> Fraction:
        """(value − baseline) ÷ (target − baseline); for at_most target ÷ value, capped at 1."""
        if self.comparator == AT_MOST:
            return Fraction(1) if self.reached_by(value) else max(self.target / value, Fraction(0))
        span = self.target - self.baseline
        if span <= 0:
            return Fraction(int(self.reached_by(value)))
        return (value - self.baseline) / span

    def value_due(self, quarter: int) -> Fraction:
        """The value that the pace asks for at the quarter, in the indicator's unit."""
        return self.baseline + (self.expected(quarter) or Fraction(0)) * (self.target - self.baseline)

    def expected(self, quarter: int) -> Fraction | None:
        """The share expected at the quarter; a limit (at_most) holds all year, so all of it from the start."""
        return Fraction(1) if self.comparator == AT_MOST else self.curve[quarter - 1]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one commitment for one unit at one quarter; every number unrounded, None where there is none.

    value and forecast are in the indicator's unit; completion, expected and gap are shares of one;
    needed_per_month is what must be added each month to reach the target; kept counts quarters (only for `every`).
    """

    value: Fraction | None
    completion: Fraction | None = None
    expected: Fraction | None = None
    gap: Fraction | None = None
    status: Status | None = None
    forecast: Fraction | None = None
    needed_per_month: Fraction | None = None
    kept: int | None = None


def judge(
    time_rule: str,
    values: Sequence[Fraction | None],
    goal: Goal | None,
    thresholds: Thresholds,
    *,
    is_ratio: bool = False,
    not_applicable: Sequence[bool] = (),
) -> Verdict:
    """The verdict at quarter q = len(values), where values[k − 1] is the value at quarter k by the time rule.

    `not_applicable[k − 1]`: at quarter k every unit that the value rests on reported 不适用; there is nothing to judge.
    """
    value = values[-1]
    excused = [flag and each is None for flag, each in zip(not_applicable, values, strict=False)]
    if goal is None or (excused and (all(excused) if time_rule == EVERY else excused[-1])):
        return Verdict(value)
    if time_rule == EVERY:
        return _judge_each_quarter(values, goal, sum(excused))
    quarter = len(values)
    expected = goal.expected(quarter)
    if value is None:
        return Verdict(None, expected=expected, status=Status.MISSING)
    completion = goal.completion(value)
    gap = None if expected is None else expected - completion
    additive = time_rule == SUM and not is_ratio
    return Verdict(
        value,
        completion,
        expected,
        gap,
        _status(goal, value, quarter, gap, thresholds),
        forecast=forecast(values, goal) if additive else None,
        needed_per_month=needed_per_month(value, goal, quarter) if additive else None,
    )


def _status(goal: Goal, value: Fraction, quarter: int, gap: Fraction | None, thresholds: Thresholds) -> Status:
    if goal.reached_by(value):
        # A limit that is kept so far can still be broken: it is met only when the year is over.
        return Status.ON_PACE if goal.comparator == AT_MOST and quarter < 4 else Status.MET
    if gap is None:
        return Status.RUNNING
    if gap <= thresholds.tolerance:
        return Status.ON_PACE
    return Status.BEHIND if gap <= thresholds.red_gap else Status.FAR_BEHIND


def _judge_each_quarter(values: Sequence[Fraction | None], goal: Goal, excused: int) -> Verdict:
    present = [value for value in values if value is not None]
    kept = sum(goal.reached_by(value) for value in present)
    if kept < len(present):
        status = Status.FAR_BEHIND
    elif len(present) + excused < len(values):
        status = Status.MISSING
    else:
        status = Status.MET if len(values) == 4 else Status.ON_PACE
    value = values[-1]
    completion = None if value is None else goal.completion(value)
    return Verdict(value, completion, status=status, kept=kept)


def forecast(values: Sequence[Fraction | None], goal: Goal) -> Fraction | None:
    """A flow's value at the end of the year, in the indicator's unit.

    At a linear pace the value so far ÷ the share expected so far; otherwise the last quarter's amount carried on.
    """
    quarter, value = len(values), values[-1]
    if value is None:
        return None
    expected = goal.curve[quarter - 1]
    if goal.pace == LINEAR and expected:
        return value / expected
    before = values[-2] if quarter > 1 else None
    return value + (value - (before or 0)) * (4 - quarter)


def needed_per_month(value: Fraction, goal: Goal, quarter: int) -> Fraction | None:
    """What each month left must add to reach the target; None when reached, a limit, or the year is over."""
    if goal.comparator == AT_MOST or goal.reached_by(value) or quarter == 4:
        return None
    return (goal.target - value) / (12 - 3 * quarter)


def shortfall(amount: Amount | None, goal: Goal, per: Decimal, quarter: int) -> Fraction:
    """What an amount lacks to its goal's pace; negative when ahead. A ratio's is counted in its numerator's unit."""
    if amount is None or amount.denominator is None:
        return goal.value_due(quarter) - Fraction(amount.numerator if amount else 0)
    return goal.value_due(quarter) / Fraction(per) * Fraction(amount.denominator) - Fraction(amount.numerator)


# ---- milestones and standing duties


class Stage(StrEnum):
    """How far a milestone or a standing duty is, in a progress note."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    BLOCKED = "blocked"


def milestone_status(stages: dict[str, int], assigned: int, due_on: date, today: date) -> Status:
    """`stages` counts the assigned units by the stage of their latest note; who has said nothing is in none."""
    if not sum(stages.values()):
        return Status.MISSING
    if assigned and stages.get(Stage.DONE, 0) == assigned:
        return Status.MET
    return Status.BEHIND if today > due_on else Status.RUNNING


# ---- comparing units


def ranks(completions: Sequence[Fraction | None]) -> list[int | None]:
    """The rank of each by completion, highest first; ties share a rank (1, 2, 3, 3, 5); None has no rank."""
    present = sorted((completion for completion in completions if completion is not None), reverse=True)
    first: dict[Fraction, int] = {}
    for position, completion in enumerate(present, start=1):
        first.setdefault(completion, position)
    return [None if completion is None else first[completion] for completion in completions]


def on_track(statuses: Sequence[Status | None]) -> int:
    """How many are met or on pace: what is counted, since percentages of unlike things are never averaged."""
    return sum(status in (Status.MET, Status.ON_PACE) for status in statuses)


# ---- dividing a target ("decomposition")


def is_divided(time_rule: str, *, is_ratio: bool) -> bool:
    """Whether the units' targets add up to the whole's; those of ratios and of each quarter are compared with it."""
    return not is_ratio and time_rule != EVERY


def undivided(city: Fraction, parts: Sequence[Fraction]) -> Fraction:
    """The city's target less the sum of the units' targets: positive is 未分解, negative 超分解 ("decomposition")."""
    return city - sum(parts, Fraction(0))


@dataclass(frozen=True, slots=True)
class Weighed:
    """The units' targets held against the whole's ("decomposition").

    `rest` is what is left to divide, negative what was divided too much; None where nothing is added up. There
    `easier` names the units that have less to reach than the whole, and `empty` counts those without a target.
    """

    rest: Fraction | None
    easier: tuple[str, ...] = ()
    empty: int = 0

    @property
    def is_even(self) -> bool:
        return not (self.rest or self.easier or self.empty)


def weigh(goal: Goal, parts: Mapping[str, Fraction | None], *, divided: bool) -> Weighed:
    """`parts` are the units' targets by name; `divided` says whether they add up (is_divided)."""
    present = {name: value for name, value in parts.items() if value is not None}
    if divided:
        return Weighed(undivided(goal.target, list(present.values())))
    easier = tuple(name for name, value in present.items() if not goal.reached_by(value))
    return Weighed(None, easier, len(parts) - len(present))


def split(whole: Fraction, weights: Sequence[Fraction], places: int) -> list[Fraction]:
    """Parts in proportion to the weights that add up to the whole exactly, in the unit of the whole.

    Each part has at most `places` decimals; what rounding down leaves over goes, a last digit each, to the largest
    remainders, of equal ones to the first. Should the whole itself have more decimals, the next one gets the rest of
    them. A weight of 0 gets 0. Raises ValueError for a negative weight, and when all of them are 0.
    """
    total = sum(weights, Fraction(0))
    if total == 0 or min(weights) < 0:
        raise ValueError("to split something takes weights of 0 and more, and one that is more")
    step = Fraction(1, 10**places)
    exact = [whole * weight / total for weight in weights]
    parts = [share // step * step for share in exact]
    first = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    rest = whole - sum(parts, Fraction(0))
    for index in first:
        parts[index] += min(rest, step)
        rest -= min(rest, step)
    return parts


# ---- rounding, the only place where a number loses digits


def rounded(value: Fraction, places: int) -> Decimal:
    """Half up, exactly `places` decimals."""
    above, below = abs(value.numerator), value.denominator
    scaled = (2 * above * 10**places + below) // (2 * below)  # whole numbers: fractions cost ten times as much
    return Decimal((value < 0, tuple(int(digit) for digit in str(scaled)), -places))


def shown(value: Fraction, bounds: Sequence[Fraction | None] = (), places: int = 1) -> Decimal:
    """Rounded to `places` decimals, or to as many more as it takes to stand on its true side of every bound.

    So that no page prints 100.0 % beside "behind": 99.96 % against a bound of 100 % is printed 99.96 %.
    """
    others = [bound for bound in bounds if bound is not None and bound != value]
    while True:
        digits = rounded(value, places)
        result = Fraction(digits)
        if all(bound != result and (bound < result) == (bound < value) for bound in others):
            return digits
        places += 1
