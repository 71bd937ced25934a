from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChildrenConfig(AppConfig):
    name = "children"
    verbose_name = _("Child welfare")
    # The programme of the plan that this app owns.
    programme = "children"
