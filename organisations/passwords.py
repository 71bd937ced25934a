"""What a new password must be, beside what Django itself asks for."""

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import ngettext

from organisations.models import Account, PasswordRecord


class NotRecentPasswordValidator:
    """Refuses the passwords that the account has had last, the present one included."""

    def __init__(self, count: int = 5):
        self.count = count

    def validate(self, password: str, user: Account | None = None) -> None:
        if user is None or user.pk is None:
            return
        kept = user.password_records.values_list("password", flat=True)[: self.count]
        if any(check_password(password, each) for each in {user.password, *kept}):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def password_changed(self, password: str, user: Account | None = None) -> None:
        """Keeps the hash of the password that has just been set, and forgets what is older than the last ones."""
        if user is None or user.pk is None:
            return
        PasswordRecord.objects.create(account=user, password=user.password, set_at=timezone.now())
        recent = user.password_records.values_list("pk", flat=True)[: self.count]
        user.password_records.exclude(pk__in=list(recent)).delete()

    def get_help_text(self) -> str:
        return ngettext(
            "The new password must differ from the last one.",
            "The new password must differ from the last %(count)d.",
            self.count,
        ) % {"count": self.count}
