"""Targets: the plan's promise, its decomposition over the units, and who reports what (目标分解)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from organisations.models import Account, Organisation
from targets import formats
from targets.checks import check_text
from targets.choices import Origin, RevisionKind
from targets.domain.periods import create_submissions
from targets.domain.record import Values, bump_data_versions, decimal_text, revision_of
from targets.models import Commitment, Figure, Plan, ProgressNote, Revision, Target
from targets.problems import Place, Problem, Refused
from targets.sheets.goals import goal_text

REASON_LENGTH = 200
STALE = "stale"  # the code of the problem that somebody else was faster

Cell = tuple[str, str]  # the codes of a commitment and of a unit


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """One unit's target for one commitment; without a numerator the unit reports without a number to reach.

    The value is numerator ÷ denominator (None: 1) in the indicator's unit. `reports` None keeps what is there.
    `based_on` is the version of the row that its author saw (version_of); None overwrites whatever is there.
    """

    commitment: str
    organisation: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    baseline: Decimal | None = None
    reports: bool | None = None
    place: Place = Place()
    based_on: int | None = None


@transaction.atomic
def set_targets(
    plan: Plan,
    entries: Sequence[TargetEntry],
    *,
    actor: Account | None,
    at: datetime,
    origin: Origin,
    reason: str,
    faults: Sequence[Problem] = (),
) -> int:
    """Writes the targets that differ, each with a revision; returns how many.

    By a plan manager, or by a reviewer for the programmes of the own department; `actor` None is the operator at
    the command line. A change after figures were approved is allowed: totals are computed when they are read.
    `faults` are those of what could not be read: they are told together with all others.
    Raises Refused with every problem (nothing is written), and PermissionDenied.
    """
    setting = _Setting(Plan.objects.select_for_update().get(pk=plan.pk), entries)
    setting.check_permission(actor)
    setting.problems += [*faults, *_reason_faults(reason)]
    changes = setting.write()
    if setting.problems:
        raise Refused(setting.problems)
    how: dict[str, Any] = {"actor": actor, "at": at, "origin": origin, "reason": reason}
    Revision.objects.bulk_create(
        revision_of(RevisionKind.TARGET, row.commitment, row.organisation, old, _values(row), **how)
        for row, old in changes
    )
    if changes:
        create_submissions(plan.year)
        bump_data_versions([plan.year], at)
    return len(changes)


def may_set_targets(actor: Account, commitment: Commitment) -> bool:
    """Whether the account may divide the commitment: a plan manager any, a reviewer those of own programmes."""
    return actor.plan_manager or (actor.reviewer and commitment.item.programme.lead_id == actor.organisation_id)


def newest_changes(commitments: Iterable[Commitment]) -> dict[Cell, Revision]:
    """The last change of each target of the commitments; one query."""
    changes = Revision.objects.filter(kind=RevisionKind.TARGET, commitment__in=commitments)
    newest = changes.order_by().values("commitment", "organisation").annotate(newest=Max("pk")).values("newest")
    rows = Revision.objects.filter(pk__in=newest).select_related("commitment", "organisation")
    return {(row.commitment.code, row.organisation.code): row for row in rows if row.commitment}


def version_of(row: Target) -> int:
    """What an entry for the row is based on: the number of the change that made it what it is, 0 for none."""
    changes = Revision.objects.filter(
        kind=RevisionKind.TARGET, commitment=row.commitment_id, organisation=row.organisation_id
    )
    values = _values(row)
    # Not simply the last one: somebody may have changed the row after it was read.
    return next((each.pk for each in changes.order_by("-pk") if each.new == values), 0)


def _reason_faults(reason: str) -> Iterable[Problem]:
    if not reason.strip():
        yield Problem("reason_missing", _("Say why: a change of targets needs a reason."))
    for code, message in check_text(reason, REASON_LENGTH, _("reason")):
        yield Problem(code, message)


@dataclass
class _Setting:
    """The entries beside what is there; `problems` fills while they are written, inside the caller's transaction."""

    plan: Plan
    entries: Sequence[TargetEntry]
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        commitments = Commitment.objects.filter(plan=self.plan)
        self.commitments = {
            each.code: each for each in commitments.select_related("item__programme", "indicator", "plan")
        }
        codes = {entry.organisation for entry in self.entries}
        self.organisations = {unit.code: unit for unit in Organisation.objects.filter(code__in=codes)}
        rows = Target.objects.filter(
            commitment__plan=self.plan, commitment__code__in={entry.commitment for entry in self.entries}
        )
        self.rows = {
            (row.commitment.code, row.organisation.code): row
            for row in rows.select_related("commitment__plan", "commitment__indicator", "organisation")
        }
        codes = {entry.commitment for entry in self.entries if entry.based_on is not None}
        known = [self.commitments[code] for code in codes & self.commitments.keys()]
        self.newest = newest_changes(known) if known else {}

    def check_permission(self, actor: Account | None) -> None:
        if actor is None:
            return
        for code in {entry.commitment for entry in self.entries}:
            commitment = self.commitments.get(code)
            if commitment and not may_set_targets(actor, commitment):
                raise PermissionDenied(_("You may not change targets of “%(name)s”.") % {"name": commitment})

    def write(self) -> list[tuple[Target, Values | None]]:
        """Saves the rows that differ; each with its old values, None for a new one."""
        changes = []
        for entry in self.entries:
            commitment, unit = self.commitments.get(entry.commitment), self.organisations.get(entry.organisation)
            if commitment is None or unit is None:
                self.problems.append(_unknown(entry, commitment))
                continue
            row = self.rows.get((entry.commitment, entry.organisation))
            old = _values(row) if row else None
            row = row or Target(commitment=commitment, organisation=unit, reports=False)
            self.rows[entry.commitment, entry.organisation] = row
            _apply(entry, row)
            if old == _values(row):
                continue
            faults = [*self._stale(entry, row, old), *_faults(row, old, entry)]
            self.problems += faults
            if not faults:
                row.save()
                changes.append((row, old))
        self.problems += _levels(self.rows.values())
        return changes

    def _stale(self, entry: TargetEntry, row: Target, old: Values | None) -> Iterable[Problem]:
        """Somebody else has changed the row since the author saw it: both versions are told, and theirs stays."""
        newest = self.newest.get((entry.commitment, entry.organisation))
        if newest is None or entry.based_on is None or entry.based_on >= newest.pk:
            return
        message = _(
            "%(name)s changed the target of %(unit)s for %(code)s to “%(theirs)s” on %(at)s (%(reason)s), "
            "while you entered “%(yours)s”. Save again if yours shall stand."
        )
        values = {
            "name": newest.actor_name,
            "unit": row.organisation.short_name,
            "code": row.commitment.code,
            "theirs": _text(_value(old), row),
            "yours": _text(_value(_values(row)), row),
            "at": formats.day_and_time(newest.at),
            "reason": newest.reason,
        }
        yield Problem(STALE, message % values, entry.place)


def _faults(row: Target, old: Values | None, entry: TargetEntry) -> Iterable[Problem]:
    commitment = row.commitment
    if old and old["reports"] and not row.reports and _has_reported(row):
        message = _("%(unit)s has reported “%(name)s”; its figures would drop out of the total.")
        yield Problem("has_reported", message % {"unit": row.organisation.name, "name": commitment}, entry.place)
    if row.numerator is not None and not commitment.is_quantified:
        message = _("“%(name)s” has no number to reach; leave the target empty.") % {"name": commitment}
        yield Problem("not_quantified", message, entry.place)
    value = _value(_values(row))
    told = {} if value is None else {message: code for code, message in number_faults(value, commitment)}
    try:
        row.full_clean(exclude=["commitment", "organisation"], validate_unique=row.pk is None)
    except ValidationError as error:
        for message in error.messages:
            told.setdefault(message, "invalid")
    for message, code in told.items():
        yield Problem(code, message, entry.place)


def number_faults(value: Fraction, commitment: Commitment) -> Iterator[tuple[str, str]]:
    """Code and sentence of what is wrong with a number by itself, as something to reach."""
    if value < 0:
        yield "negative", _("A target cannot be negative.")
    indicator = commitment.indicator
    if indicator and not indicator.is_ratio and indicator.decimals == 0 and value.denominator != 1:
        message = _("“%(name)s” is counted in whole numbers; so is its target.")
        yield "not_whole", message % {"name": commitment.title}


def _unknown(entry: TargetEntry, commitment: Commitment | None) -> Problem:
    if commitment is None:
        return Problem(
            "unknown_commitment", _("The plan has no commitment with this code."), entry.place, entry.commitment
        )
    return Problem("unknown_organisation", _("There is no unit with this code."), entry.place, entry.organisation)


def _apply(entry: TargetEntry, row: Target) -> None:
    row.numerator, row.denominator, row.baseline = entry.numerator, entry.denominator, entry.baseline
    if entry.reports is not None:
        row.reports = entry.reports


def _has_reported(row: Target) -> bool:
    """Whether the unit has figures or notes for the commitment in the plan's year."""
    own = {"submission__organisation": row.organisation, "submission__period__year": row.commitment.plan.year}
    if row.commitment.indicator_id and Figure.objects.filter(indicator=row.commitment.indicator_id, **own).exists():
        return True
    return ProgressNote.objects.filter(commitment=row.commitment, **own).exists()


def _values(row: Target) -> Values:
    return {
        "numerator": decimal_text(row.numerator),
        "denominator": decimal_text(row.denominator),
        "baseline": decimal_text(row.baseline),
        "reports": row.reports,
    }


def _value(values: Values | None) -> Fraction | None:
    """The value that the record's fields say; None for none, and for an invalid one."""
    if values is None or values["numerator"] is None:
        return None
    numerator, denominator = Decimal(values["numerator"]), Decimal(values["denominator"] or 1)
    if not (numerator.is_finite() and denominator.is_finite() and denominator):
        return None
    return Fraction(numerator) / Fraction(denominator)


def _text(value: Fraction | None, row: Target) -> str:
    indicator = row.commitment.indicator
    return _("no number to reach") if value is None or indicator is None else goal_text(value, indicator)


def _levels(rows: Iterable[Target]) -> Iterable[Problem]:
    """A commitment is reported at one level of the tree only, so that nothing is counted twice."""
    reporting: dict[str, list[Target]] = defaultdict(list)
    for row in rows:
        if row.reports:
            reporting[row.commitment.code].append(row)
    for code, targets in reporting.items():
        ordered = sorted(targets, key=lambda row: row.organisation.path)
        for upper, lower in zip(ordered, ordered[1:], strict=False):
            if upper.organisation.contains(lower.organisation):
                yield Problem(
                    "two_levels",
                    _("%(code)s cannot be reported by %(upper)s and by %(lower)s below it: it would count twice.")
                    % {"code": code, "upper": upper.organisation.name, "lower": lower.organisation.name},
                )
