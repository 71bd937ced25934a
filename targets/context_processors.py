from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from targets.models import Plan


def invented_figures(request: HttpRequest) -> dict[str, object]:
    """`figures_invented`: whether the database holds demo figures, which every page then says."""
    return {"figures_invented": SimpleLazyObject(lambda: Plan.objects.filter(invented=True).exists())}
