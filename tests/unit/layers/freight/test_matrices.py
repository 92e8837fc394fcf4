"""Lanes as arrays hold what the table holds, in single precision."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InputError
from tests.layer_studies import bare_study

KEY = ["product", "origin", "destination", "mode"]


@pytest.mark.parametrize("name", ["ten-cities", "bare"])
def test_the_table_of_the_matrices_is_the_table_of_lanes(name: str) -> None:
    study = ev.complete(bare_study()) if name == "bare" else ev.example(name)
    matrices = ev.freight_matrices(study)
    made = matrices.table().sort_values(KEY, ignore_index=True)
    lanes = study.lanes.sort_values(KEY, ignore_index=True).fillna({"route": ""})
    assert len(matrices) == len(lanes)
    pd.testing.assert_frame_equal(made, lanes, check_dtype=False, rtol=1e-6)


def test_what_is_not_a_lane_is_not_finite() -> None:
    for part in ev.freight_matrices(ev.example("ten-cities")).parts:
        assert part.keep.shape == part.usd.shape == (len(part.origin), len(part.destination))
        assert np.isfinite(part.usd[part.keep]).all()
        assert np.isinf(part.usd[~part.keep]).all()
        assert part.usd.dtype == np.float32
        assert part.keep.any(axis=1).all()


def test_one_product_and_the_memory_it_takes() -> None:
    study = ev.example("ten-cities")
    only = ev.freight_matrices(study, products=["pack"])
    assert {p.product for p in only.parts} == {"pack"}
    assert only.of("pack", "rail")[0].mode == "rail"
    assert only.of("cell") == ()
    assert 0 < only.nbytes < 200_000
    assert "pack" in repr(only)
    with pytest.raises(InputError, match="no such product"):
        ev.freight_matrices(study, products=["packs"])


def test_complete_without_lanes_then_with() -> None:
    bare = ev.complete(bare_study(), freight=None)
    assert not bare.has("lanes")
    assert bare.sites["wage_usd_per_h"].notna().all()
    assert len(ev.freight_matrices(bare)) == len(ev.complete(bare).lanes)
    with pytest.raises(InputError, match="makes no lanes"):
        ev.complete(bare_study(), freight=lambda study: study)


def test_the_fastest_way_stays_where_it_is_asked_for() -> None:
    study = ev.example("ten-cities")
    usual, all_ = ev.freight_matrices(study), ev.freight_matrices(study, freight=ev.FreightLayer(keep_fastest=True))
    few, many = usual.table().set_index(KEY), all_.table().set_index(KEY)
    assert few.index.isin(many.index).all()
    more = many.loc[~many.index.isin(few.index)]
    assert len(more)
    best = few.groupby(level=KEY[:3])["time_h"].min()  # each way more is faster than all that were kept
    assert (more["time_h"].to_numpy() < best.reindex(more.index.droplevel("mode")).to_numpy()).all()
