from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
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
