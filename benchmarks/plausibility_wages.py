"""The North American study with the wages of car makers in the United States in place of those of all assemblers.

``python -m benchmarks.plausibility_wages FOLDER`` solves it and writes the run folder that
``python -m benchmarks.plausibility --wages FOLDER`` puts beside the plan of the shipped study.
"""

from __future__ import annotations

import argparse
import os

import pandas as pd

import evsiting as ev
from benchmarks.plausibility_facts import KWH, Facts
from evsiting import reference

CIENCIA_LATINA = (
    "[Ciencia Latina on wages since USMCA](https://ciencialatina.org/index.php/cienciala/article/view/6892)"
)
PREMIUM = "labor.us.vehicle_assembler_premium"


def with_car_makers_wages(study: ev.Study) -> ev.Study:
    """Return the study with wages at sites of the United States times what motor vehicle makers pay above others."""
    sites = study.sites
    factor = sites["country"].map({"US": reference.parameter(PREMIUM).value}).fillna(1.0)
    return study.with_table("sites", sites.assign(wage_usd_per_h=sites["wage_usd_per_h"] * factor))


def made(facts: Facts, product: str, unit: float) -> pd.Series[float]:
    """Return what each country makes of a product in the last period. [unit/yr]"""
    rows = facts.plan.production
    rows = rows[(rows["product"] == product) & (rows["period"] == facts.last)]
    country = rows["site"].map(facts.study.sites.set_index("site")["country"])
    return rows.groupby(country)["units_per_yr"].sum().reindex(["US", "CA", "MX"]).fillna(0.0) / unit


def differences(here: Facts, dear: Facts) -> str:
    """Return where the second plan is of another state of the study than the first; empty where it is of the same.

    Sources and provenance, which decide nothing, are left out.
    """
    today = with_car_makers_wages(here.study)
    names = [name for name in today.tables if name not in ("sources", "provenance")]
    other = [
        name
        for name in names
        if not today.tables[name].reset_index(drop=True).equals(dear.study.tables[name].reset_index(drop=True))
    ]
    if not other:
        return ""
    told = f" It was solved before the shipped study changed: its {', '.join(f'`{name}`' for name in other)} differ."
    if other != ["duties"]:
        return told
    keys = ["product", "origin", "destination"]
    changed = pd.concat([today.duties, dear.study.duties]).drop_duplicates(keep=False)[keys].drop_duplicates()
    bought = []
    for facts in (here, dear):
        country = pd.concat([facts.study.sites, facts.study.suppliers.rename(columns={"supplier": "site"})])
        country = country.drop_duplicates("site").set_index("site")["country"]
        sent = facts.plan.shipments
        sent = sent.assign(origin=sent["origin"].map(country), destination=sent["destination"].map(country))
        bought.append(sent.merge(changed, on=keys)["units_per_yr"].sum())
    what = ", ".join(f"`{r.product}` from {r.origin} to {r.destination}" for r in changed.itertuples())
    none = "; neither plan sends any, so that what they cost is the same with both" if max(bought) == 0.0 else ""
    return f"{told[:-1]}, for {what}{none}."


def section(here: Facts, dear: Facts | None) -> list[str]:
    """Return the question of labor in the United States, answered with figures; beside it a plan of dearer labor."""
    wage = here.straight("US-MI")
    burden = here.burdened("US-MI") / wage
    premium = reference.parameter(PREMIUM).value
    hours = here.staff("assembly", "200k") * here.study.settings.model.hours_per_fte_year
    more = (premium - 1.0) * wage * burden
    told = [
        "",
        "### Is labor in the United States too cheap here?",
        "",
        f"For plants of car makers, yes. The wage is the median of assemblers of **all** industries ({wage:.2f} USD/h "
        f"in Michigan), times {burden:.3f} for social insurance and labor taxes: {wage * burden:.1f} USD/h. What is "
        "published is all that a car maker pays for an hour: its own scale, shift premium, paid leave, profit sharing, "
        f"health care of the retired. Team assemblers in motor vehicle manufacturing earned {premium:g} times what "
        "those of all industries did (20.73 over 12.36 USD/h, Bureau of Labor Statistics, May 2004; nothing newer was "
        f"read): {wage * premium * burden:.1f} USD/h today, inside the range. Cell and pack plants are no car makers, "
        "and one wage a site holds for all. So the shipped wages stay, one statistic for all states, and what they "
        f"leave out is told: {more * hours:,.0f} USD a vehicle made in the United States ({hours:.0f} h).",
        "",
        "In Ontario likewise, if less: the wage is the median of motor vehicle assemblers, and the top rate of the "
        "Detroit Three there is half as much again. In Mexico it is the other way round: the wage is the mean of all "
        f"insured jobs, managers included, {here.straight('MX-NLE'):.2f} USD/h in Nuevo León before burden, while "
        f"assembly plants of the whole country paid 58.5 pesos, 2.9 USD, in 2022 ({CIENCIA_LATINA}). So the wage gap "
        "between the three countries is wider for car makers than the study has it.",
    ]
    if dear is None:
        return told
    cost, dearer = (f.plan.totals["cost"] / 1e9 for f in (here, dear))
    told += [
        "",
        f"The same study with wages at all sites of the United States times {premium:g}, cells and packs too (`python "
        f"-m benchmarks.plausibility_wages`), costs {dearer:,.0f} bn USD in place of {cost:,.0f} (gaps "
        f"{dear.plan.gap:.1%} and {here.plan.gap:.1%}).{differences(here, dear)} Made in {here.last}, where a plant "
        f"more or less says nothing (gaps of {dear.plan.gap * dearer:.0f} and {here.plan.gap * cost:.0f} bn USD):",
        "",
        "| country | vehicles [million/yr] | with car makers' wages | cells [GWh/yr] | with car makers' wages |",
        "| --- | --- | --- | --- | --- |",
    ]
    columns = [made(f, *what) for what in (("vehicle", 1e6), ("cell", KWH)) for f in (here, dear)]
    for country in ("US", "CA", "MX"):
        a, b, c, d = (float(column[country]) for column in columns)
        told.append(f"| {country} | {a:.2f} | {b:.2f} | {c:.0f} | {d:.0f} |")
    return told


def main(arguments: list[str] | None = None) -> None:
    """Solve the study and write its run folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="where the run goes")
    given = parser.parse_args(arguments)
    study = with_car_makers_wages(ev.example("north-america"))
    limit, gap = (float(os.environ.get(f"BENCH_{k}", v)) for k, v in (("SECONDS", "300"), ("GAP", "0.005")))
    plan = ev.solve(study, gap=gap, time_limit_s=limit)
    ev.certify(study, plan).raise_if_failed()
    ev.write_run(given.folder, study, plan)


if __name__ == "__main__":
    main()
