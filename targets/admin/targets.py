from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from organisations.admin import RoleAdmin
from organisations.choices import Role
from targets.admin.recorded import Recorded
from targets.choices import RevisionKind
from targets.domain.decomposition import may_set_targets
from targets.forms import TargetForm
from targets.models import Target


@admin.register(Target)
class TargetAdmin(Recorded, RoleAdmin):
    """The decomposition, row by row; each change goes through set_targets and needs a reason."""

    editors = frozenset({Role.PLAN_MANAGER, Role.REVIEWER})
    form = TargetForm
    list_display = ("commitment", "organisation", "reports", "target_value", "baseline")
    list_filter = ("commitment__plan", "commitment__item__programme", "reports", "organisation__kind")
    list_select_related = ("commitment", "organisation")
    search_fields = ("commitment__code", "commitment__statement", "organisation__name", "organisation__code")
    autocomplete_fields = ("commitment", "organisation")
    record_kind = RevisionKind.TARGET  # progress notes name the same commitment and unit
    record_filters = {"commitment": "commitment_id", "organisation": "organisation_id"}
    ordering = ("commitment__plan", "commitment__code", "organisation__position")

    @admin.display(description=TargetForm.base_fields["numerator"].label)
    def target_value(self, row: Target) -> str:
        if row.numerator is None:
            return "–"
        whole = f"{row.numerator.normalize():f}"
        return whole if row.denominator is None else f"{whole}/{row.denominator.normalize():f}"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("TargetFormOfAccount", (form,), {"account": request.user})

    def save_model(self, request: HttpRequest, obj: Target, form: Any, change: bool) -> None:
        """The form has written the row through the domain."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Who only looks gives no reason; a milestone and a duty have no numbers."""
        fields = list(super().get_fields(request, obj))
        if obj and not obj.commitment.is_quantified:
            fields = [name for name in fields if name not in ("numerator", "denominator", "baseline")]
        if self.has_change_permission(request, obj):
            return fields
        return [name for name in fields if name not in ("reason", "based_on")]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("commitment", "organisation") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who is a reviewer and sees more by another role changes the targets of the own programmes only."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_set_targets(request.user, obj.commitment))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who no longer reports is unticked; a row that was there stays part of the record."""
        return False
