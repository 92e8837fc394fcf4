"""A consultant's workbook of four limits: read, told back in words, and solved."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

import evsiting as ev
from evsiting.cli.show import study_data, study_parts
from evsiting.study.derived.limit_sentences import limit_sentences
from tests.limit_studies import limits_frame, promising_study, with_limits
from tests.program_studies import claims_study

ROWS = (
    {"limit": "cell plants", "kind": "plants_open", "plant_type": "cell", "at_least": 1, "at_most": 2},
    {"limit": "one pack plant", "kind": "plants_open", "plant_type": "pack", "at_least": 1, "at_most": 1},
    {"limit": "Ontario", "kind": "jobs_fte", "place": "CA-ON", "at_least": 3000.0, "first_year": 2032.0,
     "penalty_usd_per_unit": 500.0},
    {"limit": "in time", "kind": "on_time_share", "at_least": 0.6},
    {"limit": "near today", "kind": "sites_changed", "members": "memphis; windsor", "at_most": 3},
    {"limit": "few", "kind": "sites_changed", "plant_type": "cell", "at_most": 2},
)  # fmt: skip
SENTENCES = [
    "cell plants: 1 to 2 cell plants stand (existing ones count), in every period.",
    "one pack plant: exactly 1 pack plant stands (existing ones count), in every period.",
    "Ontario: at least 3,000 FTE of direct staff, at CA-ON, in every period from 2032 on; may be broken at USD 500 for "
    "each one too many or missing.",
    "in time: at least 60 % of demand with a promised time of 100 h arrives in time, in every period.",
    "near today: at most 3 sites open beside memphis, windsor, or of these do not open (standing plants do not count), "
    "over the horizon.",
    "few: at most 2 sites open (standing plants do not count), counting cell plants, over the horizon.",
]


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")
def test_a_workbook_of_limits_is_told_back_in_words_and_keeps_its_meaning(tmp_path: Path) -> None:
    study = promising_study(periods=2).with_table("limits", limits_frame(*ROWS))
    assert limit_sentences(study) == SENTENCES
    ev.write_study(study, tmp_path / "study.xlsx")
    again = ev.read_study(tmp_path / "study.xlsx")
    assert limit_sentences(again) == SENTENCES
    assert study_data(again, again)["limits"] == SENTENCES
    console = Console(file=io.StringIO(), width=200)
    for part in study_parts(again, again):
        console.print(part)
    assert "one pack plant: exactly 1 pack plant" in console.file.getvalue()


def test_limits_on_claims_say_whose_claims() -> None:
    row = {"kind": "programs_used", "members": "45X; 48C", "plant_type": "cell", "at_most": 1}
    (told,) = limit_sentences(with_limits(claims_study(), row))
    assert told.startswith("limit 1: at most 1 claim of 45X, 48C is paid (a plant may claim each of them once)")
    assert "by cell plants, over the horizon" in told
