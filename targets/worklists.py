"""What a person has to do, a list for each role: my reports, to endorse, to approve ("The submission's life").

Each list takes two queries, whatever its length; how many wait in all three is one query.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.models import Account
from targets import dues, formats
from targets.choices import Action, SubmissionState
from targets.models import Period, Submission, Transition
from targets.querysets import is_to_approve, is_to_endorse, is_to_fill_in
from targets.statuses import Badge


@dataclass(frozen=True, slots=True)
class Counts:
    """How many submissions wait for the account in each of its roles."""

    reporting: int = 0
    endorsing: int = 0
    approving: int = 0


def count_work(account: Account, today: date) -> Counts:
    """One query; none for who neither reports nor checks."""
    conditions = {
        "reporting": is_to_fill_in(account, today) if account.reporter else None,
        "endorsing": is_to_endorse(account) if account.endorser else None,
        "approving": is_to_approve(account) if account.reviewer else None,
    }
    wanted = {name: Count("pk", filter=condition) for name, condition in conditions.items() if condition}
    return Counts(**Submission.objects.aggregate(**wanted)) if wanted else Counts()


def latest_steps(submissions: Iterable[Submission]) -> dict[int, Transition]:
    """The last step of each submission that has one, with `remark_count`; one query."""
    steps = Transition.objects.filter(submission__in=[each.pk for each in submissions]).select_related("actor")
    steps = steps.annotate(remark_count=Count("remarks")).order_by("at", "pk")
    return {step.submission_id: step for step in steps}


# ---- the reporter's list


@dataclass(frozen=True, slots=True)
class Task:
    """One report of the own unit: how far it is, until when, and why it came back or who has it now."""

    pk: int
    programme: str
    period: str
    badge: Badge
    filled: int
    assigned: int
    due: str
    is_late: bool
    extension: str
    returned: str
    reason: str
    remarks: str
    holder: str


@dataclass(frozen=True, slots=True)
class ReportingList:
    """`tasks` can be worked on now, returned and late ones first; `closed` would need a later day; `waiting` are
    with somebody else; `later` are drafts before their opening day; `approved` are the current period's."""

    tasks: tuple[Task, ...]
    closed: tuple[Task, ...]
    waiting: tuple[Task, ...]
    later: tuple[Task, ...]
    approved: tuple[Task, ...]


def reporting_list(account: Account, period: Period | None, today: date) -> ReportingList:
    """The own unit's reports: all that are not approved, and the approved ones of `period`."""
    rows = list(
        Submission.objects.filter(Q(organisation=account.organisation_id))
        .filter(~Q(state=SubmissionState.APPROVED) | Q(period=period))
        .annotate(is_now=ExpressionWrapper(is_to_fill_in(account, today), output_field=BooleanField()))
        .with_due_day()
        .with_filled()
        .with_parts()
        .select_related("programme__lead")
        .order_by("period__year", "period__quarter", "programme__position")
    )
    steps = latest_steps(rows)
    groups: dict[str, list[Any]] = {name: [] for name in ReportingList.__dataclass_fields__}
    for row in rows:
        groups[_group_of(row, today)].append(row)
    groups["tasks"].sort(key=lambda row: (row.first_submitted_at is None, -row.days_late(row.due_day, today)))
    return ReportingList(
        **{name: tuple(_task(row, steps.get(row.pk), today) for row in found) for name, found in groups.items()}
    )


def _group_of(row: Any, today: date) -> str:
    if row.state == SubmissionState.APPROVED:
        return "approved"
    if row.state != SubmissionState.DRAFT:
        return "waiting"
    if row.is_now:
        return "tasks"
    return "later" if row.period.opens_on > today and row.first_submitted_at is None else "closed"


def _task(row: Any, step: Transition | None, today: date) -> Task:
    is_back = step is not None and step.action in (Action.RETURN, Action.REOPEN)
    is_away = row.state in (SubmissionState.SUBMITTED, SubmissionState.ENDORSED)
    return Task(
        pk=row.pk,
        programme=row.programme.name,
        period=str(row.period),
        badge=dues.badge_of(row, row.due_day, today),
        filled=row.filled,
        assigned=row.assigned,
        due=due_words(row, row.due_day, today),
        is_late=row.days_late(row.due_day, today) > 0,
        extension=dues.extension_text(row.period, row.due_day),
        returned=_returned_text(step) if step and is_back else "",
        reason=step.reason if step and is_back else "",
        remarks=_remarks_text(step) if step and is_back else "",
        holder=_holder_text(row, step) if step and is_away else "",
    )


def due_words(submission: Submission, due_on: date, today: date) -> str:
    """How much time there is, or how late it is; of what came back, having been in time once, still its day."""
    words = dues.due_text(submission, due_on, today)
    is_draft = submission.state == SubmissionState.DRAFT
    return words or (_("due on %(day)s") % {"day": formats.day(due_on)} if is_draft else "")


def _returned_text(step: Transition) -> str:
    values = {"name": step.actor.name, "when": formats.day_and_time(step.at)}
    if step.action == Action.REOPEN:
        return _("Reopened by %(name)s, %(when)s") % values
    return _("Returned by %(name)s, %(when)s") % values


def _remarks_text(step: Any) -> str:
    count = step.remark_count
    return ngettext("%(count)d remark", "%(count)d remarks", count) % {"count": count} if count else ""


def _holder_text(row: Submission, step: Transition) -> str:
    values = {"holder": dues.holder_of(row), "when": formats.day_and_time(step.at)}
    return _("With %(holder)s since %(when)s") % values


# ---- what waits for a check


@dataclass(frozen=True, slots=True)
class Waiting:
    """One submission that waits for the account's check. `is_own`: the account submitted it, so a colleague has to."""

    pk: int
    unit: str
    programme: str
    period: str
    sender: str
    since: datetime
    sent: str
    waiting: str
    round: int
    is_own: bool


def endorsing_list(account: Account, today: date) -> tuple[Waiting, ...]:
    """What the own unit's reporters have submitted, the longest waiting first."""
    return _waiting(Submission.objects.filter(is_to_endorse(account)), account, today)


def approving_list(account: Account, today: date) -> tuple[Waiting, ...]:
    """What units have endorsed, and departments submitted, in the own programmes; the longest waiting first."""
    return _waiting(Submission.objects.filter(is_to_approve(account)), account, today)


def _waiting(submissions: Any, account: Account, today: date) -> tuple[Waiting, ...]:
    rows: Sequence[Submission] = list(submissions.with_parts())
    steps = latest_steps(rows)
    found = [_waiting_row(row, steps[row.pk], account, today) for row in rows if row.pk in steps]
    return tuple(sorted(found, key=lambda waiting: waiting.since))


def _waiting_row(row: Submission, step: Transition, account: Account, today: date) -> Waiting:
    return Waiting(
        pk=row.pk,
        unit=row.organisation.name,
        programme=row.programme.name,
        period=str(row.period),
        sender=step.actor.name,
        since=step.at,
        sent=formats.day_and_time(step.at),
        waiting=dues.waiting_text(timezone.localdate(step.at), today),
        round=row.round,
        is_own=row.submitted_by_id == account.pk,
    )
