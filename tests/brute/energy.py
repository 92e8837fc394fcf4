"""Grid connections with their upgrades, contracted clean power, and labor pools."""

from __future__ import annotations

from tests.brute.figures import given
from tests.brute.lines import Line, total
from tests.brute.making import Making


def add(case: Making) -> None:
    """Add the columns and rows of power and staff."""
    _grid(case)
    _clean(case)
    f = case.figures
    for row in f.records("labor_pools"):
        for t in f.T:
            there = [q for q in f.places if f.sites[q[0]]["labor_pool"] == row["pool"]]
            staff = total(case.fte[q, t] for q in there)
            if staff:
                case.program.most(("labor_pool", row["pool"], t), staff, float(row["available_fte"]))


def _grid(case: Making) -> None:
    f, p = case.figures, case.program
    for site, row in f.sites.items():
        if not given(row["connectable_mw"]):
            continue
        added = [Line() for _ in f.T]
        for step in f.records("grid_upgrades"):
            if isinstance(step["site"], str) and step["site"] != site:
                continue
            chosen = [p.choice("upgrades", site, step["upgrade"], t) for t in f.T]
            p.most(("upgrade", site, step["upgrade"]), total(Line().add(z, 1.0) for z in chosen), 1.0)
            for t, z in enumerate(chosen):
                case.cost.add(z, f.capital[t] * step["capex_usd"])
                for later in f.T[t:]:
                    added[later].add(z, step["capacity_mw"])
        for t in f.T:
            p.most(("grid", site, t), case.mw[site, t].minus(added[t]), float(row["connectable_mw"]))


def _clean(case: Making) -> None:
    f, p = case.figures, case.program
    case.clean = {}
    for site, row in f.sites.items():
        if given(row["clean_premium_usd_per_mwh"]):
            for t in f.T:
                load = case.kwh[site, t].times(1 / 1000)
                most = p.ceiling(load)
                v = case.clean[site, t] = p.amount("clean", site, t, high=most, size=most)
                p.most(("clean", site, t), Line().add(v, 1.0).minus(load))
                case.pay(t, Line().add(v, row["clean_premium_usd_per_mwh"]))
                case.emit(t, Line().add(v, -f.at_site("grid_factor_kg_per_kwh", site, t)))
