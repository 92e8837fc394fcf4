"""A study as it would be in other units: the same decisions, each figure a factor larger or smaller."""

from __future__ import annotations

import re

from evsiting.study.schema.programs import UNITS_BY_KIND
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study

#: Quantities of which a business of another size has more or less, so that prices (ratios of two of them) stay; hours
#: too, promised ones like all others.
EXTENSIVE = ("USD", "unit", "FTE", "MW", "MWh", "kWh", "kg", "t", "person", "h")


def in_other_units(study: Study, **factors: float) -> Study:
    """Return the study with some units of measure a factor smaller, so that all figures in them are larger.

    Parameters
    ----------
    study : Study
        Complete.
    **factors : float
        By unit as in the data dictionary: ``USD=1e6`` turns dollars into millionths; ``unit=1e3`` counts thousandths of
        every product. With all of :data:`EXTENSIVE` the business itself is larger.
    """
    tables = {}
    for name, frame in study.tables.items():
        frame = frame.copy()
        for column in TABLES[name].columns:
            if column.name in frame and " or " not in column.unit:
                if (times := _factor(column.unit, factors)) != 1.0:
                    frame[column.name] = frame[column.name] * times
            elif column.name in frame and name in UNITS_BY_KIND:
                units = UNITS_BY_KIND.get(f"{name}.{column.name}", UNITS_BY_KIND[name])
                by_kind = frame["kind"].map(lambda kind, own=units: _factor(own[kind], factors))
                frame[column.name] = frame[column.name] * by_kind.astype("float64")
        tables[name] = frame
    model = study.settings.model
    price = model.carbon_price_usd_per_t * factors.get("USD", 1.0) / factors.get("t", 1.0)
    model = model.model_copy(update={"carbon_price_usd_per_t": price})
    return Study(study.settings.model_copy(update={"model": model}), tables)


def of_other_size(study: Study, factor: float) -> Study:
    """Return the study of a business a factor larger in everything: its best plan is the same, that much larger."""
    return in_other_units(study, **dict.fromkeys(EXTENSIVE, factor))


def _factor(unit: str, factors: dict[str, float]) -> float:
    """Return by what figures of a unit are multiplied."""
    above, _, below = unit.partition("/")
    out = 1.0
    for side, sign in ((above, 1), (below, -1)):
        for part in re.split(r"[·()]", side):
            if part in factors:
                out *= factors[part] ** sign
    return out
