"""What happened to a submission and to a figure, told from the record; nothing here writes."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import models
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from organisations.choices import OrganisationKind
from targets import formats
from targets.choices import Action, Origin, RevisionKind, SubmissionState
from targets.domain.record import Values
from targets.models import Commitment, Indicator, Remark, Revision, Submission, Transition, Upload
from targets.reports import place_text, shown_change
from targets.soft_checks import CHECK_NAMES

# Of a long story's rows only what it tells is read.
TOLD = (
    *(field.attname for field in Revision._meta.concrete_fields if field.name != "organisation"),
    *("indicator__code", "indicator__name", "commitment__code", "commitment__statement", "commitment__indicator__name"),
    *("upload__name", "upload__uploaded_by"),
)
FOLD = timedelta(minutes=15)  # how long the saves of one person in the form are told as one


@dataclass(frozen=True, slots=True)
class Single:
    """One change as the record keeps it: who, when, by which way, from what to what, why."""

    at: datetime
    who: str
    way: str
    old: str
    new: str
    place: str
    upload: Upload | None
    reason: str

    @property
    def clock(self) -> str:
        return f"{timezone.localtime(self.at):%H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one figure, note, file or explanation in between; `singles` are its changes, oldest first.

    `code` is the commitment's, for a figure that of the row in which the form asks for it; `differs` is False for
    what was changed and changed back.
    """

    code: str
    subject: str
    what: str
    old: str
    new: str
    differs: bool
    singles: tuple[Single, ...]

    @property
    def folded(self) -> str:
        """How many changes are told as one; nothing where it is one."""
        count = len(self.singles)
        return ngettext("%(number)s change", "%(number)s changes", count) % {"number": count} if count > 1 else ""


@dataclass(frozen=True, slots=True)
class Event:
    """A step of the submission (with `action`, `word`, `round`, `remarks`), or changes saved together (`cells`).

    Changes that were folded happened between `since` and `at`.
    """

    at: datetime
    since: datetime
    who: str
    way: str
    reason: str
    word: str
    action: str = ""
    round: int = 0
    remarks: tuple[Remark, ...] = ()
    cells: tuple[Cell, ...] = ()
    upload: Upload | None = None


def events_of(submission: Submission, indicator: Indicator | None = None) -> list[Event]:
    """The submission's story, newest first; with `indicator` of changes and remarks only those about that indicator.

    Changes saved at once are one event. What one person saves in the form within 15 minutes is one too, as long as
    nobody else and no step comes between: 1 → 12 → 126 is told as not reported → 126. Four queries.
    """
    remarks, revisions = Remark.objects.select_related("commitment__indicator"), _revisions(submission)
    if indicator is not None:
        remarks = remarks.filter(commitment__indicator=indicator)
        revisions = revisions.filter(Q(indicator=indicator) | Q(commitment__indicator=indicator))
    codes = _codes(submission)
    steps = list(
        Transition.objects.filter(submission=submission)
        .prefetch_related(models.Prefetch("remarks", remarks))
        .order_by("at", "pk")
    )
    saves = [_saved(group, codes) for group in _groups(filter(_is_told, revisions), [step.at for step in steps])]
    # A change and a step of the same moment: only a draft changes, so the change came first.
    return sorted([*saves, *map(_step, steps)], key=lambda event: (event.at, bool(event.action)), reverse=True)


# ---- what differs from what was handed in


def differences_since_submitted(submission: Submission) -> list[Cell]:
    """What is otherwise now than it was handed in before the present round, in the order of the codes.

    For a draft that came back this is since its last submission; for what has been submitted again, since the
    submission of the round before. In round 1 there is nothing to compare with. What was changed and changed back
    is no difference. Three queries.
    """
    is_draft = submission.state == SubmissionState.DRAFT
    handed_in = Transition.objects.filter(
        submission=submission, action=Action.SUBMIT, round=submission.round if is_draft else submission.round - 1
    ).first()
    if handed_in is None:
        return []
    cells = _cells(filter(_is_told, _revisions(submission).filter(at__gt=handed_in.at)), _codes(submission))
    return sorted((cell for cell in cells if cell.differs), key=lambda cell: (cell.code, cell.what))


# ---- who has held it, and how long


class Side(models.TextChoices):
    """Whose turn it is with a submission."""

    UNIT = "unit", gettext_lazy("The unit")
    CHECKER = "checker", gettext_lazy("The unit's check")
    CITY = "city", gettext_lazy("The city")


@dataclass(frozen=True, slots=True)
class Held:
    """How long one side has had the submission in hand, over all rounds; `holds` marks the present holder."""

    side: Side
    time: timedelta
    holds: bool

    @property
    def text(self) -> str:
        return formats.duration(self.time)


def time_held(submission: Submission, now: datetime) -> list[Held]:
    """How long each side has had it up to now; a department has no checker of its own. Two queries.

    The unit's time begins when the quarter opens, since it could have begun then, or with the first thing that
    happened if that was earlier. Nobody holds what is approved; reopened, it is the unit's again.
    """
    steps = list(Transition.objects.filter(submission=submission).order_by("at", "pk"))
    holders = _holders(submission)
    held = dict.fromkeys(holders.values(), timedelta())
    state, since = str(SubmissionState.DRAFT), _beginning(submission, steps)
    for at, following in [*((step.at, step.to_state) for step in steps), (now, "")]:
        if state in holders:
            held[holders[state]] += max(at - since, timedelta())
        state, since = following or state, at
    return [Held(side, taken, holds=side == holders.get(state)) for side, taken in held.items()]


def _holders(submission: Submission) -> dict[str, Side]:
    own_check = submission.organisation.kind != OrganisationKind.DEPARTMENT
    return {
        SubmissionState.DRAFT: Side.UNIT,
        SubmissionState.SUBMITTED: Side.CHECKER if own_check else Side.CITY,
        SubmissionState.ENDORSED: Side.CITY,
    }


def _beginning(submission: Submission, steps: Sequence[Transition]) -> datetime:
    opening = timezone.make_aware(datetime.combine(submission.period.opens_on, time.min))
    first: datetime | None = Revision.objects.filter(submission=submission).aggregate(first=Min("at"))["first"]
    return min([opening, first or opening, *(step.at for step in steps)])


# ---- from the record's rows


def _revisions(submission: Submission) -> "models.QuerySet[Revision]":
    """The submission's changes, oldest first, with all that is told about each."""
    rows = Revision.objects.filter(submission=submission).order_by("at", "pk")
    return rows.select_related("indicator", "commitment__indicator", "upload").only(*TOLD)


def _is_told(revision: Revision) -> bool:
    """Whether a reader sees a difference: an explanation that holds for another figure now reads as before."""
    return revision.kind != RevisionKind.EXPLANATION or _in_words(revision.old) != _in_words(revision.new)


def _in_words(values: Values | None) -> Values | None:
    """The values without what no page shows."""
    return values and {name: value for name, value in values.items() if name != "basis"}


def _codes(submission: Submission) -> dict[int, str]:
    """By each indicator's id the code of the commitment under which the form asks for it: the plan's first."""
    rows = Commitment.objects.reported_in(submission).filter(indicator__isnull=False)
    ordered = rows.order_by("-plan__issued_on", "-item__section__position", "-item__number", "-code")
    return dict(ordered.values_list("indicator_id", "code"))


def _groups(revisions: Iterable[Revision], steps: Sequence[datetime]) -> list[list[Revision]]:
    groups: list[list[Revision]] = []
    for revision in revisions:
        if groups and _belongs(revision, groups[-1], steps):
            groups[-1].append(revision)
        else:
            groups.append([revision])
    return groups


def _belongs(revision: Revision, group: Sequence[Revision], steps: Sequence[datetime]) -> bool:
    first, last = group[0], group[-1]
    if _way(revision) != _way(first):
        return False
    if revision.at == last.at:
        return True
    is_folded = revision.origin == Origin.FORM and revision.at - first.at <= FOLD
    return is_folded and not any(last.at <= step < revision.at for step in steps)


def _way(revision: Revision) -> tuple[Hashable, ...]:
    return revision.actor_id, revision.actor_name, revision.origin, revision.upload_id, revision.reason


def _saved(group: Sequence[Revision], codes: Mapping[int, str]) -> Event:
    first, last = group[0], group[-1]
    return Event(
        at=last.at,
        since=first.at,
        who=last.actor_name,
        way=str(Origin(last.origin).label),
        reason=last.reason,
        word=_("Changed"),
        cells=tuple(_cells(group, codes)),
        upload=last.upload,
    )


def _step(step: Transition) -> Event:
    again = step.action == Action.SUBMIT and step.round > 1
    return Event(
        at=step.at,
        since=step.at,
        who=step.actor_name,
        way=str(step.get_origin_display()),
        reason=step.reason,
        word=_("Submitted again") if again else str(step.get_action_display()),
        action=step.action,
        round=step.round,
        remarks=tuple(step.remarks.all()),
    )


def _cells(revisions: Iterable[Revision], codes: Mapping[int, str]) -> list[Cell]:
    """The changes by what they are about, in the order in which each was first touched."""
    subjects: dict[tuple[Hashable, ...], list[Revision]] = {}
    for revision in revisions:
        subjects.setdefault(_subject(revision), []).append(revision)
    return [_cell(changes, codes) for changes in subjects.values()]


def _subject(revision: Revision) -> tuple[Hashable, ...]:
    """What a revision is about; each file and each explanation of a commitment is something of its own."""
    values = revision.new or revision.old or {}
    part = values.get("sha256") or values.get("code")
    return revision.kind, revision.indicator_id, revision.commitment_id, part


def _cell(changes: Sequence[Revision], codes: Mapping[int, str]) -> Cell:
    first, last = changes[0], changes[-1]
    singles = tuple(_single(each) for each in changes)
    if len(singles) == 1:
        old, new = singles[0].old, singles[0].new
    else:
        old, new = shown_change(first.old, last.new, first.kind)
    subject = first.indicator or first.commitment
    return Cell(
        code=codes.get(first.indicator_id or 0, subject.code if subject else ""),
        subject=first.indicator.name if first.indicator else first.commitment.title if first.commitment else "",
        what=_what(first),
        old=old,
        new=new,
        differs=_in_words(first.old) != _in_words(last.new),
        singles=singles,
    )


def _what(revision: Revision) -> str:
    """The kind of what was changed; of an explanation also which warning it answers."""
    kind, check = str(RevisionKind(revision.kind).label), CHECK_NAMES.get(_code(revision))
    return _("%(name)s (%(details)s)") % {"name": kind, "details": check} if check else kind


def _code(revision: Revision) -> str:
    return str((revision.new or revision.old or {}).get("code", ""))


def _single(revision: Revision) -> Single:
    old, new = shown_change(revision.old, revision.new, revision.kind)
    return Single(
        at=revision.at,
        who=revision.actor_name,
        way=str(Origin(revision.origin).label),
        old=old,
        new=new,
        place=place_text(revision),
        upload=revision.upload,
        reason=revision.reason,
    )
