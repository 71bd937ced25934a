from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from organisations.sessions import problem, wants_json

TECHNICAL = b"<code>DEBUG = True</code>"


class PlainErrors:
    """Faulty addresses are answered in the reader's language: those with a NUL, those that take only what is sent to
    them (from the browser's history, or after a login), and in the demo missing pages too.

    PostgreSQL takes no NUL in a text, so no address with one can name anything. With DEBUG on Django would show its
    own English page for what does not exist; a demo's visitor is no developer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = [request.path, *request.GET, *(text for texts in request.GET.lists() for text in texts[1])]
        if any("\0" in text for text in asked):
            return self._answer(request, 400)
        response = self.get_response(request)
        if response.status_code == 405 and not request.path.startswith("/api/"):
            return self._not_allowed(request, response)
        is_technical = settings.DEBUG and response.status_code in (400, 404) and not response.streaming
        if is_technical and TECHNICAL in response.content:
            return self._answer(request, response.status_code)
        return response

    @staticmethod
    def _not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The same refusal in words, with the way to the page whose form sends there."""
        if wants_json(request):
            answer: HttpResponse = problem(405, "method_not_allowed", _("This address is no page"))
        else:
            answer = render(request, "405.html", {"back": _page_of(request)}, status=405)
        answer["Allow"] = response["Allow"]
        return answer

    @staticmethod
    def _answer(request: HttpRequest, status: int) -> HttpResponse:
        if request.path.startswith("/api/"):
            title = _("This request cannot be read") if status == 400 else _("This page does not exist")
            code = "bad_request" if status == 400 else "not_found"
            body = {"type": "about:blank", "status": status, "title": title, "code": code}
            return JsonResponse(body, status=status, content_type="application/problem+json")
        return render(request, f"{status}.html", status=status)


def _page_of(request: HttpRequest) -> str:
    """The page that the address belongs to, or the first page."""
    match = request.resolver_match
    name = match.view_name if match else ""
    if name.startswith("admin:submission_") and match:
        return reverse("admin:targets_submission_change", args=[match.kwargs["pk"]])
    for page in ("admin:decomposition", "admin:upload"):
        if name.startswith(f"{page}_"):
            return reverse(page)
    return reverse("admin:index" if name.startswith("admin:") else "overview")
