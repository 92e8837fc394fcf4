"""Static pictures: drawn where they are asked to be, never blank, and without a trace in global state."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from evsiting.errors import InputError
from evsiting.report.charts import plot_front, plot_waterfall
from evsiting.report.maps.geometry import MAP_CRS, bow, first_view, flow_ends, outlines
from evsiting.report.maps.map import plot_map
from evsiting.report.tradeoff import corners, knee, proven_points
from evsiting.results.plan import Front, Plan
from evsiting.study.study import Study
from tests.plans import random_plan, tiny_plan

Answer = tuple[Study, Plan]


def painted(ax: Axes) -> np.ndarray:
    """Return the picture as an array."""
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, dpi=60)
    return np.asarray(Image.open(buffer).convert("RGB"))


def empty_axes() -> Axes:
    figure = Figure(figsize=(6, 4))
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def test_a_map_is_drawn_on_the_axes_given(answer: Answer) -> None:
    ax = empty_axes()
    assert plot_map(*answer, ax=ax) is ax
    assert len(np.unique(painted(ax).reshape(-1, 3), axis=0)) > 100
    assert not ax.get_title()


def test_a_map_of_one_product_differs(answer: Answer) -> None:
    every, cells = (painted(plot_map(*answer, product=p, ax=empty_axes())) for p in (None, "cell"))
    assert (every != cells).any()


def test_a_map_names_what_there_is_when_asked_for_what_is_not(answer: Answer) -> None:
    with pytest.raises(InputError, match="Choose from cell, pack, vehicle"):
        plot_map(*answer, product="boat")
    with pytest.raises(InputError, match="Choose from p1"):
        plot_map(*answer, period="p7")


def test_a_plan_without_plants_can_be_drawn(answer: Answer, no_flows: Plan) -> None:
    assert len(np.unique(painted(plot_map(answer[0], no_flows)).reshape(-1, 3), axis=0)) > 20
    plot_waterfall(answer[0], no_flows)


@pytest.mark.parametrize("seed", [1, 5, 9])
def test_random_plans_can_be_drawn(seed: int) -> None:
    study, plan = random_plan(seed)
    plot_map(study, plan, period=str(study.periods["period"].iloc[0]), ax=empty_axes())
    plot_waterfall(study, plan, ax=empty_axes())


def test_charts_are_drawn_on_the_axes_given(answer: Answer, front: Front) -> None:
    ax, other = empty_axes(), empty_axes()
    assert plot_front(front, ax=ax) is ax
    assert plot_waterfall(*answer, ax=other) is other
    assert "CO2e" in ax.get_xlabel()
    assert "USD" in ax.get_ylabel()
    assert len(np.unique(painted(ax).reshape(-1, 3), axis=0)) > 20
    assert [t.get_text() for t in other.get_yticklabels()][-1] in ("This plan, a vehicle", "Cheapest import")


def test_a_script_that_draws_leaves_pyplot_alone() -> None:
    code = (
        "import sys; from tests.plans import tiny_plan; from evsiting.report.maps.map import plot_map; "
        "plot_map(*tiny_plan()); sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_pyplot_shows_the_figure_where_it_is_in_use(answer: Answer) -> None:
    from matplotlib import pyplot

    ax = plot_map(*answer)
    assert ax.figure.number in pyplot.get_fignums()
    pyplot.close(ax.figure)


def test_outlines_cover_the_three_countries_and_keep_common_borders() -> None:
    frame = outlines().set_index("iso").to_crs(MAP_CRS)
    assert len(frame) == 96
    assert frame.geometry.is_valid.all()
    assert frame.loc["US-TN", "geometry"].intersection(frame.loc["US-KY", "geometry"]).area < 1.0


def test_the_first_view_holds_sites_and_markets(answer: Answer) -> None:
    study, plan = answer
    box = first_view(study, set(plan.sites["site"]))
    assert 1.0 < box.width / box.height < 1.75
    moved = study.sites.to_crs(MAP_CRS).geometry
    assert box.holds(moved.x.to_numpy(), moved.y.to_numpy()).all()


def test_flows_from_overseas_start_at_their_port_or_at_the_edge(answer: Answer) -> None:
    study, plan = answer
    box = first_view(study, set(plan.sites["site"]))
    lanes = study.lanes.query("origin == 'busan'").assign(route=["long beach", "KRPUS;nowhere"])
    ends = flow_ends(study, lanes, box)
    assert list(ends["gateway"]) == ["USLGB", ""]
    assert box.holds(ends["x0"].to_numpy() * 0.9999, ends["y0"].to_numpy() * 0.9999).all()
    assert np.isfinite(bow(ends)).all()


def test_a_knee_is_where_the_front_bends(front: Front) -> None:
    totals = [(1.0, 9.0), (2.0, 3.0), (9.0, 1.0)]
    plans = []
    for cost, emissions in totals:
        base = front.plans[0]
        ledgers = {
            n: base.ledgers[n].iloc[:1].assign(value=v)
            for n, v in (("cost", cost), ("emissions", emissions), ("jobs", 1.0))
        }
        plans.append(replace(base, ledgers=ledgers))
    assert knee(Front(("cost", "emissions"), tuple(plans))) == 1
    assert knee(Front(("cost", "emissions"), tuple(plans[:2]))) is None


def test_what_is_proven_comes_from_bounds_and_ceilings(front: Front) -> None:
    found = proven_points(front)
    assert [n for n, _, _ in found] == list(range(len(front)))
    assert found[0][2] == np.inf
    assert found[1][2] == front.plans[1].solve.caps["emissions"]
    more = Front(front.objectives, front.plans, {"emissions": 12.0})
    assert corners(more)[-1] == (np.inf, 12.0)


def test_a_front_of_three_objectives_is_drawn_as_its_pairs() -> None:
    from evsiting.report.charts import draw_pairs
    from evsiting.report.tradeoff import doubts, pairs

    study, plan = tiny_plan()

    def point(cost: float, emissions: float, jobs: float, caps: dict[str, float]) -> Plan:
        totals = {"cost": cost, "emissions": emissions, "jobs": jobs}
        ledgers = {**plan.ledgers, **{n: pd.DataFrame({"value": [v]}) for n, v in totals.items()}}
        return replace(plan, ledgers=ledgers, solve=replace(plan.solve, objective=cost, bound=cost, caps=caps))

    plans = (
        point(10.0, 9.0, 5.0, {}),
        point(12.0, 5.0, 4.0, {"emissions": 5.0}),
        point(13.0, 8.0, 9.0, {"jobs": -9.0}),
        point(14.0, 9.5, 8.0, {"jobs": -8.0}),
    )
    front = Front(("cost", "emissions", "jobs"), plans, {"cost": 10.0})
    first, second = pairs(front)
    assert (first.objectives, first.plans) == (("cost", "emissions"), plans[:2])
    assert (second.objectives, second.plans) == (("cost", "jobs"), (plans[0], plans[2]))
    assert pairs(first) == [first]
    assert doubts(front) == ""
    assert doubts(replace(front, complete=True)).startswith("It is proven that these are all")
    assert doubts(replace(front, remark="There may be more.")) == "There may be more."
    assert [ax.get_xlabel().split(" [")[0] for ax in draw_pairs(front).axes] == ["Emissions", "Direct jobs"]
