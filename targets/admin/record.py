from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from organisations.admin import ReadOnlyAdmin
from targets.admin.recorded import Recorded
from targets.choices import RevisionKind
from targets.models import Evidence, Figure, ProgressNote, Revision, Transition, Upload
from targets.reports import place_text, shown, value_text
from targets.views.figures import figure

OfSubmission = Figure | ProgressNote | Evidence


class OfSubmissionAdmin(Recorded, ReadOnlyAdmin):
    """What stands in a submission: its unit and period are the submission's."""

    @admin.display(description=_("organisation"), ordering="submission__organisation__position")
    def unit(self, row: OfSubmission) -> str:
        return row.submission.organisation.name

    @admin.display(description=_("period"), ordering="submission__period")
    def period(self, row: OfSubmission) -> str:
        return str(row.submission.period)


@admin.register(Figure)
class FigureAdmin(OfSubmissionAdmin):
    list_display = ("indicator", "unit", "period", "value", "state", "note")
    list_filter = ("submission__period", "indicator__programme", "submission__state", "not_applicable")
    list_select_related = ("indicator", "submission__organisation", "submission__period")
    search_fields = ("indicator__code", "indicator__name", "submission__organisation__name", "note")
    record_filters = {"submission": "submission_id", "indicator": "indicator_id"}

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The figure's own page; there is no form to fill in."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return figure(request, row.pk)

    @admin.display(description=_("value"), ordering="numerator")
    def value(self, row: Figure) -> str:
        return value_text(row)

    @admin.display(description=_("state"), ordering="submission__state")
    def state(self, row: Figure) -> str:
        return row.submission.get_state_display()


@admin.register(ProgressNote)
class ProgressNoteAdmin(OfSubmissionAdmin):
    list_display = ("commitment", "unit", "period", "stage", "progress", "problems")
    list_filter = ("submission__period", "commitment__item__programme", "stage")
    list_select_related = ("commitment", "submission__organisation", "submission__period")
    search_fields = ("commitment__code", "commitment__statement", "submission__organisation__name", "progress")
    record_filters = {"submission": "submission_id", "commitment": "commitment_id"}


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        "kind",
        "unit",
        "subject",
        "before",
        "after",
        "actor_name",
        "origin",
        "place",
        "reason",
    )
    list_filter = ("kind", "origin", "submission__period")
    list_select_related = ("organisation", "indicator", "commitment", "submission__period")
    search_fields = (
        "organisation__name",
        "indicator__code",
        "indicator__name",
        "commitment__code",
        "actor_name",
        "reason",
    )
    date_hierarchy = "at"
    list_per_page = 50
    exclude = ("old", "new", "sheet", "cell")
    readonly_fields = ("before", "after", "place")

    @admin.display(description=_("organisation"), ordering="organisation__position")
    def unit(self, row: Revision) -> str:
        return row.organisation.short_name

    @admin.display(description=_("subject"))
    def subject(self, row: Revision) -> str:
        return str(row.indicator or row.commitment)

    @admin.display(description=_("Before"))
    def before(self, row: Revision) -> str:
        return Truncator(shown(row.old, row.kind)).chars(40)

    @admin.display(description=_("After"))
    def after(self, row: Revision) -> str:
        return Truncator(shown(row.new, row.kind)).chars(40)

    @admin.display(description=_("Where"))
    def place(self, row: Revision) -> str:
        return place_text(row) or "–"


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    list_display = ("at", "submission", "action", "from_state", "to_state", "round", "actor_name", "reason")
    list_filter = ("action", "submission__period", "submission__programme")
    list_select_related = ("submission__organisation", "submission__programme", "submission__period")
    search_fields = ("submission__organisation__name", "actor_name", "reason")
    date_hierarchy = "at"


@admin.register(Evidence)
class EvidenceAdmin(OfSubmissionAdmin):
    list_display = ("name", "commitment", "unit", "period", "kind", "size", "added_by", "added_at", "file_link")
    list_filter = ("submission__period", "commitment__item__programme", "submission__state", "media_type")
    list_select_related = ("commitment", "submission__organisation", "submission__period", "added_by")
    search_fields = ("name", "sha256", "commitment__code", "submission__organisation__name", "added_by__name")
    exclude = ("file", "media_type")
    readonly_fields = ("kind", "file_link")
    record_filters = {"submission": "submission_id", "commitment": "commitment_id"}
    record_kind = RevisionKind.EVIDENCE

    @admin.display(description=_("kind of file"), ordering="media_type")
    def kind(self, row: Evidence) -> str:
        return row.kind

    @admin.display(description=_("file"))
    def file_link(self, row: Evidence) -> str:
        url = reverse("admin:evidence_file", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, _("The file as it came"))


@admin.register(Upload)
class UploadAdmin(Recorded, ReadOnlyAdmin):
    list_display = ("name", "organisation", "period", "state", "size", "uploaded_by", "uploaded_at", "file_link")
    list_filter = ("state", "period")
    list_select_related = ("organisation", "period", "uploaded_by")
    search_fields = ("name", "sha256", "uploaded_by__name")
    exclude = ("file", "versions")
    record_filters = {"upload": "pk"}

    @admin.display(description=_("file"))
    def file_link(self, row: Upload) -> str:
        url = reverse("admin:upload_file", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, _("The file as it came"))
