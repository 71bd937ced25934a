from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

TECHNICAL = b"<code>DEBUG = True</code>"


class PlainErrors:
    """Faulty addresses are answered in the reader's language: those with a NUL, and in the demo missing pages too.

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
        is_technical = settings.DEBUG and response.status_code in (400, 404) and not response.streaming
        if is_technical and TECHNICAL in response.content:
            return self._answer(request, response.status_code)
        return response

    @staticmethod
    def _answer(request: HttpRequest, status: int) -> HttpResponse:
        if request.path.startswith("/api/"):
            title = _("This request cannot be read") if status == 400 else _("This page does not exist")
            code = "bad_request" if status == 400 else "not_found"
            body = {"type": "about:blank", "status": status, "title": title, "code": code}
            return JsonResponse(body, status=status, content_type="application/problem+json")
        return render(request, f"{status}.html", status=status)
