"""User names that failed logins have locked. django-axes counts: by user name, since an office shares one address."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.models import Account


def counted_since(at: datetime) -> datetime:
    """The moment before which failed logins are forgotten."""
    return at - settings.AXES_COOLOFF_TIME


def locked_until(username: str, at: datetime) -> datetime | None:
    """When the user name's lock ends, or None when it is not locked; whether an account has that name is no matter."""
    failures = 0
    attempts = AccessAttempt.objects.filter(username=username, attempt_time__gt=counted_since(at))
    for attempt in attempts.order_by("-attempt_time"):
        failures += attempt.failures_since_start
        if failures >= settings.AXES_FAILURE_LIMIT:
            until: datetime = attempt.attempt_time + settings.AXES_COOLOFF_TIME
            return until
    return None


def refusal_text(username: str, failures: int, at: datetime) -> str:
    """Why a login is refused: the same words for a name that exists and for one that does not."""
    until = locked_until(username, at)
    if until is not None:
        minutes = max(1, -(-(until - at) // timedelta(minutes=1)))  # begun minutes count
        return ngettext(
            "This user name is locked after %(limit)d failed logins. Try again in %(minutes)d minute, or have the"
            " system administrator unlock it at once.",
            "This user name is locked after %(limit)d failed logins. Try again in %(minutes)d minutes, or have the"
            " system administrator unlock it at once.",
            minutes,
        ) % {"limit": settings.AXES_FAILURE_LIMIT, "minutes": minutes}
    left = max(1, settings.AXES_FAILURE_LIMIT - failures)
    tries = ngettext(
        "After %(count)d more failed login this user name is locked.",
        "After %(count)d more failed logins this user name is locked.",
        left,
    ) % {"count": left}
    return f"{_('User name and password do not match, or the account may not log in.')} {tries}"


def locked_response(request: HttpRequest, response: HttpResponse, credentials: object) -> HttpResponse:
    """The login page, which says how long to wait, as django-axes is to answer for a locked name."""
    response.status_code = 429
    return response


@transaction.atomic
def unlock_account(account: Account, *, actor: Account) -> bool:
    """Forgets the failed logins of the account's user name, and says so in its history; False when there were none.

    By a system administrator, else PermissionDenied.
    """
    if not actor.system_administrator:
        raise PermissionDenied(_("Only a system administrator unlocks accounts."))
    if not reset(username=account.username):
        return False
    account.history.bulk_history_create(
        [account], update=True, default_user=actor, default_change_reason=_("Unlocked after failed logins")
    )
    return True
