"""Other sets of sites on the two-plant study: what is told of them, what is kept, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.optimize.decisions.forced import opened_sites, other_sites, plants_built, with_limit_rows
from evsiting.optimize.decisions.site_ranges import open_candidates
from evsiting.optimize.decisions.solver import Answer
from evsiting.results.decisions.alternatives import Alternatives
from evsiting.results.decisions.decision_tables import DecisionTables, read_decisions, write_decisions
from evsiting.results.decisions.intervals import Interval, compared, is_within
from tests.studies import two_plant_study

HOW = {"gap": 0.0, "threads": 1, "verify": False}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:alternatives, slack")
def test_each_plan_answers_a_study_with_the_rows_that_asked_for_it(tmp_path: Path) -> None:
    study = ev.complete(two_plant_study())
    seen: list[str] = []
    found = ev.alternatives(
        study, count=None, slack=10.0, each_site="solved", folder=tmp_path / "out",
        watch=lambda name, answer: seen.append(name), **HOW,
    )  # fmt: skip
    assert found.complete
    assert [one.name for one in found.found] == ["alternative 1", "alternative 2"]
    for one in found.found:
        assert one.plan.study_digest == one.study.digest != study.digest
        ev.certify(one.study, one.plan).raise_if_failed()
        assert one.sites != found.base.sites
    asked = found.found[-1].study.limits
    assert asked["limit"].tolist() == ["other sites than in base", "other sites than in alternative 1"]
    table = found.table.set_index("name")
    assert table.loc["alternative 1", "difference"] == found.found[0].objective - found.base.objective > 0
    assert table["against_base"].tolist() == ["", "dearer", "dearer"]
    assert found.sites["within"].tolist() == ["may", "may"]
    assert found.sites["slack_low"].tolist() == pytest.approx(found.sites["slack_high"].tolist(), abs=1e-9)
    # The same search again finds everything in the folder, and solves nothing.
    names, kept = list(seen), sorted((tmp_path / "out").glob("*/plan.json"))
    stamps = [file.stat().st_mtime_ns for file in kept]
    seen.clear()
    again = ev.alternatives(study, count=None, slack=10.0, each_site="solved", folder=tmp_path / "out",
                            watch=lambda name, answer: seen.append(name), **HOW)  # fmt: skip
    assert seen == names
    assert [file.stat().st_mtime_ns for file in kept] == stamps
    assert again.table.drop(columns="status").equals(found.table.drop(columns="status"))
    assert set(ev.read_cases(tmp_path / "out").plans) >= {"base", "alternative 1", "alternative 2"}


def test_an_interrupted_search_keeps_what_it_has_found_and_goes_on_from_there(tmp_path: Path) -> None:
    study, folder = ev.complete(two_plant_study()), tmp_path / "out"
    plan = ev.solve(study, **HOW)
    solved: list[str] = []

    def stop(name: str, answer: Answer) -> None:
        solved.append(name)
        raise KeyboardInterrupt

    asked = {"count": 1, "slack": 0.0, "each_site": "none", "folder": folder}
    found = ev.alternatives(study, plan, watch=stop, **asked, **HOW)
    assert (found.stopped, found.complete, solved) == ("it was interrupted", False, ["alternative 1"])
    (kept,) = folder.glob("*/plan.json")
    stamp = kept.stat().st_mtime_ns
    again = ev.alternatives(study, plan, **asked, **HOW)
    assert [one.name for one in again.found] == ["alternative 1"]
    assert kept.stat().st_mtime_ns == stamp
    ev.certify(again.found[0].study, again.found[0].plan).raise_if_failed()


def test_the_search_ends_with_the_first_set_that_is_proven_to_be_beyond_the_slack() -> None:
    study = ev.complete(two_plant_study())
    plan = ev.solve(study, **HOW)
    found = ev.alternatives(study, plan, slack=0.0, **HOW)
    assert found.complete
    assert isinstance(found, Alternatives)
    assert len(found.within) == 0
    assert len(found) == 1  # the next best, and by how much it is dearer
    assert "0 other sets of sites within 0" in repr(found)
    must = found.sites.set_index("site")["within"]
    assert must.to_dict() == {s: "must" if s in found.base.sites else "never" for s in open_candidates(study)}


@pytest.mark.slow
def test_the_sites_of_one_plant_type() -> None:
    study = ev.complete(two_plant_study())
    found = ev.alternatives(study, count=1, slack=1.0, plant_type="pack", each_site="none", different=1, **HOW)
    assert found.found[0].sites == opened_sites(found.found[0].plan, "pack") != found.base.sites
    assert found.found[0].study.limits["plant_type"].tolist() == ["pack"]
    (far,) = found.different
    assert far.distance == far.farthest == 2
    assert math.isfinite(found.beyond)
    assert not found.complete


def test_what_cannot_be_asked_is_refused_together() -> None:
    study = ev.complete(two_plant_study())
    with pytest.raises(InputError) as error:
        ev.alternatives(study, count=-1, slack=math.nan, different=-2, plant_type="sheds", each_site="all")  # type: ignore[arg-type]
    assert len(error.value.problems) == 5
    capped = ev.solve(study, caps={"emissions": 1e9}, **HOW)
    with pytest.raises(InputError, match="under ceilings that its study does not have"):
        ev.alternatives(study, capped)
    with pytest.raises(InputError, match="stands beside a plan"):
        ev.alternatives(study, ev.solve(study, **HOW), objective="jobs")


def test_rows_that_contradict_the_study_are_an_answer_and_wrong_ones_an_error() -> None:
    study = ev.complete(with_limit_rows(two_plant_study(), [plants_built(None, at_most=9)]))
    assert study.limits["limit"].tolist() == ["asked 1"]
    again = with_limit_rows(study, [other_sites([], 1), {"limit": "mine", **other_sites(["memphis"], None, at_most=1)}])
    assert again.limits["limit"].tolist() == ["asked 1", "asked 2", "mine"]
    assert with_limit_rows(study, []) is study
    with pytest.raises(InputError, match="Did you mean 'memphis'"):
        with_limit_rows(study, [other_sites(["memphs"])])
    assert Answer(study, None, math.inf).objective == math.inf


@pytest.mark.slow
def test_tables_stay_beside_the_plan_that_they_are_about(tmp_path: Path) -> None:
    study = ev.complete(two_plant_study())
    plan = ev.solve(study, **HOW)
    run = ev.write_run(tmp_path / "run", study, plan)
    told = DecisionTables.of(ev.alternatives(study, plan, count=1, slack=1.0, **HOW))
    write_decisions(run, told)
    again = read_decisions(run)
    assert again is not None
    assert again.is_of(plan)
    assert again.tables["alternatives"]["opens"].tolist() == told.tables["alternatives"]["opens"].tolist()
    assert (run / "alternatives.csv").is_file()
    other = ev.solve(study, objective="emissions", **HOW)
    assert not again.is_of(other)
    ev.write_run(run, study, other)
    assert read_decisions(run) is None
    assert not (run / "alternatives.csv").exists()


def test_intervals_are_sure_where_their_sign_is() -> None:
    assert Interval(-2.0, -1.0).sure
    assert not Interval(0.0, 1.0).sure
    assert compared(0.0, 0.0, 0.0) == "within the gap"
    assert is_within(math.inf, math.inf, math.inf) == "yes"


def test_fewer_plans_that_differ_than_were_asked_for_are_told() -> None:
    found = ev.alternatives(two_plant_study(), count=0, slack=1.0, different=9, each_site="none", **HOW)
    assert 0 < len(found.different) < 9
    assert found.note.startswith(f"9 plans that differ were asked for and {len(found.different)} found")
    assert found.note in repr(found)
