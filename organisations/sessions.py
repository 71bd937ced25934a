"""Sessions on shared office computers: when they end, and what is answered then."""

from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from organisations.models import Account

SEEN = "seen_at"  # the session's key: when the account last did something, in seconds since 1970
WRITE_EVERY = 60  # so that reading pages does not write the session each time


def idle_seconds() -> float:
    return settings.IDLE_MINUTES * 60


def has_ended(request: HttpRequest, at: datetime) -> bool:
    """Whether the account has been idle for longer than IDLE_MINUTES.

    The time that may have passed unnoted is added: what the page still allows is not refused here.
    """
    return at.timestamp() - _last_seen(request, at) > idle_seconds() + _write_every()


def note_activity(request: HttpRequest, at: datetime) -> None:
    """Keeps in the session that the account is active, unless that has been noted just now."""
    if not 0 <= at.timestamp() - _last_seen(request, at) < _write_every():
        request.session[SEEN] = at.timestamp()


def _last_seen(request: HttpRequest, at: datetime) -> float:
    """When activity was last noted; in a session where it never was, when the account logged in."""
    seen: float | None = request.session.get(SEEN)
    return (cast(Account, request.user).last_login or at).timestamp() if seen is None else seen


def _write_every() -> float:
    return min(WRITE_EVERY, idle_seconds() / 10)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks, not a person's click: a script of the page, or another system."""
    if request.path.startswith("/api/") or request.headers.get("X-Requested-With") in ("fetch", "XMLHttpRequest"):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def problem(status: int, code: str, title: str) -> JsonResponse:
    """A problem document (RFC 9457)."""
    body = {"type": "about:blank", "status": status, "title": title, "code": code}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def logged_out_response(request: HttpRequest) -> HttpResponse:
    """What a request gets whose session has ended: the login page, which says why and leads back."""
    if wants_json(request):
        return problem(401, "logged_out", _("You have been logged out after a time without activity."))
    return redirect(login_address(return_path(request)))


def login_address(path: str) -> str:
    """The login page with the sentence about the idle logout, and the way back to the path."""
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'why': 'idle', **({'next': path} if path else {})})}"


def return_path(request: HttpRequest) -> str:
    """Where to go on after logging in: the page itself, or the one from which something was sent; else nowhere."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    sent_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(sent_from, {request.get_host()}):
        return ""
    parts = urlsplit(sent_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
