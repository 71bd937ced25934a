from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from ningbo_plan.navigation import navigation_of
from organisations.models import Account
from targets import clock
from targets.home import build_home
from targets.views import decomposition, evidence, submissions, uploads

SUBMISSION_VIEWS = {
    "preview": submissions.preview,
    "save": submissions.save,
    "submit": submissions.submit,
    "endorse": submissions.endorse,
    "approve": submissions.approve,
    "return": submissions.send_back,
    "reopen": submissions.reopen,
}

GROUPS = (
    (_("Reporting"), ("Submission", "Figure", "ProgressNote", "Evidence", "Upload")),
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
            *(
                path(f"submissions/<int:pk>/{name}/", self.admin_view(view), name=f"submission_{name}")
                for name, view in SUBMISSION_VIEWS.items()
            ),
            path("upload/", self.admin_view(uploads.upload), name="upload"),
            path("upload/<int:pk>/", self.admin_view(uploads.preview), name="upload_preview"),
            path("upload/<int:pk>/confirm/", self.admin_view(uploads.confirm), name="upload_confirm"),
            path("upload/<int:pk>/discard/", self.admin_view(uploads.discard), name="upload_discard"),
            path("upload/<int:pk>/file/", self.admin_view(uploads.download), name="upload_file"),
            path("submissions/<int:pk>/evidence/<str:code>/", self.admin_view(evidence.evidence), name="evidence"),
            path("evidence/<int:pk>/", self.admin_view(evidence.download), name="evidence_file"),
            path("evidence/<int:pk>/remove/", self.admin_view(evidence.remove), name="evidence_remove"),
            path("decomposition/", self.admin_view(decomposition.show), name="decomposition"),
            path("decomposition/save/", self.admin_view(decomposition.save), name="decomposition_save"),
            path("decomposition/split/", self.admin_view(decomposition.split), name="decomposition_split"),
            path("decomposition/check/", self.admin_view(decomposition.check), name="decomposition_check"),
            path("decomposition/balances/", self.admin_view(decomposition.balances), name="decomposition_balances"),
        ]
        return own + super().get_urls()

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Also the sidebar, read only where a page shows it."""
        context = super().each_context(request)
        if context["has_permission"]:
            context["navigation"] = SimpleLazyObject(lambda: navigation_of(request, context["available_apps"]))
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        home = build_home(cast(Account, request.user), request.GET.get("period"), clock.today())
        return super().index(request, {"home": home, **(extra_context or {})})

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

    def password_change(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return redirect("password_change")
