"""What surrounds a map: legend of what is there, a scale bar of any box, and names that are no formulas."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.figure import Figure

from evsiting.report.maps import annotations
from evsiting.report.maps.geometry import Box
from evsiting.report.palette import palette
from tests.plans import tiny_plan
from tests.studies import two_plant_study, unchecked

BOX = Box(-2000.0, -1000.0, 2000.0, 1500.0)


@pytest.fixture
def ax():
    """Return axes of a figure of their own."""
    return Figure().subplots()


def written(ax) -> list[str]:
    """Return all texts on the axes."""
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(
    ("width", "length"), [(6000.0, "1,000 km"), (2500.0, "500 km"), (400.0, "50 km"), (200.0, "20 km"), (3.0, "1 km")]
)
def test_a_scale_bar_has_a_round_length_in_a_box_of_any_width(ax, width: float, length: str) -> None:
    box = Box(0.0, 0.0, width, width)
    annotations.scale_bar(ax, box)
    assert written(ax) == [length]
    ends = [x for line in ax.lines for x in line.get_xdata()]
    assert max(ends) - min(ends) == float(length.removesuffix(" km").replace(",", ""))
    assert min(ends) > 0.0


def standing(*rows: tuple[str, str]) -> pd.DataFrame:
    """Return plants of a type and a status."""
    return pd.DataFrame(list(rows), columns=["plant_type", "status"])


def labels(ax, *rows: tuple[str, str], **more: object) -> list[str]:
    """Return the entries of the legend of these plants."""
    study, _ = tiny_plan()
    how = {"largest": 0.0, "flow": "", "idle": False, "ports": False, **more}
    annotations.legend(ax, study, standing(*rows), palette(study), **how)
    legend = ax.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def test_a_map_of_nothing_has_no_legend(ax) -> None:
    assert labels(ax) == []
    assert ax.get_legend() is None


def test_the_legend_counts_plants_and_explains_only_what_is_there(ax) -> None:
    found = labels(ax, ("cell", "new"), ("cell", "new"), ("cell", "existing"), ("pack", "closed"))
    assert found == [
        "Cell plants: 2 new, 1 existing",
        "Pack plants: 1 closed",
        "hollow: existing",
        "crossed out: closed",
    ]


def test_markets_flows_ports_and_idle_sites_are_explained_where_drawn(ax) -> None:
    found = labels(ax, ("pack", "new"), largest=60e3, flow="$1 t/yr$", idle=True, ports=True)
    assert found[1:3] == ["candidate, not chosen", "port of entry"]
    assert found[3].startswith("market, largest 60")
    assert found[4] == "flow, widest $1 t/yr$"
    assert not any(text.get_parse_math() for text in ax.get_legend().get_texts())


def test_the_widest_line_is_told_in_tonnes_or_in_units_of_its_product() -> None:
    study, plan = tiny_plan()
    assert annotations.flow_words(study, plan.shipments, 0.0, None) == ""
    assert annotations.flow_words(study, plan.shipments, 1900.0, None).endswith("t/yr")
    assert annotations.flow_words(study, plan.shipments, 1900.0, "vehicle").startswith("1,000 vehicle")


@pytest.mark.parametrize("status", ["new", "existing", "committed", "resumed", "closed", "anything"])
def test_each_status_has_its_own_mark(ax, status: str) -> None:
    study, _ = tiny_plan()
    mark = annotations.plant_mark(status, palette(study).plant_type("cell"), 7.0)
    assert mark["markersize"] == 7.0
    ax.plot([0], [0], linestyle="none", **mark)  # and matplotlib takes it
    filled = {"new": False, "committed": False, "resumed": False}.get(status, True)
    assert (mark["markerfacecolor"] == "white") is filled


def test_notes_name_markets_outside_as_text_and_not_as_formulas(ax) -> None:
    study = two_plant_study()
    names = ["$\\frac{1}$", "<b>West</b>"]
    study = unchecked(study, markets=study.markets.assign(name=names))
    annotations.notes(ax, study, Box(0.0, 0.0, 1.0, 1.0), "2027–2036")
    (text,) = ax.texts
    assert text.get_text().startswith("Markets outside the picture: ")
    assert "2027–2036. Lambert conformal conic." in text.get_text()
    assert not text.get_parse_math()
    ax.figure.savefig("/dev/null", format="svg")  # no formula to fail on


def test_years_stand_in_a_corner_where_there_are_several_periods(ax) -> None:
    annotations.notes(ax, two_plant_study(periods=2), Box(-1e5, -1e5, 1e5, 1e5), "$2027$")
    head, foot = ax.texts
    assert head.get_text() == "$2027$"
    assert not head.get_parse_math()
    assert "outside" not in foot.get_text()
