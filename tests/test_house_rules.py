"""Rules of CONTRIBUTING.md that no linter knows."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from simple_history.models import registered_models

ROOT = Path(__file__).parent.parent
APPS = ("organisations", "targets", "party", "assistance", "children", "eldercare", "dashboard", "ningbo_plan")
SOURCES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
WITH_HISTORY = {model.__name__ for model in registered_models.values()}
PAST_HISTORY = {"update", "bulk_create", "bulk_update"}


def root_of(node: ast.expr) -> str:
    """The name at which a chain such as Plan.objects.filter(…).update begins."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def test_reference_data_has_history() -> None:
    expected = {"Organisation", "Account", "Programme", "Plan", "Section", "WorkItem", "Commitment", "Indicator"}
    assert expected | {"Period", "DueDayExtension"} == WITH_HISTORY


@pytest.mark.django_db
def test_the_database_guards_every_table_of_the_record() -> None:
    """UPDATE and DELETE are refused on what says who did what; that the guards work is tried by the apps' tests."""
    histories = {model.history.model._meta.db_table for model in registered_models.values()}
    record = histories | {"targets_revision", "targets_transition", "targets_remark"}
    query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        query = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = set(cursor.fetchall())
    assert {(f"{table}_no_{event}", table) for table in record for event in ("update", "delete")} == present


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_written_past_its_history(path: Path) -> None:
    """qs.update() and bulk_* leave no trace where simple-history keeps one."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    found = [
        func.lineno
        for func in calls
        if isinstance(func, ast.Attribute) and func.attr in PAST_HISTORY and root_of(func) in WITH_HISTORY
    ]
    assert found == []


@pytest.mark.parametrize("app", APPS)
def test_no_app_listens_to_model_signals(app: str) -> None:
    words = ("post_save", "pre_save", "post_delete", "pre_delete", "@receiver")
    texts = {path: path.read_text("utf-8") for path in SOURCES if path.is_relative_to(ROOT / app)}
    assert not [path for path, text in texts.items() if any(word in text for word in words)]


def test_each_section_app_owns_its_programme() -> None:
    assert {apps.get_app_config(app).programme for app in APPS[2:6]} == set(APPS[2:6])
