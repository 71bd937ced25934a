"""How one submission stands, in words: its state, how late it is or how long there is, and who has it now."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.choices import OrganisationKind
from targets import formats, statuses
from targets.choices import SubmissionState
from targets.models import Period, Submission
from targets.progress import Status
from targets.statuses import Badge


def late_text(days: int) -> str:
    return ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}


def due_text(submission: Submission, due_on: date, today: date) -> str:
    """Until when there is time and how much of it is left, or how late; "" for what was handed in within the time."""
    days = submission.days_late(due_on, today)
    if days:
        return late_text(days)
    if submission.first_submitted_at:
        return ""
    left = (due_on - today).days
    if left == 0:
        return _("due today")
    values = {"day": formats.day(due_on), "days": left}
    return ngettext("due on %(day)s, %(days)d day left", "due on %(day)s, %(days)d days left", left) % values


def extension_text(period: Period, due_on: date) -> str:
    """That the unit has a later day than the others; "" when it has not."""
    return _("extended to %(day)s") % {"day": formats.day(due_on)} if due_on != period.due_on else ""


def badge_of(submission: Submission, due_on: date, today: date) -> Badge:
    """How far the submission has come."""
    state = SubmissionState(submission.state)
    if state != SubmissionState.DRAFT or submission.first_submitted_at:
        return sent_badge(state)
    if today > due_on:
        return statuses.STATUS_BADGES[Status.MISSING]
    return Badge("not_started", "◌", state.label)


def sent_badge(state: SubmissionState) -> Badge:
    """How far something has come that was handed in at least once; a draft has been returned."""
    if state == SubmissionState.DRAFT:
        return statuses.RETURNED
    return Badge("met", "✓", state.label) if state == SubmissionState.APPROVED else Badge("running", "○", state.label)


def holder_of(submission: Submission) -> str:
    """Whose turn it is; "" when nobody's. The programme's lead has to be read with the submission."""
    if submission.state == SubmissionState.APPROVED:
        return ""
    if submission.state == SubmissionState.DRAFT:
        return _("the unit's reporter")
    is_department = submission.organisation.kind == OrganisationKind.DEPARTMENT
    if submission.state == SubmissionState.SUBMITTED and not is_department:
        return _("the unit's endorser")
    return _("the reviewer in %(unit)s") % {"unit": submission.programme.lead.short_name}


def days_text(since: date, today: date) -> str:
    """For how long something has been lying where it is."""
    days = (today - since).days
    return ngettext("for %(days)d day", "for %(days)d days", days) % {"days": days} if days > 0 else _("since today")


def waiting_text(since: date, today: date) -> str:
    """For how long something has been waiting for a check."""
    days = (today - since).days
    if days <= 0:
        return _("since today")
    return ngettext("waiting for %(days)d day", "waiting for %(days)d days", days) % {"days": days}
