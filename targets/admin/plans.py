from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from organisations.admin import ReferenceAdmin
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


@admin.register(Commitment)
class CommitmentAdmin(ReferenceAdmin):
    list_display = ("code", "statement", "kind", "indicator", "pace", "item")
    list_filter = ("plan", "kind", "item__programme")
    list_select_related = ("indicator", "item")
    search_fields = ("code", "statement", "indicator__code", "indicator__name")
    autocomplete_fields = ("item", "indicator")


@admin.register(Indicator)
class IndicatorAdmin(ReferenceAdmin):
    list_display = ("code", "name", "unit", "form", "time_rule", "programme")
    list_filter = ("programme", "form", "time_rule")
    list_select_related = ("programme",)
    search_fields = ("code", "name", "aliases")
    autocomplete_fields = ("programme",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What a reported figure means cannot change any more: define a new indicator instead."""
        return ("programme", "form", "time_rule", "per") if obj and obj.figures.exists() else ()
