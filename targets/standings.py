"""The reporting state of a period: units × programmes, each with its state, how late it is, and who has it now.

Three queries, whatever the number of units.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from organisations.models import Account, Organisation
from targets import dues, formats
from targets.choices import SubmissionState
from targets.models import DueDayExtension, Period, Programme, Submission, Transition
from targets.models.periods import due_day
from targets.statuses import Badge, Count
from targets.worklists import latest_steps


@dataclass(frozen=True, slots=True)
class Cell:
    """One unit's submission for one programme. `programme` names the column, for narrow screens."""

    pk: int
    programme: str
    badge: Badge
    late: str
    holder: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit; a cell is None where it has nothing to report. `extension` says until when its day is extended.

    `extension_url` is "" where everything has been approved: nothing is left that a later day would help.
    """

    unit: str
    cells: tuple[Cell | None, ...]
    due: str
    extension: str
    extension_url: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything about one period. `late` names the units that have not handed in after their due day, worst first."""

    programmes: tuple[str, ...]
    rows: tuple[UnitRow, ...]
    counts: tuple[Count, ...]
    total: int
    late: str


def standing_of(account: Account, period: Period, today: date) -> Standing:
    """What the account may see of the period; a reviewer who manages no plan sees the own programmes."""
    seen = Submission.objects.filter(period=period).visible_to(account)
    if not (account.plan_manager or account.auditor):
        seen = seen.filter(programme__lead=account.organisation_id)
    submissions = list(
        seen.with_parts()
        .select_related("programme__lead")
        .order_by("organisation__position", "organisation__code", "programme__position")
    )
    table = _Table(period, today, latest_steps(submissions), _extensions(period))
    programmes = _programmes(submissions)
    by_unit: dict[Organisation, dict[int, Submission]] = {}
    for each in submissions:
        by_unit.setdefault(each.organisation, {})[each.programme_id] = each
    return Standing(
        programmes=tuple(programme.name for programme in programmes),
        rows=tuple(table.row(unit, own, programmes) for unit, own in by_unit.items()),
        counts=table.counts(submissions),
        total=len(submissions),
        late=table.late(submissions),
    )


def _extensions(period: Period) -> dict[int, DueDayExtension]:
    return {row.organisation_id: row for row in DueDayExtension.objects.filter(period=period)}


def _programmes(submissions: Iterable[Submission]) -> list[Programme]:
    found = {each.programme_id: each.programme for each in submissions}
    return sorted(found.values(), key=lambda programme: (programme.position, programme.code))


@dataclass(frozen=True, slots=True)
class _Table:
    period: Period
    today: date
    steps: Mapping[int, Transition]
    extensions: Mapping[int, DueDayExtension]

    def due_on(self, unit_id: int) -> date:
        extension = self.extensions.get(unit_id)
        return due_day(self.period, extension.due_on if extension else None)

    def days_late(self, submission: Submission) -> int:
        return submission.days_late(self.due_on(submission.organisation_id), self.today)

    def badge(self, submission: Submission) -> Badge:
        return dues.badge_of(submission, self.due_on(submission.organisation_id), self.today)

    def row(self, unit: Organisation, own: Mapping[int, Submission], programmes: Iterable[Programme]) -> UnitRow:
        extension = self.extensions.get(unit.pk)
        cells = [own.get(programme.pk) for programme in programmes]
        is_done = all(each.state == SubmissionState.APPROVED for each in own.values())
        return UnitRow(
            unit=unit.short_name,
            cells=tuple(self.cell(each) if each else None for each in cells),
            due=formats.day(self.due_on(unit.pk)),
            extension=dues.extension_text(self.period, self.due_on(unit.pk)),
            extension_url="" if is_done else self.extension_url(unit, extension),
        )

    def cell(self, submission: Submission) -> Cell:
        days = self.days_late(submission)
        return Cell(
            pk=submission.pk,
            programme=submission.programme.name,
            badge=self.badge(submission),
            late=dues.late_text(days) if days else "",
            holder=self.holder(submission),
        )

    def holder(self, submission: Submission) -> str:
        """Who has it and for how long; nothing about a draft that was never handed in, which its unit has anyway."""
        step = self.steps.get(submission.pk)
        if step is None or submission.state == SubmissionState.APPROVED:
            return ""
        values = {
            "holder": dues.holder_of(submission),
            "time": dues.days_text(timezone.localdate(step.at), self.today),
        }
        return _("%(holder)s, %(time)s") % values

    def extension_url(self, unit: Organisation, extension: DueDayExtension | None) -> str:
        if extension:
            return reverse("admin:targets_duedayextension_change", args=[extension.pk])
        filled = urlencode({"period": self.period.pk, "organisation": unit.pk})
        return f"{reverse('admin:targets_duedayextension_add')}?{filled}"

    def counts(self, submissions: Iterable[Submission]) -> tuple[Count, ...]:
        """The states that occur, the furthest first."""
        order = [state.label for state in reversed(SubmissionState)]
        counts = Counter(self.badge(each) for each in submissions)
        badges = sorted(counts, key=lambda badge: order.index(badge.word) if badge.word in order else len(order))
        return tuple(Count(badge, counts[badge]) for badge in badges)

    def late(self, submissions: Iterable[Submission]) -> str:
        """The units with something never handed in after the due day, with the days; "" when there are none."""
        days: dict[str, int] = {}
        for each in submissions:
            if each.first_submitted_at is None and self.days_late(each):
                days[each.organisation.short_name] = self.days_late(each)
        worst = sorted(days.items(), key=lambda pair: -pair[1])
        names = [_("%(name)s (%(details)s)") % {"name": name, "details": dues.late_text(late)} for name, late in worst]
        return formats.listed(names)
