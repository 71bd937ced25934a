from types import SimpleNamespace
from typing import Any, cast

import pytest

from targets import statuses
from targets.choices import Stage
from targets.progress import Status
from targets.rollup import Narrative

pytestmark = pytest.mark.usefixtures("english")


def narrative(assigned: int, **stages: int) -> Narrative:
    return cast(Narrative, SimpleNamespace(assigned=assigned, stages=stages))


def test_every_status_has_a_sign_and_a_word_of_its_own() -> None:
    badges = [statuses.status_badge(status) for status in Status]
    assert len({str(badge.word) for badge in badges}) == len(Status)
    assert [badge.sign for badge in badges] == ["✓", "●", "○", "◐", "▲", "–"]
    assert [badge.key for badge in badges] == [status.value for status in Status]


def test_every_stage_has_a_sign_and_a_word() -> None:
    assert set(statuses.STAGE_BADGES) == {*Stage.values, ""}
    assert all(badge.sign and str(badge.word) for badge in statuses.STAGE_BADGES.values())


def test_no_status_is_said_in_words_too() -> None:
    assert str(statuses.status_badge(None).word) == "No target of its own"


@pytest.mark.parametrize(
    ("stages", "stage"),
    [
        ({}, ""),
        ({"done": 2}, Stage.IN_PROGRESS),
        ({"done": 3}, Stage.DONE),
        ({"done": 2, "blocked": 1}, Stage.BLOCKED),
        ({"in_progress": 1}, Stage.IN_PROGRESS),
        ({"not_started": 3}, Stage.NOT_STARTED),
        ({"not_started": 2, "done": 1}, Stage.IN_PROGRESS),
    ],
)
def test_one_stage_for_three_units(stages: dict[str, Any], stage: str) -> None:
    assert statuses.stage_of(narrative(3, **stages)) == stage


def test_counts_follow_the_legend_and_leave_out_what_does_not_occur() -> None:
    counts = statuses.count_statuses([Status.FAR_BEHIND, Status.MET, None, Status.MET])
    assert [(each.badge.key, each.count) for each in counts] == [("met", 2), ("far_behind", 1)]
