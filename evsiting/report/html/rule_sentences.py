"""Row families beside those of every study, in words: the page names those that the study has a use for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from evsiting.study.study import Study

Test = Callable[[Study], bool]


def _given(table: str, *columns: str) -> Test:
    """Return the test whether a table has rows, and a value in one of the columns where any are named."""

    def test(study: Study) -> bool:
        frame = study.table(table)
        return bool(len(frame)) and (not columns or bool(frame[list(columns)].notna().to_numpy().any()))

    return test


def _holds(table: str, column: str, *values: str) -> Test:
    """Return the test whether a column holds one of some values."""
    return lambda study: bool(study.table(table)[column].isin(values).any())


#: Row families of every study; the page states them as formulas.
CORE = (
    "one_option", "capacity", "min_load", "output", "balance", "demand", "supplier", "total_capacity", "min_plants",
    "link",
)  # fmt: skip
#: Every other family: its sentence, and the test whether a study has a use for it.
FURTHER: Mapping[str, tuple[str, Test]] = MappingProxyType(
    {
        "expand": (
            "an option is expanded once, and only after the period in which it was built",
            _given("options", "expands"),
        ),
        "move_once": (
            "a standing plant is closed once, a paused one resumed once",
            _given("plants", "closing_usd", "resume_usd"),
        ),
        "preference": (
            "no more units enter a country as originating than are sent there, and only of a product that qualifies",
            _holds("duties", "relief", "free", "content"),
        ),
        "content": (
            "the content that units declare is in them, input by input, and bought in the country that they enter",
            _holds("duties", "relief", "content"),
        ),
        "qualified": (
            "all units of a product that a site makes in a period qualify as originating, or none",
            _given("origin_rules"),
        ),
        "origin": (
            "a product qualifies only if its foreign material is no more than 1 − regional value of its net cost",
            _given("origin_rules"),
        ),
        "labor_value": (
            "a product qualifies only if enough of its net cost is paid to high-wage work and material",
            _given("origin_rules", "lvc"),
        ),
        "core_parts": (
            "a product qualifies only if each of its core parts originates, to the last unit",
            _given("origin_rules", "core_parts"),
        ),
        "originating": (
            "a buyer counts as originating no more than it buys, and only from a site whose product qualifies",
            _given("origin_rules"),
        ),
        "quota": ("a quota lets in so much of what is sent; no unit is spared one measure twice", _given("quotas")),
        "offset": (
            "what a plant makes at home offsets duty on its inputs: so much a unit, no more than is paid",
            _given("duty_offsets"),
        ),
        "credit": (
            "a program with rules pays at most what it offers for what is built, made and worked in a period",
            _given("program_rules"),
        ),
        "claim": ("nothing is paid to a plant that does not claim the program", _given("program_rules")),
        "cap": (
            "a program pays one plant at most so much over the horizon, and nothing without a claim",
            _given("program_rules"),
        ),
        "pool": (
            "a program pays no more than its pool, all plants and periods together",
            _given("program_rules", "pool_usd"),
        ),
        "stacking": ("what programs pay on building is together no more than the investment", _given("program_rules")),
        "threshold": (
            "a plant that claims a program keeps its pledge of investment and of jobs",
            _given("program_rules", "min_capex_usd", "min_jobs_fte"),
        ),
        "clawback": (
            "pledged jobs that a plant does not have in the last period are missing, and paid back",
            _given("program_rules", "clawback_usd_per_job"),
        ),
        "exclusive": (
            "a plant does not claim two programs of which one excludes the other",
            _given("program_rules", "excludes"),
        ),
        "requires": (
            "a program that asks for other segments pays only where something new of each is built in the country",
            _given("program_rules", "requires"),
        ),
        "foreign_ratio": (
            "material of a plant that claims a program comes at most in part from prohibited foreign entities",
            _given("program_rules", "max_foreign_share"),
        ),
        "labor_pool": (
            "all plants of a commuting area together employ no more people than can be hired there",
            _given("labor_pools"),
        ),
        "grid": (
            "the peak load of a site stays within what is connected, with the upgrades made so far",
            _given("sites", "connectable_mw"),
        ),
        "upgrade": ("each step of an upgrade is made once at most", _given("grid_upgrades")),
        "clean": (
            "contracted clean power is no more than the electricity that the site uses",
            _given("sites", "clean_premium_usd_per_mwh"),
        ),
        "gateway": ("through a port or border crossing passes at most its capacity", _given("gateways")),
        "partner": ("what is promised to or by a partner flows", _given("commitments")),
        "cost_cap": ("the cost of the plan keeps its limit", _holds("limits", "kind", "cost")),
        "carbon_cap": (
            "emissions keep their limit, over the horizon or in a period",
            _holds("limits", "kind", "emissions"),
        ),
        "jobs_floor": ("direct jobs keep their limit", _holds("limits", "kind", "jobs")),
        "budget": ("own investment keeps its limit", _holds("limits", "kind", "capex")),
        "country_share": (
            "a place has at least, or at most, a share of output, investment or jobs",
            _holds("limits", "kind", "output_share", "capex_share", "jobs_share"),
        ),
        "import_share": (
            "of what arrives of a product, at most a share comes from overseas",
            _holds("limits", "kind", "import_share"),
        ),
        "concentration": (
            "no single site, state, country, company, supplier or gateway carries more than a share of a product",
            _holds("limits", "kind", "concentration"),
        ),
        "service": (
            "of demand that has a promised delivery time, at least a share arrives in time",
            _holds("limits", "kind", "on_time_share"),
        ),
        "renewable": (
            "of the electricity of plants, at least a share is renewable",
            _holds("limits", "kind", "renewable_share"),
        ),
        "survive": (
            "with any one plant or gateway out, a share of what demand needs can still be had",
            _holds("limits", "kind", "survive_share"),
        ),
    }
)


def further_rules(study: Study) -> list[tuple[str, str]]:
    """Return the row families that a study has a use for beside those of every study: name and sentence."""
    return [(name, sentence) for name, (sentence, test) in FURTHER.items() if test(study)]
