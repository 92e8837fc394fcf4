"""Programs of every kind and their conditions, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np

from tests.random_mix import Mix

__all__ = ["FEATURES"]
CREDIT = {"cell": 20.0, "pack": 700.0, "motor": 100.0, "vehicle": 2_500.0, "van": 2_500.0}


def _offer(
    mix: Mix,
    program: str,
    kinds: tuple[str, ...],
    share: float = 0.6,
    types: Collection[str] | None = None,
    grant: float = 2e8,
) -> None:
    """Add what a program offers at some of the places, in some of the periods."""
    draw, rows = mix.draw, []
    for i, kind in sorted(draw.allowed):
        products = [p for p in draw.products if draw.makers[p] == kind]
        if (rows and not mix.chance(share)) or kind not in (types or draw.types):
            continue
        for period in draw.periods:
            for what in kinds:
                if mix.chance(0.2):
                    continue
                value = {
                    "investment": mix.some(0.05, 0.5),
                    "grant": mix.some(1e6, grant, 0),
                    "job": mix.some(500, 12_000, 0),
                }.get(what)
                for product in products if what == "production" else [None]:
                    rows.append(
                        {
                            "site": mix.sites[i],
                            "plant_type": kind,
                            "product": product,
                            "period": period,
                            "program": program if what == kinds[0] else f"{program} {what}",
                            "kind": what,
                            "value": mix.some(0, CREDIT[product]) if product else value,
                        }
                    )
    mix.append("incentives", rows)


def _programs(mix: Mix) -> None:
    """Add programs of the kinds that every study may have, paid without a choice."""
    _offer(mix, "plant grant", ("grant",), 0.4, grant=2e9)  # more than some plants cost
    _offer(mix, "job credit", ("job",), 0.4)
    _offer(mix, "second output credit", ("production",), 0.3)


def _ruled(mix: Mix, types: Collection[str] | None = None, **rule: object) -> str:
    """Add a program of some kind with conditions, and return its name."""
    number = len(mix.tables.get("program_rules", ()))
    name = f"program {number + 1}"
    kinds = [("investment",), ("grant",), ("production",), ("job",)]
    _offer(mix, name, kinds[int(mix.rng.choice(4, p=[0.35, 0.2, 0.3, 0.15]))], types=types)
    if name in set(mix.tables["incentives"]["program"] if len(mix.tables.get("incentives", ())) else ()):
        mix.append("program_rules", [{"program": name, **rule}])  # nobody may be offered it
    return name


def _ruled_plain(mix: Mix) -> None:
    """Add programs that are a choice without conditions; together they meet what stacking allows."""
    for _ in range(2):
        _ruled(mix)


def _pool(mix: Mix) -> None:
    _ruled(mix, pool_usd=mix.some(1e7, 1e9, 0))


def _cap(mix: Mix) -> None:
    _ruled(mix, most_usd=mix.some(5e6, 4e8, 0))


def _pledge(mix: Mix) -> None:
    capex = float(mix.tables["options"]["capex_usd"].median())
    _ruled(
        mix,
        min_capex_usd=np.round(capex * mix.some(0.3, 1.5)) if mix.chance(0.7) else np.nan,
        min_jobs_fte=mix.some(50, 2_500, 0) if mix.chance(0.7) else np.nan,
    )


def _clawback(mix: Mix) -> None:
    _ruled(mix, min_jobs_fte=mix.some(300, 4_000, 0), clawback_usd_per_job=mix.some(1_000, 150_000, 0))


def _excludes(mix: Mix) -> None:
    one = _ruled(mix)
    _ruled(mix, excludes=one)


def _requires(mix: Mix) -> None:
    kinds = [k for k in mix.draw.types if mix.chance(0.5)] or [str(mix.pick(mix.draw.types))]
    _ruled(mix, requires=";".join(kinds))


def _foreign_ratio(mix: Mix) -> None:
    draw = mix.draw
    if mix.inputs:
        mix.sell(mix.inputs, ("CN", "US"))
    if "suppliers" in mix.tables:
        sold = mix.tables["suppliers"]["country"]
        barred = [float(c == "CN" or (c not in ("US", "CA", "MX") and mix.chance(0.6))) for c in sold]
        mix.set("suppliers", "foreign_entity", barred)
        price = mix.tables["suppliers"]["price_usd_per_unit"]
        cheap = [p * mix.some(0.4, 0.9) if b else p for p, b in zip(price, barred, strict=True)]
        mix.set("suppliers", "price_usd_per_unit", cheap)
    using = {draw.makers[whole] for whole, _, _ in draw.uses}
    can = {kind for _, kind in draw.allowed}
    _ruled(mix, types=using & can, max_foreign_share=mix.some(0.0, 0.3))


FEATURES: Mapping[str, Callable[[Mix], None]] = {
    "programs": _programs,
    "ruled": _ruled_plain,
    "pool": _pool,
    "cap": _cap,
    "pledge": _pledge,
    "clawback": _clawback,
    "excludes": _excludes,
    "requires": _requires,
    "foreign_ratio": _foreign_ratio,
}
