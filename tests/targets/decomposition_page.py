"""The grid of the decomposition in tests: looking at it, and sending its form back with something typed in it."""

from fractions import Fraction
from typing import Any

from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from targets.models import Target
from tests.world import CITY, HAISHU, JIANGBEI, XIANGSHAN, ZONE, World


def divide(world: World) -> World:
    """4000 beds: 1500, 1500, 1000 and nothing for the zone; the coverage is not divided."""
    for unit, number in ((HAISHU, 1500), (JIANGBEI, 1500), (XIANGSHAN, 1000)):
        world.target("0902", unit, number)
    return world


def as_role(world: World, role: Role = Role.PLAN_MANAGER, unit: str = CITY) -> Client:
    client = Client()
    client.force_login(world.account(unit, role))
    return client


def show(client: Client, programme: str | None = "eldercare", status: int = 200, **state: str) -> Any:
    state |= {"programme": programme} if programme else {}
    answer = client.get(reverse("admin:decomposition"), state)
    assert answer.status_code == status
    return answer


def fields_of(page: Any) -> dict[str, str]:
    """What the page's form would send if nobody typed anything."""
    frame, grid = page.context["frame"], page.context["grid"]
    fields = {"plan": frame.plan.code, "programme": frame.programme.code, "reason": page.context["reason"]}
    for cell in grid.cells:
        fields |= {f"t:{cell.name}": cell.text, f"b:{cell.name}": cell.base}
    return fields


def post(client: Client, action: str, page: Any, status: int, reason: str = "分解", **more: str) -> Any:
    """Sends the page's form with other texts in the fields that are named."""
    fields = fields_of(page) | {"reason": reason} | more
    answer = client.post(reverse(f"admin:decomposition_{action}"), fields)
    assert answer.status_code == status, answer.status_code
    return answer


def beds(**numbers: str) -> dict[str, str]:
    """beds(HAISHU=…) as fields of a form."""
    codes = {"HAISHU": HAISHU, "JIANGBEI": JIANGBEI, "XIANGSHAN": XIANGSHAN, "ZONE": ZONE}
    return {f"t:0902:{codes[name]}": text for name, text in numbers.items()}


def stored(commitment: str = "0902") -> dict[str, Fraction | None]:
    rows = Target.objects.filter(commitment__code=commitment, reports=True).order_by("organisation__position")
    return {row.organisation.code: row.value for row in rows.select_related("organisation")}


def texts(page: Any) -> list[str]:
    return [cell.text for cell in page.context["grid"].cells]


def codes(page: Any) -> list[tuple[str, str]]:
    """Each problem as its cell and code, as the cells have them."""
    return [(cell.name, problem.code) for cell in page.context["grid"].cells for problem in cell.problems]
