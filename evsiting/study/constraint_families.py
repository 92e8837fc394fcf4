"""The families of constraints: what each asks of a plan, which studies have a use for it, and what may give way first.

Everybody who names a family reads it here. The other rooms attach to it by its name: the model the function that writes
it (:data:`evsiting.model.formulation.FAMILIES`), the certificate the rule that checks it
(:data:`evsiting.results.certificate.RULES`); tests fail where one of these is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from evsiting.study.study import Study

__all__ = ["CONSTRAINT_FAMILIES", "ConstraintFamily", "Use", "families_in_use", "is_implied", "ways_to_give"]


@dataclass(frozen=True)
class Use:
    """What a study must hold to have a use for a family.

    Parameters
    ----------
    table : str
        It has rows.
    columns : tuple of str
        One of these has a value; no matter which columns where there are none.
    values : tuple of str
        One of these stands in a column; any value where there are none.
    """

    table: str
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it asks of a study, as Markdown.

        Examples
        --------
        >>> Use("limits", ("kind",), ("capex",)).words
        'table `limits` has a row whose `kind` is `capex`'
        """
        columns, values = (" or ".join(f"`{name}`" for name in names) for names in (self.columns, self.values))
        what = f"a row whose {columns} is {values}" if values else f"a value in {columns}" if columns else "rows"
        return f"table `{self.table}` has {what}"

    def holds(self, study: Study) -> bool:
        """Whether a study holds it."""
        frame = study.table(self.table)
        if not len(frame) or not self.columns:
            return bool(len(frame))
        cells = frame.reindex(columns=list(self.columns))  # a study has some columns only where they are given
        return bool((cells.isin(self.values) if self.values else cells.notna()).to_numpy().any())


@dataclass(frozen=True)
class ConstraintFamily:
    """One family of constraints.

    Parameters
    ----------
    name : str
        In the program, in PuLP, in the certificate and in messages.
    sentence : str
        What it asks of a plan.
    use : Use, optional
        Which studies have a use for it; every study where it is left out.
    unchecked : str
        Why the certificate has no rule of this name; empty where it has one.
    implied : bool
        Whether it follows from others as they stand, and only tightens the bound.
    gives_way : int
        Place in the order in which families are loosened to explain that there is no plan; 0 for those that are not.
    source : str
        What it comes from, in the words of that explanation; empty for limits, each of which has a name of its own.
    """

    name: str
    sentence: str
    use: Use | None = None
    unchecked: str = ""
    implied: bool = False
    gives_way: int = 0
    source: str = ""


_BY_DEMAND = "It follows from `capacity`, `balance` and `demand`, which are checked, and cuts off no plan."


def _limits(*kinds: str) -> Use:
    """Return the use of a family for rows of table ``limits``, by their kind."""
    return Use("limits", columns=("kind",), values=kinds)


#: Every family by name, in the order in which the program has them.
CONSTRAINT_FAMILIES: Mapping[str, ConstraintFamily] = MappingProxyType(
    {
        family.name: family
        for family in (
            ConstraintFamily("one_option", "a site has at most one new option of a plant type"),
            ConstraintFamily(
                "expand",
                "an option is expanded once, and only after the period in which it was built, or at once where it may",
                use=Use("options", columns=("expands",)),
            ),
            ConstraintFamily(
                "retire",
                "what was built is closed once, in a later period, and not before what has grown out of it",
                use=Use("options", columns=("closing_usd",)),
            ),
            ConstraintFamily(
                "move_once",
                "a standing plant is closed once, a paused one resumed once",
                use=Use("plants", columns=("closing_usd", "resume_usd")),
            ),
            ConstraintFamily("capacity", "what is made keeps within the capacity that stands"),
            ConstraintFamily(
                "min_load",
                "a plant that is open makes at least its minimum load",
                gives_way=150,
                source="min_load of options",
            ),
            ConstraintFamily("output", "what a site makes leaves by its lanes; no stock is kept"),
            ConstraintFamily(
                "disposal",
                "a plant disposes of no more of a by-product than comes of what it makes",
                use=Use("by_products", columns=("disposal_usd_per_unit",)),
            ),
            ConstraintFamily("balance", "what a site uses, by the bill of materials, arrives by lanes"),
            ConstraintFamily(
                "demand",
                "what a market wants arrives, or goes unmet where a penalty is given",
                gives_way=170,
                source="demand",
            ),
            ConstraintFamily(
                "supplier", "a supplier ships no more than its capacity", gives_way=160, source="capacity of suppliers"
            ),
            ConstraintFamily(
                "total_capacity",
                "all plants of a stage together have the capacity that demand needs of it",
                unchecked=_BY_DEMAND,
                implied=True,
            ),
            ConstraintFamily(
                "min_plants",
                "as many plants of a stage stand as demand needs at least",
                unchecked=_BY_DEMAND,
                implied=True,
            ),
            ConstraintFamily(
                "link",
                "a market is served only from an open plant",
                unchecked="It follows from `capacity`, which is checked, and cuts off no plan.",
                implied=True,
            ),
            ConstraintFamily(
                "preference",
                "no more units enter a country as originating than are sent there, and only of products that qualify",
                use=Use("duties", columns=("relief",), values=("free", "content")),
            ),
            ConstraintFamily(
                "content",
                "the content that units declare is in them, input by input, and bought in the country that they enter",
                use=Use("duties", columns=("relief",), values=("content",)),
            ),
            ConstraintFamily(
                "qualified",
                "all units of a product that a site makes in a period qualify as originating, or none",
                use=Use("origin_rules"),
                unchecked="It only says what `qualified` means; whether a product does qualify is checked by `origin`, "
                "`labor_value` and `core_parts`, and what it is spared by `preference`.",
            ),
            ConstraintFamily(
                "origin",
                "a product qualifies only if its foreign material is no more than 1 − regional value of its net cost",
                use=Use("origin_rules"),
            ),
            ConstraintFamily(
                "labor_value",
                "a product qualifies only if enough of its net cost is paid to high-wage work and material",
                use=Use("origin_rules", columns=("lvc",)),
            ),
            ConstraintFamily(
                "core_parts",
                "a product qualifies only if each of its core parts originates, to the last unit",
                use=Use("origin_rules", columns=("core_parts",)),
            ),
            ConstraintFamily(
                "originating",
                "a buyer counts as originating no more than it buys, and only from a site whose product qualifies",
                use=Use("origin_rules"),
            ),
            ConstraintFamily(
                "quota",
                "a quota lets in so much of what is sent; no unit is spared one measure twice",
                use=Use("quotas"),
            ),
            ConstraintFamily(
                "offset",
                "what a plant makes at home offsets duty on its inputs: so much a unit, no more than is paid",
                use=Use("duty_offsets"),
            ),
            ConstraintFamily(
                "credit",
                "a program with rules pays at most what it offers for what is built, made and worked in a period",
                use=Use("program_rules"),
            ),
            ConstraintFamily(
                "claim", "nothing is paid to a plant that does not claim the program", use=Use("program_rules")
            ),
            ConstraintFamily(
                "cap",
                "a program pays one plant at most so much over the horizon, and nothing without a claim",
                use=Use("program_rules"),
            ),
            ConstraintFamily(
                "pool",
                "a program pays no more than its pool, all plants and periods together",
                use=Use("program_rules", columns=("pool_usd",)),
            ),
            ConstraintFamily(
                "stacking",
                "what programs pay on building is together no more than the investment",
                use=Use("program_rules"),
            ),
            ConstraintFamily(
                "threshold",
                "a plant that claims a program keeps its pledge of investment and of jobs",
                use=Use("program_rules", columns=("min_capex_usd", "min_jobs_fte")),
            ),
            ConstraintFamily(
                "clawback",
                "pledged jobs that a plant does not have in the last period are missing, and paid back",
                use=Use("program_rules", columns=("clawback_usd_per_job",)),
            ),
            ConstraintFamily(
                "exclusive",
                "a plant does not claim two programs of which one excludes the other",
                use=Use("program_rules", columns=("excludes",)),
            ),
            ConstraintFamily(
                "requires",
                "a program that asks for other segments pays only where something new of each is built in the country",
                use=Use("program_rules", columns=("requires",)),
            ),
            ConstraintFamily(
                "foreign_ratio",
                "material of a plant that claims a program comes at most in part from prohibited foreign entities",
                use=Use("program_rules", columns=("max_foreign_share",)),
            ),
            ConstraintFamily(
                "labor_pool",
                "all plants of a commuting area together employ no more people than can be hired there",
                use=Use("labor_pools"),
                gives_way=120,
                source="table labor_pools",
            ),
            ConstraintFamily(
                "grid",
                "the peak load of a site stays within what is connected, with the upgrades made so far",
                use=Use("sites", columns=("connectable_mw",)),
                gives_way=140,
                source="connectable_mw and upgrades of sites",
            ),
            ConstraintFamily("upgrade", "each step of an upgrade is made once at most", use=Use("grid_upgrades")),
            ConstraintFamily(
                "clean",
                "contracted clean power is no more than the electricity that the site uses",
                use=Use("sites", columns=("clean_premium_usd_per_mwh",)),
            ),
            ConstraintFamily(
                "gateway",
                "through a port or border crossing passes at most its capacity",
                use=Use("gateways"),
                gives_way=130,
                source="table gateways",
            ),
            ConstraintFamily(
                "partner",
                "what is promised to or by a partner flows",
                use=Use("commitments"),
                gives_way=110,
                source="commitment",
            ),
            ConstraintFamily("cost_cap", "the cost of the plan keeps its limit", use=_limits("cost"), gives_way=20),
            ConstraintFamily(
                "carbon_cap",
                "emissions keep their limit, over the horizon or in a period",
                use=_limits("emissions"),
                gives_way=30,
            ),
            ConstraintFamily(
                "freight_carbon_cap",
                "emissions of transport keep their limit, over the horizon or in a period",
                use=_limits("freight_emissions"),
                gives_way=35,
            ),
            ConstraintFamily("jobs_floor", "direct jobs keep their limit", use=_limits("jobs"), gives_way=40),
            ConstraintFamily("budget", "own investment keeps its limit", use=_limits("capex"), gives_way=10),
            ConstraintFamily(
                "country_share",
                "a place has at least, or at most, a share of output, investment or jobs",
                use=_limits("output_share", "capex_share", "jobs_share"),
                gives_way=50,
            ),
            ConstraintFamily(
                "import_share",
                "of what arrives of a product, at most a share comes from overseas",
                use=_limits("import_share"),
                gives_way=60,
            ),
            ConstraintFamily(
                "concentration",
                "no single site, state, country, company, supplier or gateway carries more than a share of a product",
                use=_limits("concentration"),
                gives_way=70,
            ),
            ConstraintFamily(
                "service",
                "of demand that has a promised delivery time, at least a share arrives in time",
                use=_limits("on_time_share"),
                gives_way=100,
            ),
            ConstraintFamily(
                "renewable",
                "of the electricity of plants, at least a share is renewable",
                use=_limits("renewable_share"),
                gives_way=80,
            ),
            ConstraintFamily(
                "survive",
                "with any one plant or gateway out, a share of what demand needs can still be had",
                use=_limits("survive_share"),
                gives_way=90,
            ),
            ConstraintFamily(
                "staffing", "direct staff keeps its limit in each period", use=_limits("jobs_fte"), gives_way=101
            ),
            ConstraintFamily(
                "count",
                "so many plants at least, or at most, stand in a period or are built",
                use=_limits("plants_open", "plants_built"),
                gives_way=102,
            ),
            ConstraintFamily(
                "logic",
                "of some named sites, plant types and options so many at least, or at most, are open",
                use=_limits("members_open"),
                gives_way=103,
            ),
            ConstraintFamily(
                "sites_changed",
                "the sites that open differ from named ones in at least, or at most, so many",
                use=_limits("sites_changed"),
                gives_way=106,
            ),
            ConstraintFamily(
                "programs_used",
                "of named programs so many claims at least, or at most, are paid",
                use=_limits("programs_used"),
                gives_way=107,
            ),
            ConstraintFamily(
                "throughput",
                "lanes between two places, of a mode or through a gateway together keep their limit",
                use=_limits("throughput", "throughput_mass"),
                gives_way=104,
            ),
            ConstraintFamily(
                "sources",
                "a market is served from at most so many sites and suppliers",
                use=_limits("sources"),
                gives_way=105,
            ),
        )
    }
)


def families_in_use(study: Study) -> list[ConstraintFamily]:
    """Return the families that a study has a use for beside those of every study.

    Examples
    --------
    >>> import evsiting as ev
    >>> families_in_use(ev.example("ten-cities"))[0].name
    'preference'
    """
    return [family for family in CONSTRAINT_FAMILIES.values() if family.use is not None and family.use.holds(study)]


def ways_to_give() -> list[ConstraintFamily]:
    """Return the families that may give way where there is no plan, in the order in which they are tried."""
    return sorted(
        (family for family in CONSTRAINT_FAMILIES.values() if family.gives_way), key=lambda family: family.gives_way
    )


def is_implied(name: str) -> bool:
    """Whether the constraints of a family follow from others; nobody knows of rules of a user's own.

    Examples
    --------
    >>> is_implied("link"), is_implied("demand"), is_implied("extra")
    (True, False, False)
    """
    return name in CONSTRAINT_FAMILIES and CONSTRAINT_FAMILIES[name].implied
