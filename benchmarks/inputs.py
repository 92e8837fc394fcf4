"""What suppliers of parts and active materials change in the plan of the shipped North American study.

Run ``python -m benchmarks.inputs``; it prints the tables of docs/inputs.md in Markdown after some two minutes.
``BENCH_SECONDS`` gives the solver more than its 300 s for each plan. ``--runs WITHOUT WITH UNTAXED`` reads run folders
instead: the study without suppliers, with them, and with them but no duties on active materials.
"""

from __future__ import annotations

import argparse
import os

import pandas as pd

import evsiting as ev
from evsiting.shipped import north_america
from evsiting.shipped.inputs import ANODE, CATHODE, PACK_PARTS, PARTS
from evsiting.study.study import Study

GAP = 0.005
#: Duties without which the floor of 45X on foreign material binds.
ON_MATERIAL = (CATHODE, ANODE)


def markdown(frame: pd.DataFrame) -> str:
    """Return a table as Markdown."""
    head = [" ", *map(str, frame.columns)]
    rows = [head, ["---", *("--:" for _ in frame.columns)]]
    rows += [[str(name), *(f"{v:g}" for v in row)] for name, row in zip(frame.index, frame.to_numpy(), strict=True)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def solved(study: Study) -> ev.Plan:
    """Return a certified plan of least cost."""
    plan = ev.solve(study, gap=GAP, time_limit_s=float(os.environ.get("BENCH_SECONDS", "300")))
    ev.certify(study, plan).raise_if_failed()
    return plan


def parts_regions() -> set[str]:
    """Return the states and provinces that have parts makers in the shipped study."""
    sellers = ev.example("north-america").suppliers.query("product == @PARTS and country in ['US', 'CA', 'MX']")
    return set(sellers["supplier"].str.removesuffix("-parts"))


def assembly(study: Study, plan: ev.Plan) -> pd.DataFrame:
    """Return assembly by period: plants, vehicles, the part in regions that make parts; freight in and out."""
    region = study.sites.set_index("site")["region"]
    made = plan.production.query("product == 'vehicle'").copy()
    made["near"] = made["site"].map(region).isin(parts_regions())
    periods = list(study.periods.sort_values("start_year")["period"])
    freight = plan.ledgers["cost"].query("item == 'freight'").groupby(["product", "period"])["value"].sum() / 1e9
    table = pd.DataFrame(index=periods)
    table["assembly plants"] = made.groupby("period")["site"].nunique()
    table["of them where no parts are made"] = made[~made["near"]].groupby("period")["site"].nunique()
    table["vehicles [million/yr]"] = (made.groupby("period")["units_per_yr"].sum() / 1e6).round(2)
    inside = made[made["near"]].groupby("period")["units_per_yr"].sum() / 1e6 / table["vehicles [million/yr]"]
    table["part of them where parts are made [%]"] = (100.0 * inside).round().astype(int)
    for product in ("vehicle", PARTS, PACK_PARTS):
        sums = freight[product] if product in freight.index else pd.Series(0.0, index=periods)
        table[f"freight of {product.replace('_', ' ')} [bn USD]"] = sums.reindex(periods).fillna(0.0).round(2)
    inbound = table[f"freight of {PARTS.replace('_', ' ')} [bn USD]"]
    share = 100.0 * inbound / (inbound + table["freight of vehicle [bn USD]"])
    table["part of parts in the freight of vehicles and their parts [%]"] = share.round().astype(int)
    return table


def states(study: Study, plan: ev.Plan) -> pd.Series[float]:
    """Return vehicles made in the last period by state or province. [thousand/yr]"""
    region = study.sites.set_index("site")["region"]
    last = study.periods.sort_values("start_year")["period"].iloc[-1]
    made = plan.production[(plan.production["product"] == "vehicle") & (plan.production["period"] == last)]
    sums: pd.Series[float] = made.groupby(made["site"].map(region))["units_per_yr"].sum() / 1e3
    return sums.round()


def chinese_material(study: Study, plan: ev.Plan) -> pd.DataFrame:
    """Return the part of the material of cell plants that claim 45X that comes from China, least and most. [%]"""
    claims = list(plan.decisions["claims"].query("program == '45X cells'")["site"])
    price = study.suppliers.set_index("supplier")["price_usd_per_unit"]
    bought = plan.shipments[plan.shipments["product"].isin(ON_MATERIAL)]
    bought = bought[bought["destination"].isin(claims)].copy()
    bought["usd"] = bought["units_per_yr"] * bought["origin"].map(price)
    bought["chinese"] = bought["usd"].where(bought["origin"].str.startswith("CN-"), 0.0)
    sums = bought.groupby(["destination", "period"])[["usd", "chinese"]].sum()
    cells = plan.production.query("product == 'cell'").groupby(["site", "period"])["units_per_yr"].sum()
    other = study.processes.set_index("product").loc["cell", "material_usd_per_unit"]
    share = 100.0 * sums["chinese"] / (sums["usd"] + other * cells.reindex(sums.index))
    by_period = share.groupby("period")
    return pd.DataFrame({"least": by_period.min(), "most": by_period.max()}).round(1)


def cells(plan: ev.Plan) -> pd.DataFrame:
    """Return cells made by country and period. [GWh/yr]"""
    made = plan.production.query("product == 'cell'")
    sums = made.groupby([made["site"].str[:2], "period"])["units_per_yr"].sum() / 1e6
    return sums.unstack().fillna(0.0).round().astype(int)


def bought(study: Study, plan: ev.Plan, product: str) -> pd.DataFrame:
    """Return units bought by country of the seller and period. [million/yr]"""
    country = study.suppliers.drop_duplicates("supplier").set_index("supplier")["country"]
    sent = plan.shipments[plan.shipments["product"] == product]
    sums = sent.groupby([sent["origin"].map(country), "period"])["units_per_yr"].sum() / 1e6
    return sums.unstack().fillna(0.0).round(2)


def main(arguments: list[str] | None = None) -> None:
    """Solve or read the plans with and without suppliers, and without duties on materials, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", nargs=3, metavar=("WITHOUT", "WITH", "UNTAXED"), help="run folders to read")
    given = parser.parse_args(arguments)
    study = ev.example("north-america")
    before, after = north_america(suppliers=False), study
    untaxed = Study.from_tables(
        study.settings, {**study.tables, "duties": study.duties[~study.duties["product"].isin(ON_MATERIAL)]}
    )
    if given.runs:
        (before, *_), (after, *_), (untaxed, *_) = runs = [ev.read_run(folder) for folder in given.runs]
        plans = [plan for _, plan in runs]
    else:
        plans = [solved(case) for case in (before, after, untaxed)]
    for name, case, plan in zip(("from nowhere", "suppliers"), (before, after), plans[:2], strict=True):
        print(f"\n## {name}: cost {plan.totals['cost'] / 1e9:,.1f} bn USD, gap {plan.gap:.2%}\n")
        print(markdown(assembly(case, plan).T))
        print(f"\n{markdown(cells(plan))}")
    print(f"\nparts of packs bought [million/yr]\n\n{markdown(bought(after, plans[1], PACK_PARTS))}")
    both = pd.concat(
        [states(c, p) for c, p in zip((before, after), plans[:2], strict=True)], axis=1, keys=["no", "yes"]
    )
    print(f"\n{markdown(both.fillna(0.0))}")
    for name, case, plan in zip(("duties", "no duties"), (after, untaxed), plans[1:], strict=True):
        print(f"\n## {name} on active materials: cost {plan.totals['cost'] / 1e9:,.1f} bn USD, gap {plan.gap:.2%}\n")
        print(markdown(chinese_material(case, plan)))
        print(f"\n{markdown(cells(plan))}")


if __name__ == "__main__":
    main()
