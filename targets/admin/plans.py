from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from organisations.admin import ReferenceAdmin
from targets.domain.plans import FIXED_ONCE_REPORTED
from targets.models import Commitment, Indicator, Plan, Programme, Section, WorkItem


@admin.register(Programme)
class ProgrammeAdmin(ReferenceAdmin):
    list_display = ("name", "code", "lead")
    list_select_related = ("lead",)
    search_fields = ("code", "name")
    autocomplete_fields = ("lead",)


@admin.register(Plan)
class PlanAdmin(ReferenceAdmin):
    list_display = ("title", "code", "year", "issuer", "issued_on")
    list_filter = ("year",)
    list_select_related = ("issuer",)
    search_fields = ("code", "title")
    autocomplete_fields = ("issuer",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Figures belong to a plan by its year and its issuer: they stay once it has commitments."""
        return ("code", "year", "issuer") if obj and obj.commitments.exists() else ()


@admin.register(Section)
class SectionAdmin(ReferenceAdmin):
    list_display = ("__str__", "plan")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("number", "title")
    autocomplete_fields = ("plan",)


@admin.register(WorkItem)
class WorkItemAdmin(ReferenceAdmin):
    list_display = ("__str__", "section", "programme")
    list_filter = ("section__plan", "programme")
    list_select_related = ("section", "programme")
    search_fields = ("number", "title")
    autocomplete_fields = ("section", "programme")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The programme decides who fills in and who reviews: it stays once something is promised."""
        return ("section", "programme") if obj and obj.commitments.exists() else ()


@admin.register(Commitment)
class CommitmentAdmin(ReferenceAdmin):
    list_display = ("code", "statement", "kind", "indicator", "pace", "item")
    list_filter = ("plan", "kind", "item__programme")
    list_select_related = ("indicator", "item")
    search_fields = ("code", "statement", "indicator__code", "indicator__name")
    autocomplete_fields = ("item", "indicator")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What is promised stays once a unit is assigned: targets and figures would mean something else."""
        return ("item", "code", "kind", "indicator", "reported_by") if obj and obj.targets.exists() else ()


@admin.register(Indicator)
class IndicatorAdmin(ReferenceAdmin):
    list_display = ("code", "name", "unit", "form", "time_rule", "programme")
    list_filter = ("programme", "form", "time_rule")
    list_select_related = ("programme",)
    search_fields = ("code", "name", "aliases")
    autocomplete_fields = ("programme",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What a reported figure means cannot change any more: define a new indicator instead."""
        return FIXED_ONCE_REPORTED if obj and obj.figures.exists() else ()
