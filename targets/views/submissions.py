"""The page of one submission: the entry form of the unit, the reading of who checks it, and the steps of review."""

from collections.abc import Callable, Sequence
from functools import wraps

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from targets import clock
from targets.choices import Action, Origin
from targets.domain import review
from targets.domain.drafts import check_draft, save_draft
from targets.entry.answers import conflict_answer, draft_answer
from targets.entry.conflicts import clashes_of
from targets.entry.page import SubmissionPage
from targets.entry.typed import Typed, read_draft, read_remarks, read_version
from targets.lines import lines_of_one
from targets.models import Submission, Transition
from targets.problems import Problem, Refused

STALE = "changed_meanwhile"
View = Callable[[HttpRequest, int], HttpResponse]


def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, SubmissionPage(_visible(request, pk), request.user, clock.now()))


def for_its_writer(view: View) -> View:
    """A form's script goes on sending what was typed; when somebody else has logged in since, it is not theirs."""

    @require_POST
    @wraps(view)
    def answer(request: HttpRequest, pk: int) -> HttpResponse:
        if request.POST.get("account", str(request.user.pk)) == str(request.user.pk):
            return view(request, pk)
        if _is_script(request):
            return JsonResponse({"code": "logged_out"}, status=401)
        messages.error(request, _("This form was opened under another account; nothing has been saved."))
        return redirect("admin:targets_submission_change", pk)

    return answer


@for_its_writer
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the form comes to as it is typed now: values, bars, statuses, faults and cautions; writes nothing."""
    typed = _typed(request, pk)
    problems = (*typed.problems, *check_draft(typed.draft, actor=request.user, at=clock.now()))
    return JsonResponse(draft_answer(typed, problems, clock.now()))


@for_its_writer
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps the draft; a script gets JSON, a plain form the page again."""
    typed = _typed(request, pk)
    problems = _save(request, typed)
    if problems:
        return _refused(request, typed, problems)
    if _is_script(request):
        return JsonResponse(draft_answer(_typed(request, pk), (), clock.now()))
    messages.success(request, _("The draft has been saved."))
    return redirect("admin:targets_submission_change", pk)


@for_its_writer
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves what the form holds, then hands it in; what was saved stays so where handing in is refused."""
    typed = _typed(request, pk)
    submission = typed.draft.submission
    try:
        review.require_turn(Action.SUBMIT, submission, request.user)  # a unit above saves and cannot submit
        problems = _save(request, typed)
        if problems:
            return _refused(request, typed, problems)
        review.submit(submission, actor=request.user, at=clock.now(), origin=Origin.FORM, version=submission.version)
    except Refused as refused:
        return _refused(request, typed, refused.problems)
    messages.success(request, _("Submitted; a colleague checks it next."))
    return redirect("admin:targets_submission_change", pk)


@require_POST
def endorse(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, review.endorse, _("Endorsed: the city's department has it now."))


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, review.approve, _("Approved: it counts from now on."))


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, _with_words(request, review.return_submission), _("Returned to the unit."))


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, _with_words(request, review.reopen), _("Reopened: the unit can change it again."))


# ---- what the views share


def _visible(request: HttpRequest, pk: int) -> Submission:
    rows = Submission.objects.visible_to(request.user).with_due_day().with_parts()
    return get_object_or_404(rows, pk=pk)


def _typed(request: HttpRequest, pk: int) -> Typed:
    submission = _visible(request, pk)
    return read_draft(submission, lines_of_one(submission), request.POST)


def _save(request: HttpRequest, typed: Typed) -> Sequence[Problem]:
    """Keeps what was typed; the problems for which nothing was kept."""
    if typed.problems:
        return (*typed.problems, *check_draft(typed.draft, actor=request.user, at=clock.now()))
    try:
        save_draft(typed.draft, actor=request.user, at=clock.now(), origin=Origin.FORM)
    except Refused as refused:
        return refused.problems
    return ()


def _refused(request: HttpRequest, typed: Typed, problems: Sequence[Problem]) -> HttpResponse:
    """Every problem at its place, and all that was typed; for a stale form also what stands there now."""
    submission = _visible(request, typed.draft.submission.pk)
    is_stale = any(problem.code == STALE for problem in problems)
    clashes = clashes_of(submission, lines_of_one(submission), typed, request.POST) if is_stale else ()
    status = 409 if is_stale else 422
    if _is_script(request):
        answer = conflict_answer(submission, clashes) if is_stale else draft_answer(typed, problems, clock.now())
        return JsonResponse(answer, status=status)
    page = SubmissionPage(submission, request.user, clock.now(), data=request.POST, problems=problems, clashes=clashes)
    return _page(request, page, status)


def _step(request: HttpRequest, pk: int, step: Callable[..., Transition], message: str) -> HttpResponse:
    """Takes a step of review for the version that was looked at; a refusal shows the page with what was written."""
    submission = _visible(request, pk)
    try:
        version = read_version(request.POST)
        step(submission, actor=request.user, at=clock.now(), origin=Origin.FORM, version=version)
    except Refused as refused:
        page = SubmissionPage(
            _visible(request, pk), request.user, clock.now(), data=request.POST, problems=refused.problems
        )
        return _page(request, page, 409)
    messages.success(request, f"{submission}: {message}")
    return redirect("admin:index")


def _with_words(request: HttpRequest, step: Callable[..., Transition]) -> Callable[..., Transition]:
    """The step with the reason and the remarks of the form."""

    def take(submission: Submission, **how: object) -> Transition:
        remarks = read_remarks(lines_of_one(submission), request.POST)
        return step(submission, reason=request.POST.get("reason", ""), remarks=remarks, **how)

    return take


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _page(request: HttpRequest, page: SubmissionPage, status: int = 200) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": str(page.submission), "page": page}
    return render(request, "targets/submission.html", context, status=status)
