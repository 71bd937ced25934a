from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from organisations.sessions import (
    has_ended,
    logged_out_response,
    note_activity,
    problem,
    return_path,
    wants_json,
)

GetResponse = Callable[[HttpRequest], HttpResponse]


class IdleLogout:
    """Ends the session of an account that has been idle too long, before the page is made."""

    ANYWAY = ("login", "logout")  # these pages are shown to whoever is logged out, too

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name
        if name == "healthz" or not request.user.is_authenticated:
            return None
        at = timezone.now()
        if not has_ended(request, at):
            note_activity(request, at)
            return None
        logout(request)
        return None if name in self.ANYWAY else logged_out_response(request)


class LoginFirst:
    """Leads what was sent without a login to the login page, and from there back to the page that it was sent from.

    The address itself may take nothing but what is sent: nobody could go on there.
    """

    OPEN = ("login", "logout", "session_alive", "healthz")

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        is_open = request.resolver_match.view_name in self.OPEN or request.path.startswith("/api/")
        if request.method in ("GET", "HEAD", "OPTIONS") or is_open or request.user.is_authenticated:
            return None
        if wants_json(request):
            return problem(401, "logged_out", _("You are not logged in any more."))
        return redirect_to_login(return_path(request)) if return_path(request) else redirect(settings.LOGIN_URL)


class PasswordDue:
    """Leads an account that must choose a new password to the page where it does, from every other page."""

    OPEN = ("password_change", "admin:password_change", "session_alive", "login", "logout", "healthz")

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        if request.resolver_match.view_name in self.OPEN or not request.user.is_authenticated:
            return None
        if not request.user.must_choose_password(timezone.now()):
            return None
        if wants_json(request):
            return problem(403, "password_change_required", _("A new password must be chosen first."))
        return redirect(f"{reverse('password_change')}?{urlencode({'next': return_path(request)})}")
