"""The two-plant study with programs that must be claimed, for the tests of incentives."""

from __future__ import annotations

import pandas as pd

from evsiting.study.study import Study
from tests.frames import COLUMNS
from tests.studies import two_plant_study

RULES = (
    "program", "pool_usd", "most_usd", "min_capex_usd", "min_jobs_fte", "clawback_usd_per_job", "excludes", "requires",
    "max_foreign_share",
)  # fmt: skip

#: Site, plant type, product, program, kind, value; each holds in every period. "site grant" has no rules.
OFFERS = (
    ("memphis", "cell", None, "site grant", "investment", 0.10),
    ("memphis", "cell", "cell", "45X", "production", 35.0),
    ("memphis", "cell", None, "48C", "investment", 0.30),
    ("memphis", "cell", None, "land", "investment", 0.75),
    ("memphis", "pack", "pack", "45X modules", "production", 750.0),
    ("memphis", "pack", None, "48C", "investment", 0.30),
    ("memphis", "assembly", None, "deal", "grant", 200e6),
    ("memphis", "assembly", None, "supply chain", "investment", 0.10),
    ("monterrey", "assembly", None, "training", "job", 3_000.0),
)
#: By program: what its rule says; what is left out is empty.
CONDITIONS: dict[str, dict[str, object]] = {
    "45X": {"excludes": "48C"},
    "48C": {"pool_usd": 190e6},
    "land": {},
    "45X modules": {"max_foreign_share": 0.25},
    "deal": {"most_usd": 150e6, "min_capex_usd": 800e6, "min_jobs_fte": 2_500.0, "clawback_usd_per_job": 50e3},
    "supply chain": {"requires": "cell;pack"},
    "training": {"min_jobs_fte": 1_200.0},
}


def rules_of(conditions: dict[str, dict[str, object]]) -> pd.DataFrame:
    """Return a table ``program_rules``."""
    return pd.DataFrame([{"program": name, **rule} for name, rule in conditions.items()], columns=list(RULES))


def offers_of(periods: list[str], *rows: tuple[object, ...]) -> pd.DataFrame:
    """Return a table ``incentives`` of rows as in :data:`OFFERS` that hold in every period."""
    return pd.DataFrame(
        [(s, k, p, t, program, kind, value) for s, k, p, program, kind, value in rows for t in periods],
        columns=COLUMNS["incentives"],
    )


def claims_study(
    *,
    periods: int = 1,
    offers: tuple[tuple[object, ...], ...] = OFFERS,
    conditions: dict | None = None,
    listed: tuple[str, ...] = (),
) -> Study:
    """Return the two-plant study with these programs; Busan is a prohibited foreign entity.

    Those ``listed`` have a row in table ``programs``: grants of others are figures of the user's own.
    """
    study = two_plant_study(periods=periods)
    study = study.with_table("suppliers", study.suppliers.assign(foreign_entity=1.0))
    if listed:
        rows = [(name, "US", "cell", "grant", 1e9, 2027, 2036) for name in listed]
        names = ["program", "country", "plant_type", "kind", "value", "first_year", "last_year"]
        study = study.with_table("programs", pd.DataFrame(rows, columns=names))
    study = study.with_table("incentives", offers_of(list(study.periods["period"]), *offers))
    held = CONDITIONS if conditions is None else conditions
    return study.with_table("program_rules", rules_of(held)) if held else study
