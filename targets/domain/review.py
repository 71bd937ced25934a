"""A submission's way through review ("The submission's life"): each step is one function, checked, locked, recorded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.choices import OrganisationKind
from organisations.models import Account
from targets import checks
from targets.choices import Action, Origin, SubmissionState
from targets.domain.envelopes import extended_to, require_version
from targets.domain.explanations import ExplanationEntry, write_explanations
from targets.domain.record import bump_data_versions, name_of
from targets.lines import lines_of, lines_of_one
from targets.models import Commitment, Remark, Submission, Transition
from targets.models.periods import is_open
from targets.problems import Place, Problem, Refused
from targets.soft_checks import Caution, cautions_of, unexplained

DRAFT, SUBMITTED = SubmissionState.DRAFT, SubmissionState.SUBMITTED
ENDORSED, APPROVED = SubmissionState.ENDORSED, SubmissionState.APPROVED


@dataclass(frozen=True, slots=True)
class RemarkEntry:
    """What is to be mended at one commitment, said when a submission is sent back."""

    commitment: str
    text: str


def submit(
    submission: Submission,
    *,
    actor: Account,
    at: datetime,
    origin: Origin,
    explanations: Sequence[ExplanationEntry] = (),
    version: int | None = None,
) -> Transition:
    """Hands a draft to the unit's own checker. By a reporter of the unit, while the period is open for it.

    Every soft check that speaks up needs an explanation, given here or saved with the draft before.

    Like every step here: raises PermissionDenied for who may not take it, and Refused with every problem where the
    state or the content does not allow it, or where the submission has changed since the `version` that was looked
    at; all of these leave everything as it is.
    """
    return _move(submission, Action.SUBMIT, actor, at, origin, version, explanations=explanations)


def endorse(
    submission: Submission, *, actor: Account, at: datetime, origin: Origin, version: int | None = None
) -> Transition:
    """The unit's own check: by an endorser of the same unit who has not submitted it."""
    return _move(submission, Action.ENDORSE, actor, at, origin, version)


def approve(
    submission: Submission, *, actor: Account, at: datetime, origin: Origin, version: int | None = None
) -> Transition:
    """The city's approval: by a reviewer of the programme's lead department who has not submitted it."""
    return _move(submission, Action.APPROVE, actor, at, origin, version)


def return_submission(
    submission: Submission,
    *,
    actor: Account,
    at: datetime,
    origin: Origin,
    reason: str,
    remarks: Sequence[RemarkEntry] = (),
    version: int | None = None,
) -> Transition:
    """Back to a draft with a reason for the whole, and remarks at single commitments.

    By the unit's endorser before the endorsement, by the reviewer after it.
    """
    return _move(submission, Action.RETURN, actor, at, origin, version, reason=reason, remarks=remarks)


def reopen(
    submission: Submission,
    *,
    actor: Account,
    at: datetime,
    origin: Origin,
    reason: str,
    remarks: Sequence[RemarkEntry] = (),
    version: int | None = None,
) -> Transition:
    """Approved figures become a draft again, with a reason: by a reviewer of the programme's lead department."""
    return _move(submission, Action.REOPEN, actor, at, origin, version, reason=reason, remarks=remarks)


def approve_without_cautions(
    submissions: Iterable[Submission], *, actor: Account, at: datetime, origin: Origin
) -> list[tuple[Submission, Problem | None]]:
    """Approves in bulk what no soft check speaks up about; each with why it was left alone, None when approved.

    What has a caution, explained or not, wants to be opened and read. Who may not approve a submission is told so
    for that one; the others go on.
    """
    rows = list(submissions)
    lines = lines_of(rows)
    results: list[tuple[Submission, Problem | None]] = []
    for row in rows:
        count = len(cautions_of(lines[row.pk], timezone.localdate(at)))
        problem = _has_cautions(row, count) if count else None
        if problem is None:
            try:
                approve(row, actor=actor, at=at, origin=origin, version=row.version)
            except (Refused, PermissionDenied) as error:
                problem = error.problems[0] if isinstance(error, Refused) else Problem("forbidden", str(error))
        results.append((row, problem))
    return results


def _has_cautions(submission: Submission, count: int) -> Problem:
    message = ngettext(
        "“%(submission)s” has %(count)d warning; open it and look.",
        "“%(submission)s” has %(count)d warnings; open it and look.",
        count,
    )
    return Problem("has_warnings", message % {"submission": submission, "count": count})


@transaction.atomic
def _move(
    submission: Submission,
    action: Action,
    actor: Account,
    at: datetime,
    origin: Origin,
    version: int | None,
    *,
    reason: str = "",
    explanations: Sequence[ExplanationEntry] = (),
    remarks: Sequence[RemarkEntry] = (),
) -> Transition:
    locked = Submission.objects.with_parts().select_for_update(of=("self",)).get(pk=submission.pk)
    require_person(action, locked, actor)
    refusal = _refused_state(action, locked)
    if refusal:
        raise Refused([refusal])
    require_version(locked, version)
    said = _remarks(locked, remarks)
    if action == Action.SUBMIT:
        write_explanations(locked, explanations, actor=actor, at=at, origin=origin)
        _require_content(locked, at)
    elif action in (Action.RETURN, Action.REOPEN) and not reason.strip():
        raise Refused([Problem("reason_missing", _("Say why: this step needs a reason."))])
    transition = _take(locked, action, actor, at, origin, reason.strip())
    for remark in said:
        remark.transition = transition
    Remark.objects.bulk_create(said)
    bump_data_versions([locked.period.year], at)
    submission.refresh_from_db()
    return transition


def _take(locked: Submission, action: Action, actor: Account, at: datetime, origin: Origin, reason: str) -> Transition:
    before = locked.state
    locked.state = _STEPS[action].to_state
    locked.version += 1
    if action == Action.SUBMIT:
        locked.round += 1 if locked.first_submitted_at else 0
        locked.first_submitted_at = locked.first_submitted_at or at
        locked.submitted_by = actor
    locked.save(update_fields=["state", "version", "round", "first_submitted_at", "submitted_by"])
    return Transition.objects.create(
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


def _remarks(submission: Submission, entries: Sequence[RemarkEntry]) -> list[Remark]:
    """The remarks that say something, ready but for their transition; Refused with every one that cannot be kept."""
    said = [entry for entry in entries if entry.text.strip()]
    if not said:
        return []
    commitments = {line.commitment.code: line.commitment for line in lines_of_one(submission)}
    problems = [fault for entry in said if (fault := _remark_fault(entry, commitments)) is not None]
    if problems:
        raise Refused(problems)
    return [Remark(commitment=commitments[entry.commitment], text=entry.text.strip()) for entry in said]


def _remark_fault(entry: RemarkEntry, commitments: Mapping[str, Commitment]) -> Problem | None:
    place, text = Place(cell=entry.commitment), entry.text.strip()
    if entry.commitment not in commitments:
        message = _("The submission has no commitment with this code.")
        return Problem("unknown_commitment", message, place, entry.commitment)
    limit = Remark._meta.get_field("text").max_length or 0
    if len(text) > limit:
        message = _("The remark has %(length)d characters; at most %(limit)d can be kept.")
        return Problem("too_long", message % {"length": len(text), "limit": limit}, place)
    return next((Problem(code, message, place) for code, message in checks.check_text(text)), None)


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


def why_not(action: Action, submission: Submission, actor: Account) -> str | None:
    """Why this person may not take the step, whatever its state; None for who may."""
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


def require_person(action: Action, submission: Submission, actor: Account) -> None:
    """Raises PermissionDenied with the reason for who may not take the step."""
    forbidden = why_not(action, submission, actor)
    if forbidden:
        raise PermissionDenied(forbidden)


def possible_steps(submission: Submission, actor: Account) -> list[Action]:
    """The steps that this person may take now, as far as person and state decide."""
    return [
        action
        for action in Action
        if _refused_state(action, submission) is None and why_not(action, submission, actor) is None
    ]


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


def _require_content(submission: Submission, at: datetime) -> None:
    """Raises Refused where a draft is not ready to be submitted: closed, empty, or with something unexplained."""
    names = {"submission": submission}
    today = timezone.localdate(at)
    problems = []
    if not is_open(submission.period, extended_to(submission), today):
        message = _(
            "“%(submission)s” cannot be submitted: the period is closed. "
            "Ask the city's department to extend the due day."
        )
        problems.append(Problem("period_closed", message % names))
    if not submission.figures.exists() and not submission.notes.exists():
        message = _("“%(submission)s” cannot be submitted: nothing has been filled in yet.")
        problems.append(Problem("empty", message % names))
    else:
        cautions = unexplained(cautions_of(lines_of_one(submission), today))
        problems += [_unexplained(caution) for caution in cautions]
    if problems:
        raise Refused(problems)


def _unexplained(caution: Caution) -> Problem:
    message = _("%(code)s %(title)s: %(message)s Mend it, or explain it.") % {
        "code": caution.commitment.code,
        "title": caution.commitment.title,
        "message": caution.message,
    }
    return Problem(caution.code, message, Place(cell=caution.commitment.code), caution.basis)
