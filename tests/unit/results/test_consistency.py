"""A plan is handed on only with its own study, certificate and front."""

from pathlib import Path

import pytest

from evsiting.errors import InputError
from evsiting.report.charts import plot_front, plot_waterfall
from evsiting.report.exports.geopackage import write_geopackage
from evsiting.report.exports.workbook import write_workbook
from evsiting.report.html.page import write_report
from evsiting.report.maps.map import plot_map
from evsiting.results.certificate import certify
from evsiting.results.consistency import is_of, require_same_study
from evsiting.results.plan import Front
from evsiting.results.store import write_run
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan

STUDY, PLAN = tiny_plan()
OTHER = STUDY.with_settings(money={"discount_rate": 0.1})
ELSEWHERE = plan_of(OTHER, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)
DEARER = plan_of(
    STUDY,
    openings=[("memphis", "pack", "line", "p1"), *OPENINGS[:1], *OPENINGS[2:]],
    production=PRODUCTION,
    shipments=[*SHIPMENTS[:3], ("vehicle", "memphis", "east", "road", "p1", 60e3), SHIPMENTS[4]],
)
WRITERS = [
    (lambda folder, *args, **more: write_report(folder / "a.html", *args, **more)),
    (lambda folder, *args, **more: write_workbook(folder / "a.xlsx", *args, **more)),
    (lambda folder, *args, **more: write_geopackage(folder / "a.gpkg", *args, **more)),
    (lambda folder, *args, **more: write_run(folder / "run", *args, **more)),
]


@pytest.mark.parametrize("write", WRITERS)
def test_nothing_is_written_of_what_does_not_belong_together(write, tmp_path: Path):
    with pytest.raises(InputError, match="answers 'Two plants'|is not the one that the plan answers"):
        write(tmp_path, OTHER, PLAN)
    for proof in (certify(OTHER, ELSEWHERE), certify(STUDY, DEARER)):
        with pytest.raises(InputError, match=r"certificate: is of another plan \(it is for 'Two plants'.*cost "):
            write(tmp_path, STUDY, PLAN, certificate=proof)
    with pytest.raises(InputError, match=r"plan: is no Plan \(it is a Study\)"):
        write(tmp_path, STUDY, STUDY)
    with pytest.raises(InputError, match=r"study: is no Study \('starter' is a str\)"):
        write(tmp_path, "starter", PLAN)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", [WRITERS[0], WRITERS[1], WRITERS[3]])
def test_a_front_of_another_study_is_refused(write, tmp_path: Path):
    with pytest.raises(InputError, match=r"front: answers another study than the plan \(point 2 of 2\)"):
        write(tmp_path, STUDY, PLAN, front=Front(("cost", "emissions"), (PLAN, ELSEWHERE)))
    with pytest.raises(InputError, match="front: is no Front"):
        write(tmp_path, STUDY, PLAN, front=PLAN)


def test_certificates_of_a_front_stand_in_its_order(tmp_path: Path):
    front = Front(("cost", "emissions"), (PLAN, DEARER))
    proofs = [certify(STUDY, plan) for plan in front.plans]
    assert write_report(tmp_path / "a.html", STUDY, PLAN, front=front, front_certificates=proofs).is_file()
    with pytest.raises(InputError, match=r"2 problems.*\n.*front_certificates: is of another plan"):
        write_report(tmp_path / "b.html", STUDY, PLAN, front=front, front_certificates=proofs[::-1])


def test_a_picture_shows_the_study_that_was_solved():
    with pytest.raises(InputError, match="plot_map, plan: answers another study"):
        plot_map(OTHER, PLAN)
    with pytest.raises(InputError, match="plot_waterfall, plan: answers another study"):
        plot_waterfall(OTHER, PLAN)
    with pytest.raises(InputError, match="plot_front, front: is no Front"):
        plot_front(PLAN)


def test_certify_names_what_it_cannot_look_at():
    with pytest.raises(InputError, match=r"2 problems.*\n.*study: is no Study.*\n.*plan: is no Plan"):
        certify(PLAN, STUDY)
    for tol in (float("inf"), -1.0, "1e-6"):
        with pytest.raises(InputError, match="certify, tol: is no"):
            certify(STUDY, PLAN, tol=tol)


def test_the_study_comes_back_with_its_layers():
    assert require_same_study("here", STUDY, PLAN) is STUDY
    assert is_of(certify(STUDY, PLAN), PLAN)
