"""Whether one may write into a submission: the unit, the period and the state, asked before anything is written."""

from collections.abc import Iterator
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.models import Account, Organisation
from targets.choices import SubmissionState
from targets.models import DueDayExtension, Period, Submission
from targets.models.periods import is_open
from targets.problems import Problem, Refused


def require_reporter(actor: Account | None) -> None:
    """Raises PermissionDenied for who is no reporter; `actor` None is the operator at the command line."""
    if actor is not None and not actor.reporter:
        raise PermissionDenied(_("Only a reporter can fill in figures."))


def require_writer(submission: Submission, actor: Account | None) -> None:
    """Raises PermissionDenied for who is no reporter of the submission's unit or of one above it."""
    require_reporter(actor)
    foreign = _foreign(actor, submission.organisation)
    if foreign:
        raise PermissionDenied(foreign)


def require_writable(submission: Submission, *, actor: Account | None, at: datetime) -> None:
    """Raises PermissionDenied like require_writer, and Refused where nobody can write into the submission now."""
    require_writer(submission, actor)
    problems = writing_problems(submission, at)
    if problems:
        raise Refused(problems)


def writing_problems(submission: Submission, at: datetime) -> list[Problem]:
    """Every reason why the submission cannot be written into now, whoever it is."""
    unit, period = submission.organisation, submission.period
    faults = writing_faults(None, unit, period, submission, extended_to(submission), timezone.localdate(at))
    return [Problem(code, message) for code, message in faults]


def require_version(submission: Submission, version: int | None) -> None:
    """Raises Refused when the submission is no longer at the version; None is who does not look before."""
    if version is not None and submission.version != version:
        message = _("“%(submission)s” has been changed by somebody else meanwhile; nothing has been overwritten.")
        raise Refused([Problem("changed_meanwhile", message % {"submission": submission})])


def extended_to(submission: Submission) -> date | None:
    """The unit's own later due day for the period, where the city has granted one."""
    rows = DueDayExtension.objects.filter(period=submission.period_id, organisation=submission.organisation_id)
    return rows.values_list("due_on", flat=True).first()


def writing_faults(
    actor: Account | None,
    unit: Organisation,
    period: Period,
    submission: Submission | None,
    extension: date | None,
    today: date,
) -> Iterator[tuple[str, str]]:
    """Code and sentence of each reason why figures of the unit and period cannot be written."""
    names = {"unit": unit.name, "period": str(period)}
    foreign = _foreign(actor, unit)
    if foreign:
        yield "foreign_unit", foreign
        return
    if not is_open(period, extension, today):
        yield (
            "period_closed",
            _("%(period)s is closed. Ask the city's department to extend the due day for %(unit)s.") % names,
        )
    if submission and submission.state != SubmissionState.DRAFT:
        yield (
            "not_draft",
            _(
                "The submission of %(unit)s for %(programme)s, %(period)s is “%(state)s”: "
                "only a draft can be changed. "
                "Ask for it to be returned first."
            )
            % {**names, "programme": submission.programme.name, "state": submission.get_state_display()},
        )


def _foreign(actor: Account | None, unit: Organisation) -> str | None:
    """Why the person does not fill in for the unit; None for who does."""
    if actor is None or actor.organisation.contains(unit):
        return None
    message = _("You fill in for %(own)s; these are data of %(unit)s.")
    return message % {"own": actor.organisation.name, "unit": unit.name}
