from django.urls import path

from targets.api.progress import ProgressView

urlpatterns = [path("progress/", ProgressView.as_view(), name="api_progress")]
