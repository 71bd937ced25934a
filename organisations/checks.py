from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError
from django.utils.translation import gettext as _


@register(Tags.security)
def check_no_demo_accounts(**kwargs: object) -> list[CheckMessage]:
    """Demo accounts share a published password: in production there must be none."""
    from organisations.models import Account

    if settings.DEBUG:
        return []
    if settings.TODAY is not None:
        return [Error(_("TODAY fixes the day: every recorded time would be wrong. Unset it."), id="organisations.E003")]
    if settings.DEMO != "none":
        return [Error(_("DEMO must be “none” when DEBUG is off."), id="organisations.E001")]
    try:
        count = Account.objects.filter(demo=True).count()
    except DatabaseError:  # nothing migrated yet, or no database to ask: then there are no accounts either
        return []
    if not count:
        return []
    return [
        Error(
            _("The database holds %(count)d demo accounts with a published password, and DEBUG is off.")
            % {"count": count},
            hint=_("Start with an empty database and DEMO=none."),
            id="organisations.E002",
        )
    ]
