"""The files behind a commitment of a submission: seen, handed out, added and removed.

Scripts that replace one cell of a page ask with the header `X-Requested-With: fetch` and get that part alone.
"""

from collections.abc import Sequence

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from targets import clock
from targets.choices import Origin
from targets.domain.evidence import add_evidence, may_change_evidence, remove_evidence
from targets.file_kinds import EXTENSIONS, accepted, served_name
from targets.models import Commitment, Evidence, Submission
from targets.problems import Problem, Refused


def evidence(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The files of one commitment; what is posted is added to them, all or nothing."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user).with_parts(), pk=pk)
    commitment = _commitment(submission, code)
    if request.method != "POST":
        return _answer(request, submission, commitment)
    files = request.FILES.getlist("files")
    try:
        added = add_evidence(submission, commitment, files, actor=request.user, at=clock.now(), origin=Origin.FORM)
    except Refused as refused:
        return _answer(request, submission, commitment, refused.problems)
    done = ngettext("%(count)d file added.", "%(count)d files added.", len(added)) % {"count": len(added)}
    return _done(request, submission, commitment, done)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    kept = _kept(request, pk)
    try:
        remove_evidence(kept, actor=request.user, at=clock.now(), origin=Origin.FORM)
    except Refused as refused:
        return _answer(request, kept.submission, kept.commitment, refused.problems)
    return _done(request, kept.submission, kept.commitment, _("%(name)s was removed.") % {"name": kept.name})


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file under its original name, with the extension of what it is; never shown inside the browser."""
    kept = _kept(request, pk)
    try:
        content = kept.file.open("rb")
    except FileNotFoundError as error:  # the disk was restored to an earlier day than the database
        raise Http404 from error
    name = served_name(kept.name, kept.media_type)
    response = FileResponse(content, as_attachment=True, filename=name, content_type=kept.media_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _kept(request: HttpRequest, pk: int) -> Evidence:
    rows = Evidence.objects.visible_to(request.user).select_related(
        "commitment", "submission__organisation", "submission__programme", "submission__period"
    )
    return get_object_or_404(rows, pk=pk)


def _commitment(submission: Submission, code: str) -> Commitment:
    """What the unit reports, or has reported with files that are still there; any other is a missing page."""
    reported = Commitment.objects.reported_in(submission).values("pk")
    rows = Commitment.objects.filter(Q(pk__in=reported) | Q(evidence__submission=submission), code=code)
    commitment = rows.select_related("indicator").order_by("plan__issued_on", "pk").first()
    if commitment is None:
        raise Http404
    return commitment


def _is_fetch(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _done(request: HttpRequest, submission: Submission, commitment: Commitment, message: str) -> HttpResponse:
    if _is_fetch(request):
        return _answer(request, submission, commitment)
    messages.success(request, message)
    return redirect("admin:evidence", pk=submission.pk, code=commitment.code)


def _answer(
    request: HttpRequest, submission: Submission, commitment: Commitment, problems: Sequence[Problem] = ()
) -> HttpResponse:
    """The page, or the part that a script asks for; 422 with problems."""
    context = {
        "submission": submission,
        "commitment": commitment,
        "evidence": list(Evidence.objects.of(submission, commitment)),
        "may_edit": may_change_evidence(submission, actor=request.user, at=clock.now()),
        "problems": problems,
        "accepted": accepted(),
        "extensions": ",".join(sorted(EXTENSIONS)),
        "max_bytes": settings.EVIDENCE_MAX_BYTES,
        "max_files": settings.EVIDENCE_MAX_FILES,
    }
    status = 422 if problems else 200
    if _is_fetch(request):
        return render(request, "targets/_evidence.html", context, status=status)
    everything = {**admin.site.each_context(request), "title": _("Evidence"), "subtitle": commitment, **context}
    return render(request, "targets/evidence.html", everything, status=status)
