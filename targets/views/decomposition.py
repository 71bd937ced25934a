"""The decomposition: a grid of commitments × units to look at, to try out in, and to save."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from organisations.choices import Role
from organisations.models import Account
from targets import clock
from targets.choices import Origin
from targets.domain.decomposition import REASON_LENGTH, set_targets
from targets.domain.splitting import Basis, propose_split
from targets.grids import Grid, load_grid
from targets.models import Commitment, Plan, Programme
from targets.problems import Refused


@dataclass(frozen=True, slots=True)
class Frame:
    """Which plan and programme the page is about, which others there are for this account, and whether it edits."""

    plan: Plan
    programme: Programme
    plans: Sequence[Plan]
    programmes: Sequence[Programme]
    may_edit: bool

    @property
    def url(self) -> str:
        state = urlencode({"plan": self.plan.code, "programme": self.programme.code})
        return f"{reverse('admin:decomposition')}?{state}"

    def typed_grid(self, data: QueryDict) -> Grid:
        return load_grid(self.plan, self.programme).typed(data.dict())


def show(request: HttpRequest) -> HttpResponse:
    """The grid of one plan and programme, chosen by the address."""
    frame = _frame(request.user, request.GET)
    return _page(request, frame, load_grid(frame.plan, frame.programme))


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Writes everything that was changed, with one reason; refused as a whole, with all that was typed kept."""
    frame = _editors_frame(request)
    grid = frame.typed_grid(request.POST)
    if not grid.changed and not grid.faults:
        messages.info(request, _("Nothing was changed, so nothing has been saved."))
        return redirect(frame.url)
    reason = request.POST.get("reason", "").strip()
    written = {"actor": request.user, "at": clock.now(), "origin": Origin.FORM, "reason": reason}
    try:
        count = set_targets(frame.plan, grid.entries, faults=grid.faults, **written)
    except Refused as refused:
        # Read again: whoever was faster may have been so since the grid was read.
        return _page(request, frame, frame.typed_grid(request.POST).refused(refused.problems), status=422)
    messages.success(request, ngettext("%(count)d target saved.", "%(count)d targets saved.", count) % {"count": count})
    return redirect(frame.url)


@require_POST
def split(request: HttpRequest) -> HttpResponse:
    """Fills a proposal into the inputs of one commitment; nothing is written."""
    frame = _editors_frame(request)
    grid = frame.typed_grid(request.POST)
    basis, _mark, code = request.POST.get("split", "").partition(":")
    row = grid.row(code)
    if row is None or basis not in Basis.values:
        raise Http404
    try:
        proposal = propose_split(row.city, row.units, Basis(basis))
    except Refused as refused:
        return _page(request, frame, grid.refused([*refused.problems, *grid.faults]), status=422)
    grid = grid.proposed(row, proposal)
    return _page(request, frame, grid.refused(grid.faults), notice=proposal.basis)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """The balance of what is typed, for a browser without scripts; nothing is written."""
    frame = _editors_frame(request)
    grid = frame.typed_grid(request.POST)
    return _page(request, frame, grid.refused(grid.faults), notice=_("Checked. Nothing has been saved yet."))


@require_POST
def balances(request: HttpRequest) -> JsonResponse:
    """The balance of what is typed, for the page to show while one types; nothing is written."""
    grid = _editors_frame(request).typed_grid(request.POST)
    return JsonResponse(
        {
            "balances": {
                row.commitment.code: {"key": balance.key, "text": balance.text}
                for row in grid.rows
                for balance in [row.balance]
            },
            "changed": [cell.name for cell in grid.changed],
            "faults": {fault.place.cell: fault.message for fault in grid.faults},
        }
    )


def _editors_frame(request: HttpRequest) -> Frame:
    frame = _frame(request.user, request.POST)
    if not frame.may_edit:
        raise PermissionDenied(_("Only plan managers and reviewers change targets."))
    return frame


def _frame(account: Account, state: QueryDict) -> Frame:
    """Managers and auditors see every programme, reviewers their own; PermissionDenied for all others, and Http404."""
    if not account.has_role((Role.PLAN_MANAGER, Role.REVIEWER, Role.AUDITOR)):
        raise PermissionDenied(_("Only plan managers, reviewers and auditors see the decomposition."))
    plans = list(Plan.objects.select_related("issuer").order_by("-year", "issued_on", "code"))
    plan = _chosen(plans, state.get("plan"), plans)
    programmes = Programme.objects.all()
    if not (account.plan_manager or account.auditor):
        programmes = programmes.reviewed_by(account)
    numbers = Commitment.objects.for_plan(plan).quantified().filter(item__programme=OuterRef("pk"))
    seen = list(programmes.annotate(has_numbers=Exists(numbers)))
    offered = [each for each in seen if each.has_numbers] or seen
    return Frame(
        plan, _chosen(seen, state.get("programme"), offered), plans, offered, account.plan_manager or account.reviewer
    )


def _chosen(rows: Sequence[Any], code: str | None, offered: Sequence[Any]) -> Any:
    """The row with the code, or without a code the first that is offered; Http404 for none."""
    found = offered[:1] if code is None else [row for row in rows if row.code == code]
    if not found:
        raise Http404
    return found[0]


def _page(request: HttpRequest, frame: Frame, grid: Grid, *, notice: str = "", status: int = 200) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Decomposition of targets"),
        "is_nav_sidebar_enabled": False,  # the grid needs the width
        "frame": frame,
        "grid": grid,
        "notice": notice,
        "reason": request.POST.get("reason", ""),
        "reason_length": REASON_LENGTH,
        "bases": Basis,
    }
    return render(request, "targets/decomposition.html", context, status=status)
