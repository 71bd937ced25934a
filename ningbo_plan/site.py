from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _

from targets.views import decomposition, uploads

GROUPS = (
    (_("Reporting"), ("Submission", "Figure", "ProgressNote", "Upload")),
    (_("Plan and targets"), ("Plan", "Section", "WorkItem", "Commitment", "Indicator", "Target", "Programme")),
    (_("Periods and units"), ("Period", "DueDayExtension", "Organisation", "Account")),
    (_("The record"), ("Revision", "Transition")),
)


class PlanAdminSite(admin.AdminSite):
    """The admin for staff: Chinese, in the product's skin, with the one login page that leaders use too."""

    site_title = site_header = _("Ningbo civil affairs work points")
    index_title = _("Workplace")
    site_url = "/"
    enable_nav_sidebar = True

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("upload/", self.admin_view(uploads.upload), name="upload"),
            path("upload/<int:pk>/", self.admin_view(uploads.preview), name="upload_preview"),
            path("upload/<int:pk>/confirm/", self.admin_view(uploads.confirm), name="upload_confirm"),
            path("upload/<int:pk>/discard/", self.admin_view(uploads.discard), name="upload_discard"),
            path("upload/<int:pk>/file/", self.admin_view(uploads.download), name="upload_file"),
            path("decomposition/", self.admin_view(decomposition.show), name="decomposition"),
            path("decomposition/save/", self.admin_view(decomposition.save), name="decomposition_save"),
            path("decomposition/split/", self.admin_view(decomposition.split), name="decomposition_split"),
            path("decomposition/check/", self.admin_view(decomposition.check), name="decomposition_check"),
            path("decomposition/balances/", self.admin_view(decomposition.balances), name="decomposition_balances"),
        ]
        return own + super().get_urls()

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The models by what people do with them, not by the app that holds them."""
        stock = super().get_app_list(request, app_label)
        if app_label is not None:
            return stock
        models = {model["object_name"]: model for app in stock for model in app["models"]}
        groups = [
            {
                "name": name,
                "app_label": f"group-{number}",
                "app_url": reverse("admin:index"),
                "has_module_perms": True,
                "models": [models[each] for each in names if each in models],
            }
            for number, (name, names) in enumerate(GROUPS)
        ]
        return [group for group in groups if group["models"]]

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
