"""The soft checks ("Checks at entry"): what looks wrong and may be right; the unit explains it or mends it.

Each check is a function of one line: Line → Caution or None. They are asked again whenever they are shown, so that
a form, a spreadsheet's preview, a submission and the reviewer's page say the same.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from targets import formats
from targets.amounts import LATEST, SUM, Amount
from targets.choices import CommitmentKind, Stage
from targets.lines import Line
from targets.models import Commitment
from targets.progress import Status, milestone_status
from targets.statuses import status_badge

STOCK_FALL = Fraction(20, 100)  # of the level before
TARGET_EXCESS = Fraction(50, 100)  # above the year's target
LEAP = 10  # times the quarter before
DENOMINATOR_CHANGE = Fraction(10, 100)  # of the denominator before


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing to mend or to explain, about one line of a submission."""

    line: Line
    code: str
    message: str

    @property
    def commitment(self) -> Commitment:
        return self.line.commitment

    @property
    def basis(self) -> str:
        """The figure that it is said of."""
        return basis_of(self.line)

    @property
    def explanation(self) -> str:
        """Why it is right all the same, said by the unit; a word about another figure does not count."""
        said = self.line.explanations.get(self.code)
        return said.text if said is not None and said.basis == self.basis else ""


def cautions_of(lines: Iterable[Line], today: date) -> list[Caution]:
    """Every caution of the lines, in their order."""
    return [Caution(line, code, message) for line in lines for code, message in _messages(line, today)]


def unexplained(cautions: Sequence[Caution]) -> list[Caution]:
    return [caution for caution in cautions if not caution.explanation]


def basis_of(line: Line) -> str:
    """The line's figure as a short text, by which an explanation is tied to it."""
    if not line.commitment.is_quantified:
        return line.words.stage
    if line.said is None:
        return ""
    amount = line.said.amount
    return "n/a" if amount is None else formats.amount_parts(amount.numerator, amount.denominator)


def _messages(line: Line, today: date) -> Iterator[tuple[str, str]]:
    checks: Sequence[tuple[str, Callable[[Line], str | None]]] = FIGURE_CHECKS if _has_own_figure(line) else ()
    for code, check in checks:
        message = check(line)
        if message:
            yield code, message
    for code, message in (("evidence_missing", _evidence_missing(line)), ("behind", _behind(line, today))):
        if message:
            yield code, message


def _has_own_figure(line: Line) -> bool:
    return line.commitment.is_quantified and line.is_entered_here


def _amount(line: Line) -> Amount | None:
    return line.said.amount if line.said else None


def _not_reported(line: Line) -> str | None:
    if line.said is not None:
        return None
    if line.indicator.time_rule == SUM:
        return _("Not filled in; if nothing was added this quarter, enter 0.")
    return _("Not filled in; if there is nothing to measure, choose “not applicable” and say why.")


def _stock_fell(line: Line) -> str | None:
    """A stock is compared by its value, so that a ratio whose both parts shrank alike has not fallen."""
    indicator, amount, before = line.indicator, _amount(line), line.level_before
    if indicator.time_rule != LATEST or amount is None or before is None or before.amount is None:
        return None
    value, old = amount.value(indicator.per), before.amount.value(indicator.per)
    if value is None or old is None or old <= 0 or value >= old * (1 - STOCK_FALL):
        return None
    return _("Fell from %(old)s to %(new)s, by more than %(share)s; check the number.") % {
        "old": formats.value(indicator, old),
        "new": formats.value(indicator, value),
        "share": formats.percent(STOCK_FALL, places=0),
    }


def _exceeds_target(line: Line) -> str | None:
    indicator, goal = line.indicator, line.target.value if line.target else None
    if indicator.time_rule != SUM or indicator.is_ratio or not goal or _amount(line) is None:
        return None
    value = line.progress().verdict.value
    if value is None or value <= goal * (1 + TARGET_EXCESS):
        return None
    return _("The year so far is %(value)s, the year's target %(target)s: more than half above it.") % {
        "value": formats.number(value),
        "target": formats.with_unit(indicator, formats.target(indicator, goal)),
    }


def _leapt(line: Line) -> str | None:
    amount, before = _amount(line), line.said_before
    if amount is None or before is None or before.amount is None:
        return None
    old = before.amount.numerator
    if old <= 0 or amount.numerator < old * LEAP:
        return None
    return _("%(new)s is %(times)d times last quarter's %(old)s or more; is it counted in 万, or a digit too many?") % {
        "new": _number(amount.numerator),
        "old": _number(old),
        "times": LEAP,
    }


def _denominator_changed(line: Line) -> str | None:
    amount, before = _amount(line), line.level_before
    old = before.amount.denominator if before and before.amount else None
    new = amount.denominator if amount else None
    if old is None or new is None or abs(Fraction(new) - Fraction(old)) <= Fraction(old) * DENOMINATOR_CHANGE:
        return None
    return _("%(label)s changed from %(old)s to %(new)s, by more than %(share)s.") % {
        "label": line.indicator.denominator_label,
        "old": _number(old),
        "new": _number(new),
        "share": formats.percent(DENOMINATOR_CHANGE, places=0),
    }


FIGURE_CHECKS: tuple[tuple[str, Callable[[Line], str | None]], ...] = (
    ("not_reported", _not_reported),
    ("stock_fell", _stock_fell),
    ("exceeds_target", _exceeds_target),
    ("leapt", _leapt),
    ("denominator_changed", _denominator_changed),
)


CODES = (*(code for code, _check in FIGURE_CHECKS), "evidence_missing", "behind")
CHECK_NAMES = {  # what an explanation answers, for the lists where the figures are no more that it was about
    "not_reported": gettext_lazy("not filled in"),
    "stock_fell": gettext_lazy("the stock fell"),
    "exceeds_target": gettext_lazy("far above the target"),
    "leapt": gettext_lazy("ten times as much"),
    "denominator_changed": gettext_lazy("another denominator"),
    "evidence_missing": gettext_lazy("without evidence"),
    "behind": gettext_lazy("behind the pace"),
}


def _evidence_missing(line: Line) -> str | None:
    says_something = _amount(line) is not None if line.commitment.is_quantified else bool(line.words.stage)
    if not line.commitment.evidence_required or line.evidence or not says_something:
        return None
    return _("This commitment needs a file as evidence, and none has been added.")


def _behind(line: Line, today: date) -> str | None:
    """Who is behind or blocked says what the problem is and what comes next; first of all there has to be a number."""
    if line.commitment.is_quantified and line.said is None:
        return None
    status = _status(line, today)
    is_behind, is_blocked = status in (Status.BEHIND, Status.FAR_BEHIND), line.words.stage == Stage.BLOCKED
    if not (is_behind or is_blocked) or (line.words.problems and line.words.next_steps):
        return None
    word = Stage.BLOCKED.label if is_blocked else status_badge(status).word
    return _("“%(status)s”: fill in problems and next steps.") % {"status": word}


def _status(line: Line, today: date) -> Status | None:
    if line.commitment.is_quantified:
        return line.progress().verdict.status
    if line.commitment.kind != CommitmentKind.MILESTONE or not line.stage:
        return None
    return milestone_status({line.stage: 1}, 1, line.commitment.due_day, today)


def _number(number: Decimal) -> str:
    return formats.number(Fraction(number))
