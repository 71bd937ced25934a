from django.contrib.admin.apps import AdminConfig


class PlanAdminConfig(AdminConfig):
    """The stock admin with our own site: its skin, its login, its pages for staff."""

    default_site = "ningbo_plan.site.PlanAdminSite"
