"""What every page stands on: the plan, quarter and scope of its address, and how far the account sees."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organisations.models import Account, Organisation
from targets import clock
from targets.access import Reach, reach_of
from targets.choices import Scope
from targets.models import Period, Plan
from targets.models.periods import latest
from targets.rollup import RollUp, roll_up


class NothingYet(Exception):
    """There is no plan, or no period, that a page could show; the message says so."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a picker: the same page with another period or scope."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """The state of a page. `invented`: whether the database holds demo figures."""

    account: Account
    plan: Plan
    reach: Reach
    period: Period
    periods: tuple[Period, ...]
    scope: Scope
    today: date
    path: str
    invented: bool

    def url(self, name: str, *args: str, fragment: str = "") -> str:
        """The address of another page with the same period and scope."""
        return reverse(name, args=args) + self._query(self.period, self.scope) + (f"#{fragment}" if fragment else "")

    def roll_up(self, organisation: Organisation) -> RollUp:
        """The plan at the frame's quarter and scope, in the programmes that the account sees."""
        return roll_up(
            self.plan,
            organisation,
            self.period.quarter,
            today=self.today,
            scope=self.scope,
            programmes=self.reach.programmes,
        )

    def reaches(self, organisation: Organisation) -> bool:
        return self.reach.top.contains(organisation)

    @property
    def sees_everything(self) -> bool:
        """Whether the overview is the account's first page; else it is the page of its own unit."""
        return self.reach.top == self.plan.issuer

    @property
    def home_url(self) -> str:
        return self.url("overview") if self.sees_everything else self.units_url

    @property
    def units_url(self) -> str:
        return self.url("organisation", self.reach.top.code)

    @property
    def is_unfinished(self) -> bool:
        """Whether the quarter is not over, so that nothing can be said about it for good."""
        return not has_ended(self.period, self.today)

    @property
    def period_label(self) -> str:
        return str(self.period)

    @property
    def scope_label(self) -> str:
        return str(self.scope.label)

    @property
    def period_choices(self) -> list[Choice]:
        return [
            Choice(str(period), self.path + self._query(period, self.scope), period == self.period)
            for period in self.periods
        ]

    @property
    def scope_choices(self) -> list[Choice]:
        return [
            Choice(str(scope.label), self.path + self._query(self.period, scope), scope == self.scope)
            for scope in self.reach.scopes
        ]

    @staticmethod
    def _query(period: Period, scope: Scope) -> str:
        return "?" + urlencode({"period": period.code, "scope": scope.value})


def frame_of(request: HttpRequest) -> Frame:
    """The frame of a request by a known account; two queries, one more for a reviewer.

    Raises NothingYet without a plan or a period, PermissionDenied for who sees no figures, Http404 for a
    period or a scope that is not there for the account: another one is not guessed.
    """
    account, today = cast(Account, request.user), clock.today()
    everything = list(Plan.objects.select_related("issuer", "data_version").order_by("-year", "issued_on", "code"))
    plans = [plan for plan in everything if plan.issuer.contains(account.organisation)]
    if not plans:
        raise NothingYet(_("No plan has been loaded yet."))
    periods = tuple(Period.objects.filter(year__in={plan.year for plan in plans}))
    period = _period(request.GET.get("period"), periods, _latest_year(plans, today), today)
    plan = next(plan for plan in plans if plan.year == period.year)
    reach = reach_of(account, plan)
    if reach is None:
        raise PermissionDenied
    scope = request.GET.get("scope") or reach.scopes[0]
    if scope not in reach.scopes:
        raise Http404(_("This scope is not known, or not open to you: %(scope)s.") % {"scope": scope})
    return Frame(
        account=account,
        plan=plan,
        reach=reach,
        period=period,
        periods=periods,
        scope=Scope(scope),
        today=today,
        path=request.path,
        invented=any(each.invented for each in everything),
    )


def _latest_year(plans: list[Plan], today: date) -> int:
    """The year that has begun last; before the first plan's year, that one."""
    years = [plan.year for plan in plans]
    return max((year for year in years if year <= today.year), default=min(years))


def _period(code: str | None, periods: tuple[Period, ...], year: int, today: date) -> Period:
    """The period asked for; by default the year's latest whose quarter has ended, else its first."""
    if code:
        for known in periods:
            if known.code == code:
                return known
        raise Http404(_("This period does not exist: %(period)s.") % {"period": code})
    of_year = [period for period in periods if period.year == year]
    period = latest(of_year, lambda each: has_ended(each, today))
    if period is None:
        raise NothingYet(_("The plan has no reporting periods yet."))
    return period


def has_ended(period: Period, today: date) -> bool:
    """Whether the quarter's last day is over."""
    return (today.year, (today.month + 2) // 3) > (period.year, period.quarter)


View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """A page for people who are logged in. What is missing is answered in words, in a demo (DEBUG) too."""

    @login_required
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NothingYet as nothing:
            return render(request, "dashboard/nothing.html", {"message": str(nothing)})
        except Http404 as error:
            return render(request, "404.html", {"reason": str(error)}, status=404)

    return answer
