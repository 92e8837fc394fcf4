"""Choose where to build EV-assembly and battery plants in the United States, Canada and Mexico.

The names below are all that a script or a notebook needs. They are loaded when they are first used, so that
``import evsiting`` and ``evsiting --help`` are quick.

Examples
--------
>>> import evsiting as ev
>>> study = ev.example("starter")
>>> plan = ev.solve(study)
>>> ev.certify(study, plan).passed
True
"""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evsiting.errors import (
        CertificateError,
        CrsError,
        DataWarning,
        EngineNotAvailable,
        EvsitingError,
        EvsitingWarning,
        GapWarning,
        InfeasibleError,
        InputError,
        NoSolutionError,
        SolveError,
        StudyError,
        TableError,
        UnboundedError,
        UncertifiedError,
        WriteError,
    )
    from evsiting.layers.apply import apply_layers
    from evsiting.layers.base import Layer, layer
    from evsiting.layers.completion import complete, imputed_figures
    from evsiting.layers.demand.adoption import DemandPath
    from evsiting.layers.demand.vehicles import demand
    from evsiting.layers.energy.power import power
    from evsiting.layers.energy.resource import resource
    from evsiting.layers.energy.transmission import transmission
    from evsiting.layers.freight.distances import Distances, distances
    from evsiting.layers.freight.geometries import route_geometries
    from evsiting.layers.freight.lanes import FreightLayer
    from evsiting.layers.freight.matrices import FreightMatrices, freight_matrices
    from evsiting.layers.freight.routing.graph import RoadGraph
    from evsiting.layers.freight.routing.readers import road_graph
    from evsiting.layers.geo.frames import nearest_km
    from evsiting.layers.geo.raster import raster_values
    from evsiting.layers.incentives.expected import expected_package
    from evsiting.layers.incentives.flags import flags
    from evsiting.layers.labor.areas import read_areas
    from evsiting.layers.labor.commute import commute_shed
    from evsiting.layers.labor.counties import county_labor, read_laus
    from evsiting.layers.labor.pools import labor_pools
    from evsiting.layers.labor.wages import wages
    from evsiting.layers.scenarios import scenario_study
    from evsiting.layers.sites.candidates import candidates
    from evsiting.layers.sites.exclusions import exclude
    from evsiting.layers.sites.industry import industry, industry_signals
    from evsiting.layers.sites.prefilter import prefilter
    from evsiting.layers.sites.screening import Screening
    from evsiting.layers.sites.site_facts import site_facts
    from evsiting.layers.suitability.acceptability import Acceptability, smaa
    from evsiting.layers.suitability.score import Criterion, Suitability, suitability, theme_weights
    from evsiting.layers.suitability.weights import ahp, entropy_weights, random_weights
    from evsiting.optimize.aggregation.aggregation import AggregatedSolve, solve_by_aggregation
    from evsiting.optimize.aggregation.detail import with_lanes_of
    from evsiting.optimize.aggregation.shortlist import Shortlist, shortlist
    from evsiting.optimize.bound_check import BoundCheck, recompute_bound, recompute_bounds
    from evsiting.optimize.decisions.alternatives import alternatives
    from evsiting.optimize.decisions.break_even import break_even
    from evsiting.optimize.decisions.players import bidding, shapley_shares
    from evsiting.optimize.decisions.why_not import entry_costs, why_not
    from evsiting.optimize.explanation.explanation import Explanation, Repair, explain
    from evsiting.optimize.fronts.lexicographic import lexicographic
    from evsiting.optimize.fronts.pareto import pareto
    from evsiting.optimize.fronts.weighted_sum import weighted_sum
    from evsiting.optimize.location.covering import max_cover, p_center
    from evsiting.optimize.location.facility_location import facility_location
    from evsiting.optimize.location.result import LocationResult
    from evsiting.optimize.sessions.relaxations import RelaxationBound
    from evsiting.optimize.sessions.session import Session, open_session
    from evsiting.optimize.solve import solve, to_pulp
    from evsiting.optimize.stochastic import solve_scenarios
    from evsiting.optimize.sweeps.sweep import solve_each_scenario, sweep
    from evsiting.optimize.value_of_information import ValueOfInformation, value_of_information
    from evsiting.report.charts import plot_front, plot_waterfall
    from evsiting.report.exports.geopackage import write_geopackage
    from evsiting.report.exports.workbook import write_workbook
    from evsiting.report.html.page import write_report
    from evsiting.report.maps.map import plot_map
    from evsiting.results.analysis.cash_flow import cash_flow
    from evsiting.results.analysis.comparison import Comparison, compare
    from evsiting.results.analysis.front_measures import hypervolume, knee, marginal_rates
    from evsiting.results.analysis.job_ranges import job_ranges
    from evsiting.results.analysis.key_figures import import_shares, jobs_by_place
    from evsiting.results.analysis.landed_cost import landed_cost
    from evsiting.results.case_plans import CasePlans
    from evsiting.results.case_store import read_cases
    from evsiting.results.certificate import Certificate, certify
    from evsiting.results.decisions.alternatives import Alternative, Alternatives
    from evsiting.results.decisions.decision_tables import DecisionTables, read_decisions, write_decisions
    from evsiting.results.decisions.players import Bidding, PlayerShares
    from evsiting.results.decisions.why_not import BreakEven, WhyNot
    from evsiting.results.front_store import read_front, write_front
    from evsiting.results.plan import Front, Plan
    from evsiting.results.record.solve import Status
    from evsiting.results.scenario_plans import ScenarioPlans, certify_scenarios
    from evsiting.results.stated_figures import certify_run
    from evsiting.results.store import read_run, write_run
    from evsiting.shipped import example
    from evsiting.study.derived.default_ranges import default_ranges
    from evsiting.study.derived.draws import monte_carlo_cases
    from evsiting.study.derived.ranges import tornado_cases
    from evsiting.study.files.read import read_study
    from evsiting.study.files.starter import new_study
    from evsiting.study.files.write import write_study
    from evsiting.study.settings import Settings
    from evsiting.study.study import Study

__all__ = [
    "Acceptability",
    "AggregatedSolve",
    "Alternative",
    "Alternatives",
    "Bidding",
    "BoundCheck",
    "BreakEven",
    "CasePlans",
    "Certificate",
    "CertificateError",
    "Comparison",
    "Criterion",
    "CrsError",
    "DataWarning",
    "DecisionTables",
    "DemandPath",
    "Distances",
    "EngineNotAvailable",
    "EvsitingError",
    "EvsitingWarning",
    "Explanation",
    "FreightLayer",
    "FreightMatrices",
    "Front",
    "GapWarning",
    "InfeasibleError",
    "InputError",
    "Layer",
    "LocationResult",
    "NoSolutionError",
    "Plan",
    "PlayerShares",
    "RelaxationBound",
    "Repair",
    "RoadGraph",
    "ScenarioPlans",
    "Screening",
    "Session",
    "Settings",
    "Shortlist",
    "SolveError",
    "Status",
    "Study",
    "StudyError",
    "Suitability",
    "TableError",
    "UnboundedError",
    "UncertifiedError",
    "ValueOfInformation",
    "WhyNot",
    "WriteError",
    "ahp",
    "alternatives",
    "apply_layers",
    "bidding",
    "break_even",
    "candidates",
    "cash_flow",
    "certify",
    "certify_run",
    "certify_scenarios",
    "commute_shed",
    "compare",
    "complete",
    "county_labor",
    "default_ranges",
    "demand",
    "distances",
    "entropy_weights",
    "entry_costs",
    "example",
    "exclude",
    "expected_package",
    "explain",
    "facility_location",
    "flags",
    "freight_matrices",
    "hypervolume",
    "import_shares",
    "imputed_figures",
    "industry",
    "industry_signals",
    "job_ranges",
    "jobs_by_place",
    "knee",
    "labor_pools",
    "landed_cost",
    "layer",
    "lexicographic",
    "marginal_rates",
    "max_cover",
    "monte_carlo_cases",
    "nearest_km",
    "new_study",
    "open_session",
    "p_center",
    "pareto",
    "plot_front",
    "plot_map",
    "plot_waterfall",
    "power",
    "prefilter",
    "random_weights",
    "raster_values",
    "read_areas",
    "read_cases",
    "read_decisions",
    "read_front",
    "read_laus",
    "read_run",
    "read_study",
    "recompute_bound",
    "recompute_bounds",
    "resource",
    "road_graph",
    "route_geometries",
    "scenario_study",
    "shapley_shares",
    "shortlist",
    "site_facts",
    "smaa",
    "solve",
    "solve_by_aggregation",
    "solve_each_scenario",
    "solve_scenarios",
    "suitability",
    "sweep",
    "theme_weights",
    "to_pulp",
    "tornado_cases",
    "transmission",
    "value_of_information",
    "wages",
    "weighted_sum",
    "why_not",
    "with_lanes_of",
    "write_decisions",
    "write_front",
    "write_geopackage",
    "write_report",
    "write_run",
    "write_study",
    "write_workbook",
]

#: Where each public name lives.
_HOMES = {
    "evsiting.errors": (
        "CertificateError",
        "CrsError",
        "DataWarning",
        "EngineNotAvailable",
        "EvsitingError",
        "EvsitingWarning",
        "GapWarning",
        "InfeasibleError",
        "InputError",
        "NoSolutionError",
        "SolveError",
        "StudyError",
        "TableError",
        "UnboundedError",
        "UncertifiedError",
        "WriteError",
    ),
    "evsiting.layers.apply": ("apply_layers",),
    "evsiting.layers.base": ("Layer", "layer"),
    "evsiting.layers.completion": ("complete", "imputed_figures"),
    "evsiting.layers.demand.adoption": ("DemandPath",),
    "evsiting.layers.demand.vehicles": ("demand",),
    "evsiting.layers.energy.power": ("power",),
    "evsiting.layers.energy.resource": ("resource",),
    "evsiting.layers.energy.transmission": ("transmission",),
    "evsiting.layers.freight.distances": ("Distances", "distances"),
    "evsiting.layers.freight.geometries": ("route_geometries",),
    "evsiting.layers.freight.lanes": ("FreightLayer",),
    "evsiting.layers.freight.matrices": ("FreightMatrices", "freight_matrices"),
    "evsiting.layers.freight.routing.graph": ("RoadGraph",),
    "evsiting.layers.freight.routing.readers": ("road_graph",),
    "evsiting.layers.geo.frames": ("nearest_km",),
    "evsiting.layers.geo.raster": ("raster_values",),
    "evsiting.layers.incentives.expected": ("expected_package",),
    "evsiting.layers.incentives.flags": ("flags",),
    "evsiting.layers.labor.areas": ("read_areas",),
    "evsiting.layers.labor.commute": ("commute_shed",),
    "evsiting.layers.labor.counties": ("county_labor", "read_laus"),
    "evsiting.layers.labor.pools": ("labor_pools",),
    "evsiting.layers.labor.wages": ("wages",),
    "evsiting.layers.scenarios": ("scenario_study",),
    "evsiting.layers.sites.candidates": ("candidates",),
    "evsiting.layers.sites.exclusions": ("exclude",),
    "evsiting.layers.sites.industry": ("industry", "industry_signals"),
    "evsiting.layers.sites.prefilter": ("prefilter",),
    "evsiting.layers.sites.screening": ("Screening",),
    "evsiting.layers.sites.site_facts": ("site_facts",),
    "evsiting.layers.suitability.acceptability": ("Acceptability", "smaa"),
    "evsiting.layers.suitability.score": ("Criterion", "Suitability", "suitability", "theme_weights"),
    "evsiting.layers.suitability.weights": ("ahp", "entropy_weights", "random_weights"),
    "evsiting.optimize.decisions.alternatives": ("alternatives",),
    "evsiting.optimize.decisions.break_even": ("break_even",),
    "evsiting.optimize.decisions.players": ("bidding", "shapley_shares"),
    "evsiting.optimize.decisions.why_not": ("entry_costs", "why_not"),
    "evsiting.optimize.explanation.explanation": ("Explanation", "Repair", "explain"),
    "evsiting.optimize.fronts.lexicographic": ("lexicographic",),
    "evsiting.optimize.fronts.pareto": ("pareto",),
    "evsiting.optimize.fronts.weighted_sum": ("weighted_sum",),
    "evsiting.optimize.location.covering": ("max_cover", "p_center"),
    "evsiting.optimize.location.facility_location": ("facility_location",),
    "evsiting.optimize.location.result": ("LocationResult",),
    "evsiting.optimize.bound_check": ("BoundCheck", "recompute_bound", "recompute_bounds"),
    "evsiting.optimize.sessions.relaxations": ("RelaxationBound",),
    "evsiting.optimize.aggregation.aggregation": ("AggregatedSolve", "solve_by_aggregation"),
    "evsiting.optimize.aggregation.detail": ("with_lanes_of",),
    "evsiting.optimize.aggregation.shortlist": ("Shortlist", "shortlist"),
    "evsiting.optimize.sessions.session": ("Session", "open_session"),
    "evsiting.optimize.solve": ("solve", "to_pulp"),
    "evsiting.optimize.stochastic": ("solve_scenarios",),
    "evsiting.optimize.sweeps.sweep": ("solve_each_scenario", "sweep"),
    "evsiting.optimize.value_of_information": ("ValueOfInformation", "value_of_information"),
    "evsiting.report.charts": ("plot_front", "plot_waterfall"),
    "evsiting.report.exports.geopackage": ("write_geopackage",),
    "evsiting.report.exports.workbook": ("write_workbook",),
    "evsiting.report.html.page": ("write_report",),
    "evsiting.report.maps.map": ("plot_map",),
    "evsiting.results.analysis.cash_flow": ("cash_flow",),
    "evsiting.results.analysis.comparison": ("Comparison", "compare"),
    "evsiting.results.analysis.front_measures": ("hypervolume", "knee", "marginal_rates"),
    "evsiting.results.analysis.job_ranges": ("job_ranges",),
    "evsiting.results.analysis.key_figures": ("import_shares", "jobs_by_place"),
    "evsiting.results.analysis.landed_cost": ("landed_cost",),
    "evsiting.results.case_plans": ("CasePlans",),
    "evsiting.results.case_store": ("read_cases",),
    "evsiting.results.certificate": ("Certificate", "certify"),
    "evsiting.results.decisions.alternatives": ("Alternative", "Alternatives"),
    "evsiting.results.decisions.decision_tables": ("DecisionTables", "read_decisions", "write_decisions"),
    "evsiting.results.decisions.players": ("Bidding", "PlayerShares"),
    "evsiting.results.decisions.why_not": ("BreakEven", "WhyNot"),
    "evsiting.results.front_store": ("read_front", "write_front"),
    "evsiting.results.plan": ("Front", "Plan"),
    "evsiting.results.record.solve": ("Status",),
    "evsiting.results.scenario_plans": ("ScenarioPlans", "certify_scenarios"),
    "evsiting.results.stated_figures": ("certify_run",),
    "evsiting.results.store": ("read_run", "write_run"),
    "evsiting.shipped": ("example",),
    "evsiting.study.derived.draws": ("monte_carlo_cases",),
    "evsiting.study.derived.default_ranges": ("default_ranges",),
    "evsiting.study.derived.ranges": ("tornado_cases",),
    "evsiting.study.files.read": ("read_study",),
    "evsiting.study.files.starter": ("new_study",),
    "evsiting.study.files.write": ("write_study",),
    "evsiting.study.settings": ("Settings",),
    "evsiting.study.study": ("Study",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
#: Names of before, and what they are called now.
_RENAMED = {"supported": "weighted_sum"}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        metadata = importlib.import_module("importlib.metadata")  # slow to import, and seldom asked for
        return metadata.version("evsiting")
    if name in _RENAMED:
        message = f"evsiting.{name} is now called evsiting.{_RENAMED[name]}; the old name will go"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return getattr(sys.modules[__name__], _RENAMED[name])
    if name not in _HOME_OF:
        message = f"module 'evsiting' has no attribute {name!r}; see evsiting.__all__"
        raise AttributeError(message)
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
