"""What the page of one figure shows: the figure, its other quarters, its story, and the files behind it."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from organisations.models import Account
from targets.domain.evidence import may_change_evidence
from targets.models import Commitment, Evidence, Figure
from targets.reports import value_text
from targets.timeline import events_of, time_held


def figure_context(figure: Figure, *, account: Account, at: datetime) -> dict[str, Any]:
    """For templates/targets/figure.html; the number of queries does not depend on how much there is to tell."""
    submission, indicator = figure.submission, figure.indicator
    files = Prefetch("evidence", Evidence.objects.filter(submission=submission), to_attr="files")
    commitments = Commitment.objects.reported_in(submission).filter(indicator=indicator)
    others = Figure.objects.visible_to(account).filter(
        indicator=indicator, submission__organisation=submission.organisation
    )
    return {
        "figure": figure,
        "submission": submission,
        "value": value_text(figure),
        "quarters": [
            {"figure": each, "value": value_text(each)}
            for each in others.select_related("submission__period").order_by(
                "-submission__period__year", "-submission__period__quarter"
            )
        ],
        "commitments": list(commitments.select_related("indicator").prefetch_related(files)),
        "may_edit": may_change_evidence(submission, actor=account, at=at),
        "events": events_of(submission, indicator),
        "held": time_held(submission, at),
    }
