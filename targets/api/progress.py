from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organisations.models import Organisation
from targets import clock
from targets.absences import Absences, find_absences
from targets.access import Reach, reach_of
from targets.api.problems import BadRequest
from targets.choices import Scope, Stage
from targets.domain.record import decimal_text
from targets.models import Period, Plan, Programme
from targets.problems import Place, Problem
from targets.progress import rounded
from targets.rollup import Narrative, Progress, RollUp, roll_up

NOBODY = Absences()


class ProgressPages(PageNumberPagination):
    page_size = 500
    page_size_query_param = "page_size"
    max_page_size = 5000


class ProgressView(APIView):
    """The roll-up: a row per commitment for the organisation, and with `by=organisation` for each unit below it."""

    def get(self, request: Request) -> Response:
        query = ProgressQuery(request)
        rolled = roll_up(
            query.plan,
            query.organisation,
            query.period.quarter,
            today=clock.today(),
            scope=query.scope,
            programmes=query.programmes,
            every_unit=query.by_organisation,
        )
        rows = list(progress_rows(rolled, query.period, with_units=query.by_organisation))
        pages = ProgressPages()
        return pages.get_paginated_response(pages.paginate_queryset(rows, request, view=self))


class ProgressQuery:
    """The parameters of one request, each checked; all faults are told at once."""

    def __init__(self, request: Request):
        self.params = request.query_params
        self.problems: list[Problem] = []
        period = self._period()
        scope = self._choice("scope", tuple(Scope.values), Scope.APPROVED)
        by = self._choice("by", ("organisation",), "")
        programme = self._programme()
        if self.problems or period is None:
            raise BadRequest(self.problems)
        self.period, self.scope, self.by_organisation = period, Scope(scope), bool(by)
        self.plan = self._plan(period)
        reach = reach_of(request.user, self.plan)
        if reach is None:
            raise PermissionDenied(_("This account sees no figures."))
        if self.scope not in reach.scopes:
            raise PermissionDenied(_("This account sees only what has been approved or submitted."))
        self.organisation = self._organisation(reach)
        self.programmes = self._within(reach, programme)

    def _period(self) -> Period | None:
        code = self.params.get("period", "")
        period = Period.objects.with_code(code).first()
        if period is None:
            self._fault("period", code, _("There is no such period; write it like 2020Q3."))
        return period

    def _choice(self, name: str, values: tuple[str, ...], default: str) -> str:
        value = self.params.get(name, default)
        if value not in (*values, default):
            message = _("Choose one of: %(values)s.") % {"values": ", ".join(values)}
            self._fault(name, value, message)
        return value

    def _programme(self) -> Programme | None:
        code = self.params.get("programme", "")
        if not code:
            return None
        programme = Programme.objects.filter(code=code).first()
        if programme is None:
            self._fault("programme", code, _("There is no such programme."))
        return programme

    def _plan(self, period: Period) -> Plan:
        plans = Plan.objects.for_year(period.year)
        if "plan" in self.params:
            plans = plans.filter(code=self.params["plan"])
        plan = plans.first()
        if plan is None:
            raise Http404
        return plan

    def _organisation(self, reach: Reach) -> Organisation:
        code = self.params.get("organisation", reach.top.code)
        organisation = Organisation.objects.below(reach.top).filter(code=code).first()
        if organisation is None:
            raise Http404
        return organisation

    @staticmethod
    def _within(reach: Reach, programme: Programme | None) -> tuple[Programme, ...] | None:
        if programme is None:
            return reach.programmes
        return (programme,) if reach.programmes is None or programme in reach.programmes else ()

    def _fault(self, name: str, found: str, message: str) -> None:
        self.problems.append(Problem("invalid", message, Place(cell=name), found))


def progress_rows(rolled: RollUp, period: Period, *, with_units: bool) -> Iterator[dict[str, Any]]:
    """The rows in the plan's order; amounts and shares are decimal texts, unrounded to 10 decimals."""
    absences = find_absences(rolled)
    rows: list[Progress | Narrative] = sorted(
        (*rolled.numbers, *rolled.narratives),
        key=lambda row: (
            row.commitment.item.section.position, row.commitment.item.number, row.commitment.code
        ),
    )  # fmt: skip
    for row in rows:
        for each in (row, *(row.units if with_units else ())):
            if isinstance(each, Progress):
                yield _number_row(each, period, absences.get((each.commitment.pk, each.organisation.code), NOBODY))
            else:
                yield _narrative_row(each, period)


def _number_row(row: Progress, period: Period, absences: Absences) -> dict[str, Any]:
    verdict, amount, target, indicator = row.verdict, row.amount, row.target, row.indicator
    return {
        **_head(row, period),
        "indicator": indicator.code,
        "numerator": decimal_text(amount.numerator) if amount else None,
        "denominator": decimal_text(amount.denominator) if amount else None,
        "value": _exact(verdict.value),
        "unit": indicator.unit,
        "target": _exact(target.value) if target else None,
        "baseline": decimal_text(target.baseline) if target else None,
        "completion": _exact(verdict.completion),
        "expected": _exact(verdict.expected),
        "gap": _exact(verdict.gap),
        "status": verdict.status,
        "kept": verdict.kept,
        "forecast": _exact(verdict.forecast, 2),
        "reported": row.tally.reported,
        "approved": row.tally.approved,
        "assigned": row.tally.assigned,
        "not_applicable": row.tally.not_applicable,
        "carried_forward": list(absences.carried_forward),
        "missing": list(absences.missing),
        "gaps": [{"organisation": gap.organisation, "period": f"{period.year}Q{gap.quarter}"} for gap in absences.gaps],
    }


def _narrative_row(row: Narrative, period: Period) -> dict[str, Any]:
    return {
        **_head(row, period),
        "stages": {stage: row.stages.get(stage, 0) for stage in Stage.values},
        "due_on": row.commitment.due_day.isoformat() if row.status else None,
        "status": row.status,
        "reported": row.reported,
        "assigned": row.assigned,
    }


def _head(row: Progress | Narrative, period: Period) -> dict[str, Any]:
    return {
        "commitment": row.commitment.code,
        "kind": row.commitment.kind,
        "organisation": row.organisation.code,
        "period": period.code,
    }


def _exact(value: Fraction | None, places: int = 10) -> str | None:
    number: Decimal | None = None if value is None else rounded(value, places)
    return decimal_text(number)
