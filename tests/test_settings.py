"""Settings are strict: what cannot be read stops the start with one clear sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS", "zz"), ("DEBUG", "maybe"), ("BEHIND_PROXY", "2"), ("DEMO", "some"), ("TODAY", "2020-13-01"),
        ("IDLE_MINUTES", "0"), ("IDLE_MINUTES", "soon"), ("LOCK_MINUTES", "1.5"), ("LOCK_MINUTES", "1441"),
        ("PASSWORD_MAX_DAYS", "-1"), ("PASSWORD_MAX_DAYS", "9" * 30), ("PASSWORD_MAX_DAYS", ""),
        ("DATABASE_URL", "foo"), ("DATABASE_URL", "mysql://localhost/x"), ("SECRET_KEY", ""),
    ],
)  # fmt: skip
def test_an_unreadable_value_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    environment = {**os.environ, "DEBUG": "0", "SECRET_KEY": "x", "DATA_DIR": str(tmp_path), name: value}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", "import ningbo_plan.settings"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("django.core.exceptions.ImproperlyConfigured")
    assert name in done.stderr.splitlines()[-1]


def test_missing_pages_are_ours_in_the_demo_too(client: Client, db: None, settings) -> None:
    settings.DEBUG = True
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert b"DEBUG = True" not in answer.content
    assert client.get("/login/?next=%00").status_code == 400
