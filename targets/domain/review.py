"""A submission's way through review ("The submission's life"): each step is one function, checked, locked, recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.choices import OrganisationKind
from organisations.models import Account
from targets.choices import Action, Origin, SubmissionState
from targets.domain.record import bump_data_versions, name_of
from targets.models import DueDayExtension, Submission, Transition
from targets.models.periods import is_open
from targets.problems import Problem, Refused

DRAFT, SUBMITTED = SubmissionState.DRAFT, SubmissionState.SUBMITTED
ENDORSED, APPROVED = SubmissionState.ENDORSED, SubmissionState.APPROVED


def submit(submission: Submission, *, actor: Account, at: datetime, origin: Origin) -> Transition:
    """Hands a draft to the unit's own checker. By a reporter of the unit, while the period is open for it.

    Like every step here: raises PermissionDenied for who may not take it, Refused (one problem) where the state or
    the content does not allow it; both leave everything as it is.
    """
    return _move(submission, Action.SUBMIT, actor, at, origin)


def endorse(submission: Submission, *, actor: Account, at: datetime, origin: Origin) -> Transition:
    """The unit's own check: by an endorser of the same unit who has not submitted it."""
    return _move(submission, Action.ENDORSE, actor, at, origin)


def approve(submission: Submission, *, actor: Account, at: datetime, origin: Origin) -> Transition:
    """The city's approval: by a reviewer of the programme's lead department who has not submitted it."""
    return _move(submission, Action.APPROVE, actor, at, origin)


def return_submission(
    submission: Submission, *, actor: Account, at: datetime, origin: Origin, reason: str
) -> Transition:
    """Back to a draft with a reason: by the unit's endorser before the endorsement, by the reviewer after it."""
    return _move(submission, Action.RETURN, actor, at, origin, reason)


def reopen(submission: Submission, *, actor: Account, at: datetime, origin: Origin, reason: str) -> Transition:
    """Approved figures become a draft again, with a reason: by a reviewer of the programme's lead department."""
    return _move(submission, Action.REOPEN, actor, at, origin, reason)


@transaction.atomic
def _move(
    submission: Submission, action: Action, actor: Account, at: datetime, origin: Origin, reason: str = ""
) -> Transition:
    locked = Submission.objects.with_parts().select_for_update(of=("self",)).get(pk=submission.pk)
    forbidden = _refused_person(action, locked, actor)
    if forbidden:
        raise PermissionDenied(forbidden)
    reason = reason.strip()
    refusal = _refused_state(action, locked) or _refused_content(action, locked, reason, at)
    if refusal:
        raise Refused([refusal])
    before = locked.state
    locked.state = _STEPS[action].to_state
    locked.version += 1
    if action == Action.SUBMIT:
        locked.round += 1 if locked.first_submitted_at else 0
        locked.first_submitted_at = locked.first_submitted_at or at
        locked.submitted_by = actor
    locked.save(update_fields=["state", "version", "round", "first_submitted_at", "submitted_by"])
    transition = Transition.objects.create(
        submission=locked,
        action=action,
        from_state=before,
        to_state=locked.state,
        round=locked.round,
        actor=actor,
        actor_name=name_of(actor),
        at=at,
        origin=origin,
        reason=reason,
    )
    bump_data_versions([locked.period.year], at)
    submission.refresh_from_db()
    return transition


# ---- who


def _is_departments_own(submission: Submission) -> bool:
    """A city department has no checker of its own: its submission goes to the reviewer at once."""
    return submission.organisation.kind == OrganisationKind.DEPARTMENT


def _is_reporter(submission: Submission, actor: Account) -> bool:
    return actor.reporter and actor.organisation_id == submission.organisation_id


def _is_endorser(submission: Submission, actor: Account) -> bool:
    return actor.endorser and actor.organisation_id == submission.organisation_id


def _is_reviewer(submission: Submission, actor: Account) -> bool:
    return actor.reviewer and actor.organisation_id == submission.programme.lead_id


def _may_return(submission: Submission, actor: Account) -> bool:
    if submission.state == SUBMITTED and _is_endorser(submission, actor):
        return True
    return (submission.state != SUBMITTED or _is_departments_own(submission)) and _is_reviewer(submission, actor)


@dataclass(frozen=True, slots=True)
class _Step:
    from_states: tuple[SubmissionState, ...]
    to_state: SubmissionState
    allowed: Callable[[Submission, Account], bool]


_STEPS = {
    Action.SUBMIT: _Step((DRAFT,), SUBMITTED, _is_reporter),
    Action.ENDORSE: _Step((SUBMITTED,), ENDORSED, _is_endorser),
    Action.APPROVE: _Step((ENDORSED,), APPROVED, _is_reviewer),
    Action.RETURN: _Step((SUBMITTED, ENDORSED), DRAFT, _may_return),
    Action.REOPEN: _Step((APPROVED,), DRAFT, _is_reviewer),
}


def _refused_person(action: Action, submission: Submission, actor: Account) -> str | None:
    """Why this person may not take the step, or None."""
    if not _STEPS[action].allowed(submission, actor):
        return _("%(name)s may not take the step “%(action)s” for “%(submission)s”.") % {
            "name": actor.name,
            "action": action.label,
            "submission": submission,
        }
    if action in (Action.ENDORSE, Action.APPROVE) and submission.submitted_by_id == actor.pk:
        return _("Who submitted “%(submission)s” cannot check it too; somebody else has to.") % {
            "submission": submission
        }
    return None


# ---- when


def _refused_state(action: Action, submission: Submission) -> Problem | None:
    allowed = _STEPS[action].from_states
    if action == Action.APPROVE and _is_departments_own(submission):
        allowed = (SUBMITTED, ENDORSED)
    if submission.state in allowed:
        return None
    message = _("“%(submission)s” is “%(state)s”; the step “%(action)s” is not possible from there.") % {
        "submission": submission,
        "state": submission.get_state_display(),
        "action": action.label,
    }
    return Problem("wrong_state", message)


def _refused_content(action: Action, submission: Submission, reason: str, at: datetime) -> Problem | None:
    if action in (Action.RETURN, Action.REOPEN) and not reason:
        return Problem("reason_missing", _("Say why: this step needs a reason."))
    if action != Action.SUBMIT:
        return None
    extension = DueDayExtension.objects.filter(period=submission.period, organisation=submission.organisation).first()
    if not is_open(submission.period, extension.due_on if extension else None, timezone.localdate(at)):
        return Problem(
            "period_closed",
            _(
                "“%(submission)s” cannot be submitted: the period is closed. "
                "Ask the city's department to extend the due day."
            )
            % {"submission": submission},
        )
    if not submission.figures.exists() and not submission.notes.exists():
        message = _("“%(submission)s” cannot be submitted: nothing has been filled in yet.")
        return Problem("empty", message % {"submission": submission})
    return None
