from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from organisations.admin import ReadOnlyAdmin
from organisations.choices import Role
from targets import clock
from targets.admin.recorded import Recorded
from targets.choices import Origin
from targets.domain import review
from targets.forms import ReasonForm
from targets.models import Figure, ProgressNote, Submission, Transition
from targets.problems import Refused
from targets.reports import value_text

Rows = QuerySet[Submission]


class _Inline(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class FigureInline(_Inline):
    model = Figure
    fields = ("indicator", "value", "note")
    readonly_fields = ("value",)

    @admin.display(description=_("value"))
    def value(self, row: Figure) -> str:
        return value_text(row)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Figure]:
        return super().get_queryset(request).select_related("indicator").order_by("indicator__code")


class NoteInline(_Inline):
    model = ProgressNote
    fields = ("commitment", "stage", "progress", "problems", "next_steps")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgressNote]:
        return super().get_queryset(request).select_related("commitment").order_by("commitment__code")


class TransitionInline(_Inline):
    model = Transition
    fields = ("at", "action", "actor_name", "round", "reason")


@admin.register(Submission)
class SubmissionAdmin(Recorded, ReadOnlyAdmin):
    """The envelopes, with the steps of review as actions; what is inside comes in through the domain alone."""

    list_display = ("organisation", "programme", "period", "state_pill", "round", "late", "submitted_by")
    list_display_links = ("organisation",)
    list_filter = ("period", "programme", "state", "organisation__kind")
    list_select_related = ("organisation", "programme", "period", "submitted_by")
    search_fields = ("organisation__name", "organisation__code", "programme__name")
    inlines = (FigureInline, NoteInline, TransitionInline)
    actions = ("submit", "endorse", "approve", "send_back", "reopen")
    record_filters = {"submission": "pk"}
    action_roles = {
        "submit": Role.REPORTER,
        "endorse": Role.ENDORSER,
        "approve": Role.REVIEWER,
        "send_back": Role.ENDORSER,
        "reopen": Role.REVIEWER,
    }

    @admin.display(description=_("state"), ordering="state")
    def state_pill(self, row: Submission) -> str:
        return format_html('<span class="pill pill-{}">{}</span>', row.state, row.get_state_display())

    @admin.display(description=_("late"))
    def late(self, row: Submission) -> str:
        days = row.days_late(row.due_day, clock.today())
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days} if days else "–"

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).with_due_day()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        held = set(request.user.roles)
        allowed = {name for name, role in self.action_roles.items() if role in held}
        if Role.REVIEWER in held:
            allowed.add("send_back")
        return {name: action for name, action in actions.items() if name in allowed}

    @admin.action(description=_("Submit for the unit's check"))
    def submit(self, request: HttpRequest, rows: Rows) -> None:
        self._take(request, rows, review.submit)

    @admin.action(description=_("Endorse"))
    def endorse(self, request: HttpRequest, rows: Rows) -> None:
        self._take(request, rows, review.endorse)

    @admin.action(description=_("Approve"))
    def approve(self, request: HttpRequest, rows: Rows) -> None:
        self._take(request, rows, review.approve)

    @admin.action(description=_("Return with a reason …"))
    def send_back(self, request: HttpRequest, rows: Rows) -> HttpResponse | None:
        return self._take_with_reason(request, rows, "send_back", review.return_submission)

    @admin.action(description=_("Reopen with a reason …"))
    def reopen(self, request: HttpRequest, rows: Rows) -> HttpResponse | None:
        return self._take_with_reason(request, rows, "reopen", review.reopen)

    def _take(self, request: HttpRequest, rows: Rows, step: Callable[..., Transition], **extra: str) -> None:
        """Takes the step for each row by itself, and tells every refusal."""
        taken = 0
        for row in rows:
            try:
                step(row, actor=request.user, at=clock.now(), origin=Origin.ADMIN, **extra)
                taken += 1
            except Refused as refused:
                self.message_user(request, refused.problems[0].message, messages.ERROR)
            except PermissionDenied as error:
                self.message_user(request, str(error), messages.ERROR)
        if taken:
            message = ngettext("%(count)d submission moved on.", "%(count)d submissions moved on.", taken)
            self.message_user(request, message % {"count": taken}, messages.SUCCESS)

    def _take_with_reason(
        self, request: HttpRequest, rows: Rows, action: str, step: Callable[..., Transition]
    ) -> HttpResponse | None:
        """Asks for the reason on a page of its own, then takes the step."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            self._take(request, rows, step, reason=form.cleaned_data["reason"])
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": self.get_actions(request)[action][2],
            "form": form,
            "rows": rows.with_parts(),
            "action": action,
            "opts": self.opts,
        }
        return render(request, "targets/reason.html", context)
