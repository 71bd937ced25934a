from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from dashboard.frame import frame_of, page
from dashboard.indicator import build_indicator
from dashboard.organisation import build_organisation
from dashboard.overview import build_overview
from organisations.models import Account, Organisation


@page
def overview(request: HttpRequest) -> HttpResponse:
    """The whole plan. Who sees one unit only is led to its page, a system administrator to the admin."""
    if cast(Account, request.user).system_administrator:
        return redirect("admin:index")
    frame = frame_of(request)
    if not frame.sees_everything:
        return redirect(frame.units_url)
    context = {"frame": frame, "page": build_overview(frame), "figures_invented": frame.invented}
    return render(request, "dashboard/overview.html", context)


@page
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator of the plan, as far as the account sees it."""
    frame = frame_of(request)
    context = {"frame": frame, "page": build_indicator(frame, code), "figures_invented": frame.invented}
    return render(request, "dashboard/indicator.html", context)


@page
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """One unit, if it stands within the account's reach."""
    frame = frame_of(request)
    unit = Organisation.objects.filter(code=code).first()
    if unit is None or not frame.reaches(unit):
        raise Http404(_("There is no such unit, or it is not open to you."))
    context = {"frame": frame, "page": build_organisation(frame, unit), "figures_invented": frame.invented}
    return render(request, "dashboard/organisation.html", context)
