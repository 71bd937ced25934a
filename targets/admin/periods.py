from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organisations.admin import ReferenceAdmin
from organisations.choices import Role
from targets import clock
from targets.choices import PeriodState
from targets.domain.periods import create_submissions, extend_due_day, set_period_state
from targets.forms import ExtensionForm
from targets.models import DueDayExtension, Period


@admin.register(Period)
class PeriodAdmin(ReferenceAdmin):
    list_display = ("__str__", "opens_on", "due_on", "state")
    list_filter = ("year", "state")
    search_fields = ("year", "quarter")
    actions = ("close_periods", "open_periods")
    ordering = ("-year", "-quarter")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The state is changed by the actions; which quarter it is stays."""
        return ("year", "quarter", "state") if obj else ("state",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Period, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        create_submissions(obj.year)

    @admin.action(description=_("Close the selected periods"), permissions=["change"])
    def close_periods(self, request: HttpRequest, periods: QuerySet[Period]) -> None:
        self._set_state(request, periods, PeriodState.CLOSED)

    @admin.action(description=_("Open the selected periods"), permissions=["change"])
    def open_periods(self, request: HttpRequest, periods: QuerySet[Period]) -> None:
        self._set_state(request, periods, PeriodState.OPEN)

    def _set_state(self, request: HttpRequest, periods: QuerySet[Period], state: PeriodState) -> None:
        for period in periods:
            set_period_state(period, state, actor=request.user)
            message = _("%(period)s is now: %(state)s.") % {"period": period, "state": state.label}
            self.message_user(request, message, messages.SUCCESS)


@admin.register(DueDayExtension)
class DueDayExtensionAdmin(ReferenceAdmin):
    editors = frozenset({Role.PLAN_MANAGER, Role.REVIEWER})
    list_display = ("organisation", "period", "due_on", "reason", "granted_by", "granted_at")
    list_filter = ("period",)
    list_select_related = ("organisation", "period", "granted_by")
    search_fields = ("organisation__name", "reason")
    autocomplete_fields = ("period", "organisation")
    fields = ("period", "organisation", "due_on", "reason")
    form = ExtensionForm

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("period", "organisation") if obj else ()

    def save_model(self, request: HttpRequest, obj: DueDayExtension, form: Any, change: bool) -> None:
        saved = extend_due_day(
            obj.period, obj.organisation, obj.due_on, actor=request.user, at=clock.now(), reason=obj.reason
        )
        obj.pk = saved.pk
