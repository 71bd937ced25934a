from django.contrib import admin
from django.urls import include, path

from ningbo_plan.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("targets.api.urls")),
    path("", include("organisations.urls")),
    path("", include("dashboard.urls")),
]
