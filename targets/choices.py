from django.db import models
from django.utils.translation import gettext_lazy as _

from targets import amounts, progress


class CommitmentKind(models.TextChoices):
    QUANTIFIED = "quantified", _("Quantified")
    MILESTONE = "milestone", _("Milestone")
    STANDING = "standing", _("Standing duty")


class Form(models.TextChoices):
    NUMBER = "number", _("Number")
    RATIO = "ratio", _("Ratio")


class TimeRule(models.TextChoices):
    SUM = amounts.SUM, _("Flow (this quarter's own amount)")
    LATEST = amounts.LATEST, _("Stock (level at the quarter's end)")
    EVERY = amounts.EVERY, _("Each quarter for itself")


class Comparator(models.TextChoices):
    AT_LEAST = progress.AT_LEAST, _("At least")
    AT_MOST = progress.AT_MOST, _("At most")


class Pace(models.TextChoices):
    LINEAR = progress.LINEAR, _("Linear (25, 50, 75, 100 %)")
    CUSTOM = progress.CUSTOM, _("Custom shares")
    NONE = progress.NO_PACE, _("Judged at the year's end only")


class ReportedBy(models.TextChoices):
    DISTRICTS = "districts", _("All district bureaus and zones")
    LEAD = "lead", _("The programme's lead department")
    LISTED = "listed", _("Listed units")


class PeriodState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class SubmissionState(models.TextChoices):
    DRAFT = "draft", _("Being filled in")
    SUBMITTED = "submitted", _("Awaiting the unit's check")
    ENDORSED = "endorsed", _("Awaiting the city's approval")
    APPROVED = "approved", _("Approved")


class Action(models.TextChoices):
    SUBMIT = "submit", _("Submit")
    ENDORSE = "endorse", _("Endorse")
    APPROVE = "approve", _("Approve")
    RETURN = "return", _("Return")
    REOPEN = "reopen", _("Reopen")


class Scope(models.TextChoices):
    """Which submissions count ("What counts")."""

    APPROVED = "approved", _("Approved")
    SUBMITTED = "submitted", _("Submitted, approval pending included")
    ALL = "all", _("Everything, drafts included")

    @property
    def states(self) -> tuple[SubmissionState, ...]:
        if self == Scope.APPROVED:
            return (SubmissionState.APPROVED,)
        if self == Scope.SUBMITTED:
            return (SubmissionState.APPROVED, SubmissionState.ENDORSED, SubmissionState.SUBMITTED)
        return tuple(SubmissionState)


class Stage(models.TextChoices):
    NOT_STARTED = progress.Stage.NOT_STARTED.value, _("Not started")
    IN_PROGRESS = progress.Stage.IN_PROGRESS.value, _("In progress")
    DONE = progress.Stage.DONE.value, _("Done")
    BLOCKED = progress.Stage.BLOCKED.value, _("Blocked")


class Origin(models.TextChoices):
    """By which way a change came in."""

    FORM = "form", _("Form")
    ADMIN = "admin", _("Admin")
    UPLOAD = "upload", _("Spreadsheet")
    API = "api", _("REST interface")
    COMMAND = "command", _("Command line")
    DEMO = "demo", _("Demo data")


class RevisionKind(models.TextChoices):
    FIGURE = "figure", _("Figure")
    NOTE = "note", _("Progress note")
    TARGET = "target", _("Target")
    EVIDENCE = "evidence", _("Evidence")
    EXPLANATION = "explanation", _("Explanation")


class UploadState(models.TextChoices):
    PREVIEWED = "previewed", _("Waiting for confirmation")
    WRITTEN = "written", _("Written")
