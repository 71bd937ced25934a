from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from organisations.choices import OrganisationKind
from organisations.models import Account, Organisation
from targets.choices import CommitmentKind, PeriodState, SubmissionState

if TYPE_CHECKING:
    from targets.models import (
        Commitment,
        DueDayExtension,
        Evidence,
        Explanation,
        Figure,
        Period,
        Plan,
        Programme,
        ProgressNote,
        Remark,
        Revision,
        Submission,
        Target,
        Transition,
        Upload,
    )


def submissions_seen_by(account: Account, prefix: str = "") -> Q:
    """The submissions that an account may see; `prefix` leads from the filtered model to the submission.

    The one place of this rule ("Who may do what"): plan managers and auditors see everything, reviewers their
    own programmes, leaders what is approved, reporters and endorsers their own unit and those below it.
    """
    if account.plan_manager or account.auditor:
        return Q()
    seen = Q(pk__in=())
    if account.reviewer:
        seen |= Q(**{f"{prefix}programme__lead": account.organisation_id})
    if account.leader:
        seen |= Q(**{f"{prefix}state": SubmissionState.APPROVED})
    if account.reporter or account.endorser:
        seen |= Q(**{f"{prefix}organisation__path__startswith": account.organisation.path})
    return seen


# ---- whose turn it is ("The submission's life")


def is_to_fill_in(account: Account, today: date) -> Q:
    """The drafts that the unit's reporter can work on now: returned ones, and those whose opening day has come."""
    extended = apps.get_model("targets", "DueDayExtension").objects.filter(
        period=OuterRef("period"), organisation=OuterRef("organisation"), due_on__gte=today
    )
    return (
        Q(organisation=account.organisation_id, state=SubmissionState.DRAFT)
        & (Q(period__opens_on__lte=today) | Q(first_submitted_at__isnull=False))
        & (Q(period__state=PeriodState.OPEN) | Q(Exists(extended)))
    )


def is_to_endorse(account: Account) -> Q:
    """What waits for the unit's own check; a department has none."""
    department = Q(organisation__kind=OrganisationKind.DEPARTMENT)
    return Q(organisation=account.organisation_id, state=SubmissionState.SUBMITTED) & ~department


def is_to_approve(account: Account) -> Q:
    """What waits for the reviewer of the programme; a department's own comes there at once."""
    return Q(programme__lead=account.organisation_id) & (
        Q(state=SubmissionState.ENDORSED)
        | Q(state=SubmissionState.SUBMITTED, organisation__kind=OrganisationKind.DEPARTMENT)
    )


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def reviewed_by(self, account: Account) -> Self:
        """The programmes whose lead department the account belongs to."""
        return self.filter(lead=account.organisation_id)


class PlanQuerySet(models.QuerySet["Plan"]):
    def for_year(self, year: int) -> Self:
        """The year's plans, the first issued first."""
        return self.filter(year=year).select_related("issuer", "data_version").order_by("issued_on", "code")


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def for_plan(self, plan: "Plan") -> Self:
        """The plan's commitments in its order, with all that a page says about each."""
        return (
            self.filter(plan=plan, withdrawn=False)
            .select_related("plan", "item__section", "item__programme", "indicator")
            .order_by("item__section__position", "item__number", "code")
        )

    def quantified(self) -> Self:
        return self.filter(kind=CommitmentKind.QUANTIFIED)

    def reported_in(self, submission: "Submission") -> Self:
        """What the submission's unit is assigned of its programme in its year; nothing that has been withdrawn."""
        return self.filter(
            withdrawn=False,
            plan__year=submission.period.year,
            item__programme=submission.programme_id,
            targets__organisation=submission.organisation_id,
            targets__reports=True,
        )


class DueDayExtensionQuerySet(models.QuerySet["DueDayExtension"]):
    def visible_to(self, account: Account) -> Self:
        """Who sees all units sees all; others those of the own unit and below."""
        if account.sees_all_units:
            return self
        return self.filter(organisation__path__startswith=account.organisation.path)


class TargetQuerySet(models.QuerySet["Target"]):
    def reporting(self) -> Self:
        """The rows that assign a commitment to a unit; the city's promise is none of them."""
        return self.filter(reports=True)

    def visible_to(self, account: Account) -> Self:
        if account.plan_manager or account.auditor or account.leader:
            return self
        seen = Q(pk__in=())
        if account.reviewer:
            seen |= Q(commitment__item__programme__lead=account.organisation_id)
        if account.reporter or account.endorser:
            seen |= Q(organisation__path__startswith=account.organisation.path)
        return self.filter(seen)


class PeriodQuerySet(models.QuerySet["Period"]):
    @staticmethod
    def is_code(text: str) -> bool:
        """Whether the text is written like 2020Q3."""
        year, mark, quarter = text.partition("Q")
        return bool(mark and text.isascii() and year.isdigit() and len(year) == 4 and quarter in ("1", "2", "3", "4"))

    def with_code(self, code: str) -> Self:
        """The period written 2020Q3; none when the text is no such code."""
        return self.filter(year=int(code[:4]), quarter=int(code[5:])) if self.is_code(code) else self.none()

    def never_opened(self) -> Self:
        """The closed ones that their history has never seen open; without a history nothing is known, so none."""
        history = self.model.history.filter(id=OuterRef("pk"))
        closed = self.filter(Exists(history), state=PeriodState.CLOSED)
        return closed.exclude(Exists(history.filter(state=PeriodState.OPEN)))


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, account: Account) -> Self:
        return self.filter(submissions_seen_by(account))

    def with_due_day(self) -> Self:
        """`due_day`: until when the unit has time, as targets.models.periods.due_day has it."""
        extension = apps.get_model("targets", "DueDayExtension").objects.filter(
            period=OuterRef("period"), organisation=OuterRef("organisation")
        )
        own = F("period__due_on")
        # The greater of something and nothing is nothing on SQLite.
        return self.annotate(due_day=Greatest(Coalesce(Subquery(extension.values("due_on")[:1]), own), own))

    def with_parts(self) -> Self:
        """With unit, programme and period, as every line that names a submission needs them."""
        return self.select_related("organisation", "programme", "period", "submitted_by")

    def with_filled(self) -> Self:
        """`assigned`: the commitments that the unit reports there; `filled`: those that something is said about.

        Said is a figure (不适用 is one), and for a commitment without an indicator a progress note.
        """
        get_model, envelope = apps.get_model, OuterRef(OuterRef("pk"))
        figure = get_model("targets", "Figure").objects.filter(
            submission=envelope, indicator=OuterRef("commitment__indicator")
        )
        note = get_model("targets", "ProgressNote").objects.filter(
            submission=envelope, commitment=OuterRef("commitment"), commitment__indicator__isnull=True
        )
        assigned = get_model("targets", "Target").objects.filter(
            reports=True,
            organisation=OuterRef("organisation"),
            commitment__withdrawn=False,
            commitment__plan__year=OuterRef("period__year"),
            commitment__item__programme=OuterRef("programme"),
        )
        return self.annotate(
            assigned=_count_of(assigned), filled=_count_of(assigned.filter(Exists(figure) | Exists(note)))
        )

    def below(self, organisation: Organisation) -> Self:
        return self.filter(organisation__path__startswith=organisation.path)


def _count_of(rows: models.QuerySet[Any]) -> Coalesce:
    """How many rows there are, as a subquery of one number."""
    counted = rows.order_by().annotate(group=Value(1)).values("group").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class FigureQuerySet(models.QuerySet["Figure"]):
    def visible_to(self, account: Account) -> Self:
        return self.filter(submissions_seen_by(account, "submission__"))


class ProgressNoteQuerySet(models.QuerySet["ProgressNote"]):
    def visible_to(self, account: Account) -> Self:
        return self.filter(submissions_seen_by(account, "submission__"))


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, account: Account) -> Self:
        """Who may see the figure may see what proves it."""
        return self.filter(submissions_seen_by(account, "submission__"))

    def of(self, submission: "Submission", commitment: "Commitment") -> Self:
        """The files for one commitment of a submission, the first added first, with who added them."""
        return self.filter(submission=submission, commitment=commitment).select_related("added_by")


class ExplanationQuerySet(models.QuerySet["Explanation"]):
    def visible_to(self, account: Account) -> Self:
        return self.filter(submissions_seen_by(account, "submission__"))


class RemarkQuerySet(models.QuerySet["Remark"]):
    def visible_to(self, account: Account) -> Self:
        return self.filter(submissions_seen_by(account, "transition__submission__"))


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, account: Account) -> Self:
        """Those of the own unit's staff, and for a reviewer those that wrote into the own programmes."""
        if account.plan_manager or account.auditor:
            return self
        own = Q(pk__in=())
        if account.reporter or account.endorser:
            own |= Q(uploaded_by__organisation__path__startswith=account.organisation.path)
        if account.reviewer:
            own |= Q(revisions__submission__programme__lead=account.organisation_id)
        return self.filter(own).distinct()


class RevisionQuerySet(models.QuerySet["Revision"]):
    def visible_to(self, account: Account) -> Self:
        """Changes of the submissions one may see, and of targets under the rule of targets."""
        if account.plan_manager or account.auditor:
            return self
        seen = Q(submission__isnull=False) & submissions_seen_by(account, "submission__")
        if account.reviewer:
            seen |= Q(submission__isnull=True, commitment__item__programme__lead=account.organisation_id)
        if account.reporter or account.endorser:
            seen |= Q(submission__isnull=True, organisation__path__startswith=account.organisation.path)
        return self.filter(seen)


class TransitionQuerySet(models.QuerySet["Transition"]):
    def visible_to(self, account: Account) -> Self:
        return self.filter(submissions_seen_by(account, "submission__"))
