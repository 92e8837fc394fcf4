"""The best lanes between groups, by chunks from the layer and from a table of all lanes."""

from __future__ import annotations

import pandas as pd

import evsiting as ev
from evsiting.optimize.aggregation.best_lanes import best_lanes, best_of_table, without_dominated
from evsiting.optimize.aggregation.groups import Grouping
from evsiting.study.study import Study

KEY = ["product", "origin", "destination", "mode"]


def by_country(study: Study) -> Grouping:
    """Return a grouping by country, of sites and of markets."""
    site, market = (
        pd.Series([f"{kind} of {c}" for c in frame["country"]], index=frame[kind].astype(str).to_numpy())
        for kind, frame in (("site", study.sites), ("market", study.markets))
    )
    return Grouping(site, market)


def test_chunks_and_table_agree() -> None:
    study = ev.example("starter")
    groups = by_country(study)
    chunks = best_lanes(study, groups).sort_values(KEY, ignore_index=True)
    table = best_of_table(ev.FreightLayer()(study).frame, groups).sort_values(KEY, ignore_index=True)
    assert chunks[KEY].astype(str).to_numpy().tolist() == table[KEY].astype(str).to_numpy().tolist()
    for column in ("distance_km", "time_h", "freight_usd_per_unit", "emissions_kg_per_unit"):
        pd.testing.assert_series_equal(chunks[column], table[column], check_exact=False, rtol=1e-9)
    routes = (
        [frozenset(filter(None, str(r).split(";"))) for r in frame["route"].fillna("")] for frame in (chunks, table)
    )
    assert len({tuple(r) for r in routes}) == 1


def test_no_lane_of_members_is_better() -> None:
    study = ev.example("starter")
    groups = by_country(study)
    best = best_lanes(study, groups).set_index(KEY)
    for lane in ev.FreightLayer()(study).frame.itertuples():
        origin = groups.site.get(lane.origin, lane.origin)
        end = groups.site.get(lane.destination, groups.market.get(lane.destination))
        mode = "on_site" if origin == end else lane.mode
        mine = best.loc[(lane.product, origin, end, mode)]
        assert mine["freight_usd_per_unit"] <= lane.freight_usd_per_unit
        assert mine["emissions_kg_per_unit"] <= lane.emissions_kg_per_unit
        assert mine["time_h"] <= lane.time_h
        assert set(filter(None, str(mine["route"]).split(";"))) <= set(filter(None, str(lane.route).split(";")))


def test_a_lane_leaves_only_where_another_can_stand_in_for_it() -> None:
    lanes = pd.DataFrame(
        [
            ("p", "a", "b", "road", 9.0, 10.0, 1.0, ""),
            ("p", "a", "b", "rail", 4.0, 12.0, 2.0, "laredo"),
            ("p", "a", "b", "sea", 8.0, 14.0, 0.5, ""),
            ("p", "a", "c", "road", 9.0, 99.0, 9.0, ""),
        ],
        columns=[*KEY, "time_h", "freight_usd_per_unit", "emissions_kg_per_unit", "route"],
    )
    kept = {
        (emissions, bool(promised)): without_dominated(lanes, emissions=emissions, promised=promised)["mode"].tolist()
        for emissions in (False, True)
        for promised in ((), ("p",))
    }
    assert kept[False, False] == ["road", "road"]
    assert kept[True, False] == ["road", "sea", "road"]
    assert kept[False, True] == ["road", "rail", "sea", "road"]
