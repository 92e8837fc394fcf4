"""Colours that everybody can tell apart, and numbers that say no more than is known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from evsiting.report.number_format import at_most, digits, exact, format_percent, format_units, format_usd, plural
from evsiting.report.palette import KNOWN, OTHERS, palette
from evsiting.study.study import Study

#: Simulated vision in linear RGB: Machado, Oliveira, Fernandes, IEEE TVCG 15(6), 2009, severity 1.0.
VISION = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(colour: str, vision: np.ndarray) -> np.ndarray:
    """Return a colour in CIELAB as it is seen."""
    raw = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.clip(vision @ np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("shade", "least"), [("light", 30.0), ("dark", 19.0)])
def test_the_stages_of_the_chain_can_be_told_apart(vision: str, shade: str, least: float) -> None:
    seen = [lab(getattr(look, shade), VISION[vision]) for look in KNOWN.values()]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > least


def test_on_grey_paper_lightness_and_shape_differ() -> None:
    light = sorted(lab(look.light, np.eye(3))[0] for look in KNOWN.values())
    assert np.diff(light).min() > 10
    looks = (*KNOWN.values(), *OTHERS)
    assert len({look.marker for look in looks}) == len({look.path for look in looks}) == len(looks)


def test_a_product_wears_the_colour_of_its_plant_type(tiny: Study) -> None:
    looks = palette(tiny)
    assert looks.product("cell") == looks.plant_type("cell") == KNOWN["cell"]
    assert looks.product("vehicle") == looks.plant_type("assembly") == KNOWN["assembly"]
    assert looks.plant_type("never heard of") == OTHERS[-1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4127398123.42, "USD 4.13 bn"),
        (999.6e6, "USD 1.00 bn"),
        (0.0, "USD 0"),
        (-31415.9, "−USD 31,400"),
        (1.5e12, "USD 1.5 tn"),
    ],
)
def test_money_is_rounded_to_what_is_known(value: float, text: str) -> None:
    assert format_usd(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (30e6, "kWh/yr", "30 GWh/yr"),
        (999_900.0, "kWh", "1.00 GWh"),
        (12.3e6, "t", "12.3 Mt"),
        (0.45, "t", "450 kg"),
        (1_240_000, "vehicle/yr", "1.24 million vehicles/yr"),
        (999_700, "pack", "1.00 million packs"),
        (0, "kWh/yr", "0 kWh/yr"),
        (545_138, "job-year", "545,000 job-years"),
        (float("nan"), "t", "–"),
    ],
)
def test_quantities_take_the_prefix_that_keeps_them_short(value: float, unit: str, text: str) -> None:
    assert format_units(value, unit) == text


def test_small_things_of_numbers() -> None:
    assert digits(99.96) == "100"
    assert exact(-1234.5) == "−1,234.50"
    assert format_percent(0.07) == "7 %"
    assert plural("box", 2) == "boxes"
    assert at_most(0.0100001) == "1.1 %"
    assert at_most(float("inf")) == "unknown"
