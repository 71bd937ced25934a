from django.contrib import admin

from ningbo_plan.site import GROUPS


def test_every_model_of_the_admin_has_its_place_in_a_group() -> None:
    """A model that is registered but in no group would have no link anywhere."""
    grouped = [name for _title, names in GROUPS for name in names]
    assert sorted(grouped) == sorted(model.__name__ for model in admin.site._registry)
