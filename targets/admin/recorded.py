from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode


class Recorded:
    """The history of a row that the domain writes is the record: its button leads to the row's revisions."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is None or not self.has_view_permission(request, row):  # type: ignore[attr-defined]
            raise Http404
        return redirect(f"{reverse('admin:targets_revision_changelist')}?{urlencode(self.record_of(row))}")

    def record_of(self, row: Any) -> dict[str, object]:
        """The filters that find the row's revisions."""
        raise NotImplementedError
