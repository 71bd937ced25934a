"""The upload page for reporters: a file, the answer, and the confirmation."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from targets import clock
from targets.choices import UploadState
from targets.domain.uploads import Report, SheetFile, confirm_upload, discard_upload, preview_file, preview_of
from targets.forms import UploadForm
from targets.models import Upload
from targets.problems import Problem, Refused
from targets.reports import ChangeRow, change_rows, counts, revision_rows, warning_rows


def upload(request: HttpRequest) -> HttpResponse:
    """The form; a refused file is answered here with all its problems, a clean one by its preview."""
    if not request.user.reporter:
        raise PermissionDenied(_("Only a reporter can fill in figures."))
    form = UploadForm(request.POST or None, request.FILES or None, account=request.user)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "upload.html", {"form": form, "uploads": _own_uploads(request)})
    content = form.cleaned_data["file"]
    file = SheetFile(content.read(), content.name, form.cleaned_data["organisation"], form.cleaned_data["period"])
    try:
        report = preview_file(file, actor=request.user, at=clock.now())
    except Refused as refused:
        return _refused(request, form, file.name, refused.problems)
    if report.upload is None:
        return _page(request, "upload.html", {"form": form, "file_name": file.name, "no_change": report})
    return redirect("admin:upload_preview", pk=report.upload.pk)


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the kept file would change, or has changed."""
    kept = get_object_or_404(Upload.objects.visible_to(request.user), pk=pk)
    if kept.state == UploadState.WRITTEN:
        return _page(request, "upload_written.html", {"upload": kept, "rows": _written_rows(request, kept)})
    try:
        report = preview_of(kept, actor=kept.uploaded_by, at=clock.now())
    except Refused as refused:
        return _page(request, "upload_preview.html", {"upload": kept, "problems": refused.problems}, status=409)
    return _page(request, "upload_preview.html", {"upload": kept, **_answer(report)})


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Upload.objects.visible_to(request.user), pk=pk)
    if kept.state == UploadState.WRITTEN:
        messages.info(request, _("This file has been written already."))
        return redirect("admin:upload_preview", pk=pk)
    try:
        outcome = confirm_upload(kept, actor=request.user, at=clock.now())
    except Refused as refused:
        return _page(request, "upload_preview.html", {"upload": kept, "problems": refused.problems}, status=409)
    count = len(outcome.changes)
    messages.success(request, ngettext("%(count)d cell written.", "%(count)d cells written.", count) % {"count": count})
    return redirect("admin:upload_preview", pk=pk)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Upload.objects.visible_to(request.user), pk=pk)
    discard_upload(kept, actor=request.user)
    messages.info(request, _("The file was discarded; nothing has been changed."))
    return redirect("admin:upload")


def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it came, under its original name; never shown inside the browser."""
    kept = get_object_or_404(Upload.objects.visible_to(request.user), pk=pk)
    return FileResponse(
        kept.file.open("rb"), as_attachment=True, filename=kept.name, content_type="application/octet-stream"
    )


def _refused(request: HttpRequest, form: UploadForm, name: str, problems: tuple[Problem, ...]) -> HttpResponse:
    context = {"form": form, "file_name": name, "problems": problems, "uploads": _own_uploads(request)}
    return _page(request, "upload.html", context, status=422)


def _answer(report: Report) -> dict[str, object]:
    return {
        "rows": change_rows(report.outcome.changes),
        "counts": counts(report.outcome),
        "remarks": report.remarks,
        "warnings": warning_rows(report.outcome),
    }


def _own_uploads(request: HttpRequest) -> list[Upload]:
    rows = Upload.objects.visible_to(request.user).select_related("uploaded_by", "organisation", "period")
    return list(rows.order_by("-uploaded_at", "-pk")[:10])


def _written_rows(request: HttpRequest, kept: Upload) -> list[ChangeRow]:
    revisions = kept.revisions.visible_to(request.user).select_related(
        "organisation", "indicator", "commitment", "submission__period"
    )
    return revision_rows(revisions.order_by("pk")[:2000])


def _page(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    everything = {**admin.site.each_context(request), "title": _("Upload a spreadsheet"), **context}
    return render(request, f"targets/{template}", everything, status=status)
