from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from targets.choices import RevisionKind


class Recorded:
    """The history of a row that the domain writes is the record: its button leads to the row's revisions.

    `record_filters`: the fields of Revision that find them, and the attribute of the row that holds each value.
    """

    record_filters: Mapping[str, str]
    record_kind: RevisionKind | None = None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is None or not self.has_view_permission(request, row):  # type: ignore[attr-defined]
            raise Http404
        found = {f"{field}__id__exact": getattr(row, name) for field, name in self.record_filters.items()}
        if self.record_kind:
            found["kind__exact"] = self.record_kind.value
        return redirect(f"{reverse('admin:targets_revision_changelist')}?{urlencode(found)}")
