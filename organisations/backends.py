from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from organisations.models import Account


class AccountBackend(BaseBackend):
    """User name and password. Demo accounts are let in only while DEBUG is on."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Account | None:
        if username is None or password is None:
            return None
        account = Account.objects.filter(username=username).first()
        if account is None:
            Account().set_password(password)  # take as long as for an account that exists
            return None
        return account if account.check_password(password) and self._may_log_in(account) else None

    def get_user(self, user_id: int) -> Account | None:
        account = Account.objects.select_related("organisation").filter(pk=user_id).first()
        return account if account is not None and self._may_log_in(account) else None

    @staticmethod
    def _may_log_in(account: Account) -> bool:
        return account.is_active and (settings.DEBUG or not account.demo)
