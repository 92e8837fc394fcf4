"""From a study to a certified plan, a trade-off and a report.

Run it with::

    python examples/quickstart.py                          # the starter study: seconds
    python examples/quickstart.py --study north-america    # the shipped study of the continent: minutes
    python examples/quickstart.py --study my_study --out out/mine
"""

from __future__ import annotations

import argparse
from pathlib import Path

import evsiting as ev


def main() -> None:
    options = argparse.ArgumentParser(description="From a study to a certified plan, a trade-off and a report.")
    options.add_argument("--study", default="starter", help="a shipped name, a folder or an .xlsx workbook")
    options.add_argument("--out", type=Path, default=Path("out/quickstart"), help="folder for what is written")
    options.add_argument("--points", type=int, default=5, help="points of the trade-off")
    options.add_argument("--seconds", type=float, default=60.0, help="time limit of each solve [s]")
    given = options.parse_args()

    # 1. A study is tables and settings, checked when it is read. The layers fill what is left empty.
    study = ev.read_study(given.study) if Path(given.study).exists() else ev.example(given.study)
    study = ev.complete(study)
    print(study)

    # 2. The least cost, with a proven bound; and the same numbers recomputed from the tables.
    plan = ev.solve(study, objective="cost", gap=0.005, time_limit_s=given.seconds)
    print(plan)
    certificate = ev.certify(study, plan)
    certificate.raise_if_failed()
    print(plan.opened[["name", "plant_type", "option", "period", "jobs_fte"]].to_string(index=False))

    # 3. What it amounts to: a unit at its market against the cheapest import, and cost year by year.
    landed = ev.landed_cost(study, plan, by=["product", "country"])
    print(landed[["product", "country", "plants_usd_per_unit", "import_usd_per_unit", "break_even_duty"]].round(3))
    print(ev.cash_flow(study, plan)[["total", "present"]].div(1e6).round(1))

    # 4. What lower emissions cost.
    front = ev.pareto(
        study, "cost", "emissions", points=given.points, gap=0.01, time_limit_s=given.seconds / 4, start=plan
    )
    print(front)

    # 5. For those who read it.
    given.out.mkdir(parents=True, exist_ok=True)
    ev.write_report(given.out / "siting.html", study, plan, front=front, certificate=certificate)
    ev.write_workbook(given.out / "siting.xlsx", study, plan, front=front)
    ev.write_geopackage(given.out / "siting.gpkg", study, plan)
    ev.plot_map(study, plan).figure.savefig(given.out / "map.png")
    ev.plot_front(front).figure.savefig(given.out / "front.png")
    print(f"Report, workbook, GeoPackage and pictures are in {given.out}")


if __name__ == "__main__":
    main()
