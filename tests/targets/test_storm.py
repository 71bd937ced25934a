"""Fourteen units report for four programmes at the same time; tests/targets/storm.py tells how."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.targets.storm import rage


@pytest.mark.skipif(connection.vendor != "postgresql", reason="an in-memory SQLite has a single connection")
def test_a_storm_on_postgresql_loses_nothing_and_doubles_nothing(transactional_db: None) -> None:
    assert rage() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")
def test_a_storm_on_sqlite_loses_nothing_doubles_nothing_and_finds_no_lock(tmp_path: Path) -> None:
    """In a file and a process of its own, with the settings of the product: WAL, immediate transactions, patience."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ningbo_plan.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'storm.sqlite3'}",
        "DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-W", "error", "-m", "tests.targets.storm"]
    done = subprocess.run(  # noqa: S603
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=300
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert json.loads(done.stdout) == ["wal", []]
