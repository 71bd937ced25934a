from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organisations.admin import ReferenceAdmin
from organisations.choices import Role
from targets import clock
from targets.choices import PeriodState
from targets.domain.periods import extend_due_day, may_extend, set_period_state
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
        if obj.state == PeriodState.OPEN:
            done = set_period_state(obj, PeriodState.OPEN, actor=request.user)
            if done.is_change:  # drafts are new; that the period itself was saved is told anyway
                self.message_user(request, str(done), messages.SUCCESS)

    @admin.action(description=_("Close the selected periods"), permissions=["change"])
    def close_periods(self, request: HttpRequest, periods: QuerySet[Period]) -> None:
        self._set_state(request, periods, PeriodState.CLOSED)

    @admin.action(description=_("Open the selected periods"), permissions=["change"])
    def open_periods(self, request: HttpRequest, periods: QuerySet[Period]) -> None:
        self._set_state(request, periods, PeriodState.OPEN)

    def _set_state(self, request: HttpRequest, periods: Iterable[Period], state: PeriodState) -> None:
        for period in periods:
            done = set_period_state(period, state, actor=request.user)
            self.message_user(request, str(done), messages.SUCCESS if done.is_change else messages.INFO)


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

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        for field in form.base_fields.values():  # who extends a day edits neither periods nor units on the way
            for way in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{way}_related", False)
        return type("ExtensionFormOfAccount", (form,), {"account": request.user})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("period", "organisation") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A reviewer changes and takes back those of units that report in the own programmes."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_extend(request.user, obj.period, obj.organisation))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: DueDayExtension, form: Any, change: bool) -> None:
        saved = extend_due_day(
            obj.period, obj.organisation, obj.due_on, actor=request.user, at=clock.now(), reason=obj.reason
        )
        obj.pk = saved.pk
