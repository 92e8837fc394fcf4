"""Exchange rates: the study's own, lent ones with provenance, and those written the wrong way round."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting import reference
from evsiting.study.canonical.exchange_rates import SOURCE, check_rates, rates_of, reference_rate, with_rates
from evsiting.study.findings import Findings
from evsiting.study.settings import Money


def test_the_reference_rate_is_one_over_the_shipped_one() -> None:
    assert reference_rate("MXN", 2025) == pytest.approx(1.0 / reference.exchange_rate("MXN", 2025))
    assert reference_rate("XXX", 2025) is None


@pytest.mark.parametrize(("rate", "wrong"), [(0.72, False), (1.39, True), (0.5, False), (2.5, False)])
def test_a_rate_the_wrong_way_round_is_refused_and_an_odd_one_is_not(rate: float, wrong: bool) -> None:
    """A Canadian dollar was 0.7153 USD in 2025: 1.39 is its inverse, 0.5 and 2.5 are neither."""
    found = Findings()
    check_rates(Money(usd_per={"CAD": {2025: rate}}), found)
    assert bool(found.problems) == wrong
    if wrong:
        assert f"Give USD for one CAD: {1 / rate:.4g}" in str(found.problems[0][1])


def test_lent_rates_are_written_down_once_with_their_source() -> None:
    rates = rates_of(Money(price_year=2025, usd_per={"CAD": {2025: 0.7}}))
    rates.factor("CAD", 2025)
    assert with_rates({}, rates) == {}
    rates.factor("MXN", 2025)
    made = with_rates(with_rates({}, rates), rates)
    row = made["provenance"].iloc[0]
    assert (row["table"], row["row"], row["source"], row["quality"]) == ("settings", "MXN|2025", SOURCE, "derived")
    assert (len(made["provenance"]), made["sources"]["id"].tolist()) == (1, [SOURCE])


def test_the_study_s_own_entry_stays() -> None:
    rates = rates_of(Money(price_year=2025))
    rates.factor("MXN", 2025)
    first = with_rates({}, rates)["provenance"]
    own = first.assign(note="my own")
    assert with_rates({"provenance": own}, rates)["provenance"]["note"].tolist() == ["my own"]
    assert isinstance(first, pd.DataFrame)
