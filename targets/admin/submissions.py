from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from organisations.admin import ReadOnlyAdmin, is_key
from organisations.choices import Role
from targets import clock, dues
from targets.admin.recorded import Recorded
from targets.choices import Origin
from targets.domain import review
from targets.forms import ReasonForm
from targets.models import Submission, Transition
from targets.problems import Refused
from targets.views.submissions import show

Rows = QuerySet[Submission]


@admin.register(Submission)
class SubmissionAdmin(Recorded, ReadOnlyAdmin):
    """The envelopes, with the steps of review as actions; what is inside comes in through the domain alone."""

    list_display = ("organisation", "programme", "period", "state_pill", "round", "late", "submitted_by")
    list_display_links = ("organisation",)
    list_filter = ("period", "programme", "state", "organisation__kind")
    list_select_related = ("organisation", "programme", "period", "submitted_by")
    search_fields = ("organisation__name", "organisation__code", "programme__name")
    actions = ("submit", "endorse", "approve", "send_back", "reopen")
    record_filters = {"submission": "pk"}
    action_roles = {
        "submit": Role.REPORTER,
        "endorse": Role.ENDORSER,
        "approve": Role.REVIEWER,
        "send_back": Role.ENDORSER,
        "reopen": Role.REVIEWER,
    }

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The submission's own page: the form for who fills it in, the reading for who checks it."""
        key = unquote(object_id)
        if not is_key(key):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        return show(request, int(key))

    @admin.display(description=_("state"), ordering="state")
    def state_pill(self, row: Submission) -> str:
        """As on the work lists: what came back is no mere draft, and what is late and empty is missing."""
        return render_to_string("_badge.html", {"badge": dues.badge_of(row, row.due_day, clock.today())})

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

    @admin.action(description=_("Approve those without warnings"))
    def approve(self, request: HttpRequest, rows: Rows) -> None:
        results = review.approve_without_cautions(
            rows.with_parts(), actor=request.user, at=clock.now(), origin=Origin.ADMIN
        )
        for _row, problem in results:
            if problem is not None:
                self.message_user(request, problem.message, messages.WARNING)
        self._tell(request, sum(problem is None for _row, problem in results))

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
                for problem in refused.problems:
                    self.message_user(request, _("%(submission)s: %(problem)s") % {
                        "submission": row, "problem": problem.message,
                    }, messages.ERROR)  # fmt: skip
            except PermissionDenied as error:
                self.message_user(request, str(error), messages.ERROR)
        self._tell(request, taken)

    def _tell(self, request: HttpRequest, taken: int) -> None:
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
