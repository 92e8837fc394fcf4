"""The workbook of examples/: what it asks is read back in words, and a plan keeps all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import evsiting as ev
from evsiting.cli import main

WORKBOOK = Path(__file__).parents[2] / "examples" / "ontario.xlsx"
#: "One or two cell plants, one pack plant, at least 3,000 FTE in Ontario from 2031, nothing later than a day."
UNREADABLE = (
    "one or two cell plants: 1 to 2 cell plants stand (existing ones count), in every period.",
    "one pack plant: exactly 1 pack plant stands (existing ones count), in every period.",
    "staff in Ontario from 2031: at least 3,000 FTE of direct staff, at CA-ON, in every period from 2031 on.",
    "nothing later than a day: all of demand with a promised time of 24 h arrives in time, of vehicle, in every "
    "period.",
)


@pytest.mark.filterwarnings("ignore::evsiting.errors.DataWarning")  # figures of states and provinces are filled in
def test_check_explains_it_back_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["check", str(WORKBOOK)])
    assert not end.value.code
    said = " ".join(capsys.readouterr().out.split())
    for sentence in UNREADABLE:
        assert sentence in said


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::evsiting.errors.DataWarning")
def test_a_plan_keeps_all_of_it() -> None:
    study = ev.complete(ev.read_study(WORKBOOK))
    assert study.demand["promise_h"].eq(24.0).all()
    plan = ev.solve(study, gap=0.01, threads=1)
    ev.certify(study, plan).raise_if_failed()
    plants = plan.sites["plant_type"].value_counts()
    assert 1 <= plants["cell"] <= 2
    assert plants["pack"] == 1
    ontario = plan.sites.loc[plan.sites["region"] == "CA-ON", "jobs_fte"].sum()  # in the last period, from 2031 on
    assert ontario >= 3_000.0 * (1.0 - 1e-6)
    hours = study.lanes.set_index(["product", "origin", "destination", "mode"])["time_h"]
    sent = plan.shipments[plan.shipments["destination"].isin(study.markets["market"])]
    keys = sent[["product", "origin", "destination", "mode"]].itertuples(index=False, name=None)
    assert max(hours[key] for key in keys) <= 24.0
    assert plan.unmet.empty
