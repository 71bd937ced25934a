from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, PasswordChangeView, RedirectURLMixin
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organisations.forms import LoginForm, OwnPasswordForm
from organisations.sessions import SEEN, logged_out_response


class Login(LoginView):
    authentication_form = LoginForm

    def form_valid(self, form: LoginForm) -> HttpResponse:
        answer = super().form_valid(form)
        self.request.session[SEEN] = timezone.now().timestamp()
        return answer

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        ended_idle = self.request.GET.get("why") == "idle" and not self.request.user.is_authenticated
        return super().get_context_data(
            ended_idle=ended_idle, idle_minutes=max(1, round(settings.IDLE_MINUTES)), **kwargs
        )


class PasswordChange(RedirectURLMixin, PasswordChangeView):
    """One's own password, for every account: chosen freely, or because it must be (organisations.middleware)."""

    form_class = OwnPasswordForm

    def get_default_redirect_url(self) -> str:
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        account = self.request.user
        return super().get_context_data(
            was_given=account.must_change_password,
            is_too_old=account.password_is_too_old(timezone.now()),
            max_days=settings.PASSWORD_MAX_DAYS,
            next=self.get_redirect_url(),
            **kwargs,
        )

    def form_valid(self, form: Form) -> HttpResponse:
        messages.success(self.request, _("The password has been changed."))
        return super().form_valid(form)


@require_POST
def session_alive(request: HttpRequest) -> HttpResponse:
    """Says that somebody is working on a page that asks for nothing; 401 when the session has ended already."""
    return HttpResponse(status=204) if request.user.is_authenticated else logged_out_response(request)
