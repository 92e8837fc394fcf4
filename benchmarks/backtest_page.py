"""The page and the picture of the back-test, from its results alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from benchmarks import backtest_prior as prior

Record = dict[str, Any]
GROUNDS = {"cities": "cities", "grid": "50 km cells", "snapped": "plants moved to cities"}
MAIN = ("all layers", "all layers, TOPSIS", "geography only", "unit cost", "population")
BLUE, ORANGE, GREY, DARK = "#2b6a99", "#d1701f", "#8a8a8a", "#222222"


def area(one: Record) -> str:
    """An area under the curve with its interval."""
    if "auc" not in one:
        return f"{one['plants']} plants: not told"
    if one.get("auc_low") is None:
        return f"{one['auc']:.2f}"
    return f"{one['auc']:.2f} ({one['auc_low']:.2f} to {one['auc_high']:.2f})"


def rate(one: Record) -> str:
    """A hit rate with its interval."""
    if "auc" not in one:
        return ""
    return (
        f"{one['top_hits']} of {one['plants']}: {one['top_rate']:.0%} ({one['top_low']:.0%} to {one['top_high']:.0%})"
    )


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines)


def page(found: Record) -> str:
    """Return the page."""
    parts = [_answer(found), _method(found), _headline(found), _singles(found), _groups(found), _more(found)]
    return "\n\n".join([*parts, _why(found), _plants(found), _limits(found)]) + "\n"


def _get(found: Record, ground: str, score: str, view: str, group: str = "sited") -> Record:
    one: Record = found[ground]["scores"][score][group][view]
    return one


def _answer(found: Record) -> str:
    n = _get(found, "cities", "all layers", "continent")["plants"]
    chance = found["by_chance"][str(n)]
    city, cell = _get(found, "cities", "all layers", "country"), _get(found, "grid", "all layers", "country")
    pop, popcell = _get(found, "cities", "population", "country"), _get(found, "grid", "population", "country")
    geo = _get(found, "grid", "geography only", "country")
    buyers = _get(found, "cities", "only distance to buyers", "country")
    state = _get(found, "cities", "all layers", "state")
    return f"""# Back-test: does the score put plants where plants go?

**Not among cities; roughly, among all settled land, and there no better than population does.** {n} EV and battery plants of
the reference table that were not given up were hidden, every place was scored by eight layers with weights fixed beforehand,
and the real places were looked up in that order. 0.50 is a coin; {n} plants scored at random reach {chance[0]:.2f} to
{chance[1]:.2f} in 95 of 100 cases. All comparisons in this paragraph are inside a plant's own country.

- **Among {found["candidates"]["cities"]:,} cities** of 50,000 people and more, a real site beats {city["auc"]:.0%} of the others (95 %
  interval {city["auc_low"]:.0%} to {city["auc_high"]:.0%}); {city["top_hits"]} of {n} are in the best tenth. That is chance. Population is a worse
  guide than chance ({pop["auc"]:.2f}): the plants stand in small towns and at the edge of large ones.
- **Among {found["candidates"]["grid"]:,} cells of 50 km** that have a town near by, it beats {cell["auc"]:.0%} ({cell["auc_low"]:.0%} to
  {cell["auc_high"]:.0%}), and {cell["top_hits"]} of {n} are in the best tenth. Population alone reaches {popcell["auc"]:.2f}; the four layers of
  geography alone {geo["auc"]:.2f}.
- **What carries it** is rails near by (against empty land) and nearness to the buyers of vehicles ({buyers["auc"]:.2f} among cities).
  Wages, unemployment and clean power do not. **Inside a state** the layers tell nothing ({state["auc"]:.2f} among cities).

So the score is a filter for what cannot work, and an input to a program that weighs cost, duty and programs; it is no
forecast of where companies go. Do not let it choose one site of a state."""


def _method(found: Record) -> str:
    rows = []
    for c in prior.CRITERIA:
        vintage, knowable = prior.VINTAGES[c.label]
        better = "less" if c.direction == "cost" else "more"
        rows.append([c.theme, c.label, better, f"{found['weights'][c.label]:.3f}", vintage, knowable])
    head = ["theme", "layer", "better", "weight", "of", "before the announcements?"]
    return f"""## How it was done

- **Plants.** The 51 of the reference table. Canceled and retired ones are told apart and are in no headline.
- **Hidden.** No layer knows of a plant. A plant is inserted as a point of its own and gets its layers as any candidate does;
  it is compared with the candidates only. Its percentile is the part of them that score below it, ties counting half. The
  mean percentile of some plants is the area under the curve (AUC, Mann and Whitney).
- **Compared with** all candidates of the continent, those of its country, and those of its state (states with
  {prior.LEAST_IN_REGION} candidates or more).
- **Weights** were fixed before the first run: the three themes weigh the same, and so do the layers inside a theme. Layers are
  scaled by rank. The score is the weighted sum; TOPSIS is told beside it.
- **Unit cost** is a second score whose weights are not a matter of opinion: labor, electricity and outbound freight of one
  vehicle (for cells: of one kWh) in USD, from the reference parameters, without duties, taxes and programs.
- **Baselines.** Population (people within {50} km) and chance.
- **Intervals** are 95 %. For AUC: bootstrap over states, as plants of one state are not independent. For rates: Wilson. With
  fewer than {prior.LEAST} plants nothing is told but percentiles. About a hundred intervals stand on this page: some miss by chance alone.
- **Left out** although at hand: subsidies and megadeals (they are outcomes of the same sitings) and employment of 2025.

{table(head, rows)}

Unemployment is missing for 24 jurisdictions, most of them Mexican: they take the mean of their country. Only four layers
rest on nothing that prices, wages or rates of later years could have leaked into: people, buyers, rail, port or border. They are
scored alone as *geography only*."""


def _headline(found: Record) -> str:
    rows = []
    for ground in ("cities", "grid", "snapped"):
        for score in MAIN:
            views = [_get(found, ground, score, v) for v in ("continent", "country", "state")]
            rows.append([GROUNDS[ground], score, *(area(v) for v in views), rate(views[0]), rate(views[1])])
    head = [
        "against",
        "score",
        "AUC, continent",
        "AUC, country",
        "AUC, state",
        "best tenth, continent",
        "best tenth, country",
    ]
    gaps = [
        [GROUNDS[g], name, f"{v['gap']:+.2f} ({v['low']:+.2f} to {v['high']:+.2f})"]
        for g in ("cities", "grid", "snapped")
        for name, v in found[g]["against_population"].items()
    ]
    low, high = found["cities"]["delong"][1:]
    return f"""## Against the baselines

![Areas under the curve and percentiles of plants](images/backtest.png)

{table(head, rows)}

*Plants moved to cities*: each plant takes the layers of its nearest candidate city; added after the first run. The interval of
DeLong for all layers among cities, continent, which takes plants as independent, is {low:.2f} to {high:.2f}.

Difference of the AUC to that of population, plant by plant:

{table(["against", "score", "difference"], gaps)}"""


def _singles(found: Record) -> str:
    rows = []
    for c in prior.CRITERIA:
        name = f"only {c.label}"
        cells = [area(_get(found, g, name, v)) for g in ("cities", "grid") for v in ("country", "state")]
        rows.append([c.label, "less" if c.direction == "cost" else "more", *cells])
    head = ["layer", "better", "cities, country", "cities, state", "cells, country", "cells, state"]
    return f"""## One layer at a time

AUC of each layer alone. 0.50 in the columns of the state is no finding: four layers are the same everywhere in a state.

{table(head, rows)}"""


def _groups(found: Record) -> str:
    rows = []
    for group in found["cities"]["scores"]["all layers"]:
        one = _get(found, "cities", "all layers", "country", group)
        cells = [
            area(_get(found, g, s, "country", group)) for g in ("cities", "grid") for s in ("all layers", "unit cost")
        ]
        low = [area(_get(found, "cities", "population", "country", group))]
        rows.append([group, str(one["plants"]), *cells, *low, rate(one)])
    head = [
        "plants",
        "n",
        "all layers, cities",
        "unit cost, cities",
        "all layers, cells",
        "unit cost, cells",
        "population, cities",
        "best tenth, all layers, cities",
    ]
    return f"""## By type, country and fate

AUC inside the country. A plant that makes two products counts with both. The five Canadian plants stand in one province, so
that no interval can be told.

{table(head, rows)}

Six canceled or retired plants are too few to tell whether places of plants that failed scored worse; they did not score lower."""


def _more(found: Record) -> str:
    rows = []
    for g in ("cities", "grid", "snapped"):
        w, learned = found[g]["any_weights"], found[g]["learned"]
        for view in ("continent", "country"):
            one = w[view]
            told = f"{one['median']:.2f} ({one['low']:.2f} to {one['high']:.2f}); best {one['best']:.2f}"
            rows.append([GROUNDS[g], f"random weights, {view}", told])
        rows += [[GROUNDS[g], f"regression, {k}", area(learned[k])] for k in ("other states", "other countries")]
        rows.append([GROUNDS[g], "regression, fitted to all (no test)", f"{learned['fitted_to_all']['auc']:.2f}"])
    p = found["prefilter"]
    return f"""## Could other weights do better?

A thousand weights drawn at random over all eight layers; and a logistic regression (ridge {prior.RIDGE:g}, not tuned) that learns from
the plants of other states ({prior.FOLDS} folds) or of the other two countries and ranks those held out among the candidates held out.
The range of the random weights is over weights, not over plants. The best of them was picked on these plants: no estimate.

{table(["against", "weights", "AUC"], rows)}

What has been learned from plants elsewhere does better than equal weights, so the layers hold more than equal weights take
from them. Its largest coefficients are nearness to buyers and, with the sign turned, people: not many people in the place itself.

**As a prefilter** (added after the first run). Keeping the {prior.KEEP} best cities of each state, at least {prior.SPACING_KM:g} km apart, leaves
{p["kept"]} of {found["candidates"]["cities"]:,} candidates. {p["all layers"]} of {p["plants"]} plants then have a kept candidate within {prior.REACH_KM:g} km; by population it is
{p["population"]}, by scores drawn at random {p["by_chance"]:.1f} on average ({p["by_chance_low"]:.0f} to {p["by_chance_high"]:.0f}), and {p["any candidate"]} with all
candidates."""


def _why(found: Record) -> str:
    def country(score: str, ground: str = "cities", group: str = "sited") -> str:
        return f"{_get(found, ground, score, 'country', group)['auc']:.2f}"

    mx = _get(found, "cities", "all layers", "continent", "in MX")["auc"]
    mx_cost = _get(found, "cities", "unit cost", "continent", "in MX")["auc"]
    return f"""## Where it differs, and why

What follows is a reading of the tables, not a test.

- **Small towns.** A score that likes many workers near by likes large cities (people alone: {country("only people within 50 km")} among cities).
  Large plants need hundreds of hectares in one piece, which towns have; land and serviced sites are in no layer. Candidates
  of 50,000 people and more are themselves the wrong list for them: {found["prefilter"]["any candidate"]} of {found["prefilter"]["plants"]} plants have one within {prior.REACH_KM:g} km, but few stand in one.
- **The motor industry that stands.** Many of these plants are conversions of, or neighbors to, plants that have stood for
  decades. No layer holds the vehicle and parts plants of before 2018; nearness to buyers ({country("only distance to buyers")}) points to the same
  middle of the continent and takes their credit.
- **Incentives and megasites.** States competed with money and prepared land. Using the sums would be using the answer.
- **Wages** ({country("only wage")}) are medians of whole states and differ little inside a country; **unemployment** ({country("only unemployment")}) likewise.
- **Power price** ({country("only power price")} among cities) is better than chance there and not among cells ({country("only power price", "grid")}); **grid carbon**
  ({country("only grid carbon")}) points the wrong way: the plants went to states with more coal and gas than the median candidate. That is a
  finding about companies, not an error of the layer; whoever wants low emissions must ask for them.
- **Ports and borders** ({country("only distance to port or border")} among cities): the plants are inland, between the buyers.
- **Mexico** scores low on the continent ({mx:.2f}) with equal weights and high by unit cost ({mx_cost:.2f}): wages are a fifth, the power price
  is one tariff of 2020. Which of both holds is a matter of duties and rules of origin, which the program has and a score of places
  has not.
- **Cells and assembly.** Among cities, sites of cell plants score lower with equal weights ({country("all layers", group="cells")}) than those of assembly
  ({country("all layers", group="assembly")}), and alike by unit cost ({country("unit cost", group="cells")} and {country("unit cost", group="assembly")}): cell plants went to small places with cheap power."""


def _plants(found: Record) -> str:
    def rows(apart: bool) -> list[list[str]]:
        lines = []
        for p in sorted(found["plants"], key=lambda p: (p["country"], p["iso"], p["name"])):
            if (p["status_class"] in prior.APART) == apart:
                cells = [p[f"{s}, {v}"] for s, v in COLUMNS]
                told = ["" if c is None else f"{100 * c:.0f}" for c in (*cells, p["among_best_tenth"])]
                kind = p["type"].replace("battery_", "").replace("_", " ")
                lines.append([p["name"], p["iso"], kind, p["status_class"].replace("_", " "), *told])
        return lines

    head = ["plant", "in", "type", "status", *(f"{s}, {v}" for s, v in COLUMNS), "best tenth under random weights"]
    return f"""## Every plant

Percentiles among cities, 100 is best; the last column is the part of all weights [%] that puts it among the best tenth of all
places.

{table(head, rows(False))}

Canceled and retired, apart:

{table(head, rows(True))}"""


COLUMNS = (
    ("all layers", "continent"),
    ("all layers", "country"),
    ("all layers", "state"),
    ("unit cost", "country"),
    ("population", "country"),
)


def _limits(found: Record) -> str:
    return f"""## Limits of the test

- {len(found["plants"])} plants in 18 or so states are a small and clustered sample, and not a random one: the table holds known, mostly large plants.
- Candidates are not places that were turned down; many would serve as well. No score can reach 1.
- Most layers are of later years than the sitings; see the table above. Places of some plants are good to a few kilometres only.
- Conversions of standing plants and new sites are not told apart: the table has no column for it.
- The test is about places, not about the program: costs of duties, programs and lanes between plants are not in a score of places.

Made by `python -m benchmarks.backtest` ({found["seconds"]:.0f} s); figures in `benchmarks/results/backtest.json`."""


def picture(found: Record, path: Path) -> None:
    """Draw areas under the curve by score, and percentiles of plants by type."""
    with plt.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), width_ratios=(1.15, 1.0), layout="constrained")
        _forest(left, found)
        _strip(right, found)
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _forest(ax: Any, found: Record) -> None:
    names = [
        "all layers",
        "geography only",
        "unit cost",
        "only distance to buyers",
        "only distance to rail",
        "population",
    ]
    for ground, color, shift in (("cities", BLUE, 0.14), ("grid", ORANGE, -0.14)):
        for k, name in enumerate(reversed(names)):
            one = _get(found, ground, name, "country")
            ax.plot([one["auc_low"], one["auc_high"]], [k + shift] * 2, color=color, lw=2)
            label = f"against {GROUNDS[ground]}" if k == 0 else None
            marker = "o" if ground == "cities" else "s"
            ax.plot(one["auc"], k + shift, marker, color=color, ms=6, label=label, ls="none")
    ax.axvline(0.5, color=DARK, lw=0.8, ls="--")
    ax.set_yticks(range(len(names)), [n.replace("only ", "only: ") for n in reversed(names)])
    ax.set_xlim(0.1, 1.0)
    ax.set_xlabel("area under the curve inside the country, 95 % interval; dashed: a coin")
    ax.set_title("Real sites against other places, by score", loc="left")
    ax.legend(frameon=False, loc="lower right")


def _strip(ax: Any, found: Record) -> None:
    rng = np.random.default_rng(1)
    kinds = ["assembly", "cells", "packs and modules", "canceled or retired"]
    for p in found["plants"]:
        apart = p["status_class"] in prior.APART
        mine = [k for k, code in prior.KINDS.items() if code in p["type"]] if not apart else ["canceled or retired"]
        for kind in mine:
            y = len(kinds) - 1 - kinds.index(kind) + rng.uniform(-0.22, 0.22)
            shape, color = ("x", GREY) if apart else ("o", BLUE)
            ax.plot(p["all layers, country"], y, shape, color=color, ms=5, alpha=0.8)
    ax.axvspan(0.9, 1.0, color=ORANGE, alpha=0.15, lw=0)
    ax.set_yticks(range(len(kinds)), list(reversed(kinds)))
    ax.set_xlim(0.0, 1.0)
    ax.set_xlabel("percentile among cities of the country, all layers; shaded: best tenth")
    ax.set_title("Each plant", loc="left")
