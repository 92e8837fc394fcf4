"""What a plan does is never said to be impossible: the most that plants can make bounds every plan from above."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import StudyError
from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, PLACES, points, sites_frame

#: Studies whose demand goes unmet on purpose: what penalties do to a gap is tried elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore:.*mostly the penalties:evsiting.errors.GapWarning")

SITES, PERIODS = [place[0] for place in PLACES[:2]], ["one", "two", "three"]


def drawn(seed: int) -> dict[str, pd.DataFrame]:
    """Return a random chain of cells and cars with steps, ramps, partners, yields and plants that come and go."""
    rng = np.random.default_rng(seed)

    def some(*choices: object) -> object:
        return choices[int(rng.integers(len(choices)))]

    def size() -> float:
        return float(rng.integers(20, 100))

    options, plants = [], []
    for kind in ("cell", "assembly"):
        before = 0.0
        for k, name in enumerate(("a", "b", "c")):
            grows = k > 0 and bool(some(True, False))
            own = before + size() if grows else size()
            shared = float(some(0.0, 0.0, 0.2))
            ramp = some(None, "0.5", "0.3;0.7;0.9", "1;0.6")
            only = None if grows or options else some(None, SITES[0])
            options.append((kind, name, own / (1 - shared), 1e3, ramp, options[-1][1] if grows else None, only, shared))
            if grows:
                options[-1] = (*options[-1][:6], options[-2][6], shared)
            before = own
        for site in SITES:
            status = str(some("existing", "paused", "committed", "canceled"))
            first, last = some(np.nan, 2028.0, 2030.0), some(np.nan, 2030.0, 2031.0)
            cost = {"paused": (np.nan, some(np.nan, 1e3)), "existing": (some(np.nan, 1e3), np.nan)}
            plants.append((f"{site}_{kind}", site, kind, status, size(), first, last, *cost.get(status, (np.nan,) * 2)))
    processes = [("cell", "cell", float(some(1.0, 0.5)), 1.0), ("assembly", "car", 1.0, float(some(1.0, 0.8)))]
    lanes = [(p, a, a, "on_site", *[0.0] * 5, None) for a in SITES for p in ("cell",)]
    lanes += [("cell", a, b, "road", 1.0, 1.0, 1.0, 0.0, 0.0, None) for a in SITES for b in SITES if a != b]
    lanes += [("car", a, "m", "road", 1.0, 1.0, 1.0, 0.0, 0.0, None) for a in SITES]
    spans = list(zip(PERIODS, [2027, 2029, 2030], [2, 1, 3], strict=True))
    seen = ["plant", "site", "plant_type", "status", "capacity_units_per_yr", "first_year", "last_year"]
    shares = ["ramp_up", "expands", "sites", "partner_output_share"]
    return {
        "sites": sites_frame(list(PLACES[:2])),
        "markets": points(pd.DataFrame({"market": ["m"], "country": "US", "region": "US-NY"}), [-73.95], [40.7]),
        "periods": pd.DataFrame(spans, columns=COLUMNS["periods"]),
        "products": pd.DataFrame(
            {"product": ["cell", "car"], "unit": ["kWh", "car"], "mass_kg_per_unit": 5.0, "value_usd_per_unit": 9.0}
        ),
        "bill_of_materials": pd.DataFrame([("car", "cell", 1.0)], columns=COLUMNS["bill_of_materials"]),
        "processes": pd.DataFrame(processes, columns=["plant_type", "product", "capacity_use", "good_share"]),
        "options": pd.DataFrame(options, columns=[*COLUMNS["options"][:4], *shares]).assign(partner="P"),
        "plants": pd.DataFrame(plants, columns=[*seen, "closing_usd", "resume_usd"]),
        "lanes": pd.DataFrame(lanes, columns=COLUMNS["lanes"]).astype({"route": "str"}),
    }


@pytest.mark.parametrize("seed", range(12))
def test_what_a_plan_serves_is_never_refused(seed: int) -> None:
    settings = Settings(study=About(name="Most"), money=Money(discount_rate=0.0))
    tables = drawn(seed)
    demand = pd.DataFrame({"market": "m", "product": "car", "period": PERIODS, "units_per_yr": 1e3})
    wide = Study.from_tables(settings, {**tables, "demand": demand.assign(unmet_penalty_usd_per_unit=1e6)})
    unmet = ev.solve(wide, gap=1e-6, time_limit_s=60).unmet.set_index("period")["units_per_yr"]
    served = 1e3 - unmet.reindex(PERIODS).to_numpy()
    Study.from_tables(settings, {**tables, "demand": demand.assign(units_per_yr=served * (1 - 1e-9))})
    with pytest.raises(StudyError, match="no plan can serve"):
        Study.from_tables(settings, {**tables, "demand": demand.assign(units_per_yr=served * 2 + 100)})
