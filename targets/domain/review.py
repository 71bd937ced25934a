"""A submission's way through review ("The submission's life"): each step is one function, checked, locked, recorded."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
REASON_LENGTH = 1000


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
    """The unit's own check: by an endorser of the same unit who has not submitted it; a department has none."""
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
    require_turn(action, locked, actor)
    require_version(locked, version)
    said = _words(locked, action, reason.strip(), remarks)
    if action == Action.SUBMIT:
        write_explanations(locked, explanations, actor=actor, at=at, origin=origin)
        _require_content(locked, at)
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


def _words(submission: Submission, action: Action, reason: str, entries: Sequence[RemarkEntry]) -> list[Remark]:
    """The remarks that say something, ready but for their transition; Refused with all that cannot be kept."""
    said = [entry for entry in entries if entry.text.strip()]
    lines = lines_of_one(submission) if said else []
    commitments = {line.commitment.code: line.commitment for line in lines}
    problems = [*_reason_faults(action, reason)]
    for entry in said:
        problems += _remark_faults(entry, commitments)
    if problems:
        raise Refused(problems)
    return [Remark(commitment=commitments[entry.commitment], text=entry.text.strip()) for entry in said]


def _reason_faults(action: Action, reason: str) -> Iterator[Problem]:
    if action in (Action.RETURN, Action.REOPEN) and not reason:
        yield Problem("reason_missing", _("Say why: this step needs a reason."))
    for code, message in checks.check_text(reason, REASON_LENGTH, _("reason")):
        yield Problem(code, message)


def _remark_faults(entry: RemarkEntry, commitments: Mapping[str, Commitment]) -> Iterator[Problem]:
    place = Place(cell=entry.commitment)
    if entry.commitment not in commitments:
        message = _("The submission has no commitment with this code.")
        yield Problem("unknown_commitment", message, place, entry.commitment)
    limit = Remark._meta.get_field("text").max_length or 0
    for code, message in checks.check_text(entry.text.strip(), limit, _("remark")):
        yield Problem(code, message, place)


# ---- who


def _is_departments_own(submission: Submission) -> bool:
    """A city department has no checker of its own: its submission goes to the reviewer at once."""
    return submission.organisation.kind == OrganisationKind.DEPARTMENT


def _is_reporter(submission: Submission, actor: Account) -> bool:
    return actor.reporter and actor.organisation_id == submission.organisation_id


def _is_endorser(submission: Submission, actor: Account) -> bool:
    is_of_unit = actor.endorser and actor.organisation_id == submission.organisation_id
    return is_of_unit and not _is_departments_own(submission)


def _is_reviewer(submission: Submission, actor: Account) -> bool:
    return actor.reviewer and actor.organisation_id == submission.programme.lead_id


# ---- and when


def _in_draft(submission: Submission) -> tuple[SubmissionState, ...]:
    return (DRAFT,)


def _at_the_unit(submission: Submission) -> tuple[SubmissionState, ...]:
    return (SUBMITTED,)


def _at_the_city(submission: Submission) -> tuple[SubmissionState, ...]:
    return (SUBMITTED, ENDORSED) if _is_departments_own(submission) else (ENDORSED,)


def _when_approved(submission: Submission) -> tuple[SubmissionState, ...]:
    return (APPROVED,)


@dataclass(frozen=True, slots=True)
class _Way:
    """Who may take a step, whatever the state, and from which states these people can."""

    is_theirs: Callable[[Submission, Account], bool]
    from_states: Callable[[Submission], tuple[SubmissionState, ...]]


@dataclass(frozen=True, slots=True)
class _Step:
    to_state: SubmissionState
    ways: tuple[_Way, ...]


_STEPS = {
    Action.SUBMIT: _Step(SUBMITTED, (_Way(_is_reporter, _in_draft),)),
    Action.ENDORSE: _Step(ENDORSED, (_Way(_is_endorser, _at_the_unit),)),
    Action.APPROVE: _Step(APPROVED, (_Way(_is_reviewer, _at_the_city),)),
    Action.RETURN: _Step(DRAFT, (_Way(_is_endorser, _at_the_unit), _Way(_is_reviewer, _at_the_city))),
    Action.REOPEN: _Step(DRAFT, (_Way(_is_reviewer, _when_approved),)),
}


def possible_steps(submission: Submission, actor: Account) -> list[Action]:
    """The steps that this person may take now, as far as person and state decide."""
    return [action for action in Action if _can_take(action, submission, actor)]


def _can_take(action: Action, submission: Submission, actor: Account) -> bool:
    try:
        require_turn(action, submission, actor)
    except (PermissionDenied, Refused):
        return False
    return True


def require_turn(action: Action, submission: Submission, actor: Account) -> None:
    """Raises PermissionDenied for who may never take the step, then Refused where the state does not allow it.

    Then PermissionDenied again for who would check what they have submitted themselves.
    """
    names = {"name": actor.name, "action": action.label, "submission": submission}
    ways = [way for way in _STEPS[action].ways if way.is_theirs(submission, actor)]
    if not ways:
        raise PermissionDenied(_("%(name)s may not take the step “%(action)s” for “%(submission)s”.") % names)
    if not any(submission.state in way.from_states(submission) for way in ways):
        raise Refused([Problem("wrong_state", _wrong_state(action, submission))])
    if action in (Action.ENDORSE, Action.APPROVE) and submission.submitted_by_id == actor.pk:
        message = _("Who submitted “%(submission)s” cannot check it too; somebody else has to.")
        raise PermissionDenied(message % names)


def _wrong_state(action: Action, submission: Submission) -> str:
    """Why the step is not possible now; for a return that others could make, with whom the submission is."""
    values = {"submission": submission, "state": submission.get_state_display(), "action": action.label}
    if action == Action.RETURN and submission.state in _at_the_city(submission):
        return _("“%(submission)s” is with the city's department now; only its reviewer can return it.") % values
    if action == Action.RETURN and submission.state == SUBMITTED:
        return _("“%(submission)s” is with the unit's own check now; only its endorser can return it.") % values
    return _("“%(submission)s” is “%(state)s”; the step “%(action)s” is not possible from there.") % values


# ---- what


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
