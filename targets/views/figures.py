"""The page of one figure: the figure, the files behind it, its other quarters, and its story."""

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from organisations.models import Account
from targets import clock
from targets.domain.evidence import may_change_evidence
from targets.models import Commitment, Evidence, Figure
from targets.reports import rate_text, value_text
from targets.timeline import events_of, time_held


@require_safe
def figure(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Figure.objects.visible_to(request.user).select_related(
        "indicator", "submission__organisation", "submission__programme", "submission__period"
    )
    row = get_object_or_404(rows, pk=pk)
    submission = row.submission
    context = {
        **admin.site.each_context(request),
        "title": row.indicator.name,
        "figure": row,
        "submission": submission,
        "value": value_text(row),
        "rate": rate_text(row),
        "quarters": _quarters(row, request.user),
        "commitments": _commitments(row),
        "may_edit": may_change_evidence(submission, actor=request.user, at=clock.now()),
        "events": events_of(submission, row.indicator),
        "held": time_held(submission, clock.now()),
    }
    return render(request, "targets/figure.html", context)


def _quarters(row: Figure, account: Account) -> list[dict[str, object]]:
    """The unit's figures of the indicator that the account may see, the newest first."""
    figures = Figure.objects.visible_to(account).filter(
        indicator=row.indicator, submission__organisation=row.submission.organisation
    )
    ordered = figures.order_by("-submission__period__year", "-submission__period__quarter")
    ordered = ordered.select_related("indicator", "submission__period")
    return [{"figure": each, "value": value_text(each), "rate": rate_text(each)} for each in ordered]


def _commitments(row: Figure) -> list[Commitment]:
    """What the figure counts for in its unit's year, each with its `files`."""
    files = Prefetch("evidence", Evidence.objects.filter(submission=row.submission), to_attr="files")
    commitments = Commitment.objects.reported_in(row.submission).filter(indicator=row.indicator)
    return list(commitments.select_related("indicator").prefetch_related(files))
