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
import importlib.metadata
import sys
from types import ModuleType
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
    from evsiting.layers.acceptability import Acceptability, smaa
    from evsiting.layers.apply import apply_layers
    from evsiting.layers.areas import read_areas
    from evsiting.layers.base import Layer, layer
    from evsiting.layers.candidates import candidates
    from evsiting.layers.commute import commute_shed
    from evsiting.layers.curves import DemandPath
    from evsiting.layers.demand import demand
    from evsiting.layers.distances import Distances, distances
    from evsiting.layers.exclusions import exclude
    from evsiting.layers.expected import expected_package
    from evsiting.layers.fill import complete, imputed_figures
    from evsiting.layers.flags import flags
    from evsiting.layers.freight import FreightLayer
    from evsiting.layers.geoframes import nearest_km
    from evsiting.layers.geometries import route_geometries
    from evsiting.layers.matrices import FreightMatrices, freight_matrices
    from evsiting.layers.pools import labor_pools
    from evsiting.layers.power import power
    from evsiting.layers.prefilter import prefilter
    from evsiting.layers.rasters import raster_values
    from evsiting.layers.resource import resource
    from evsiting.layers.routing.graph import RoadGraph
    from evsiting.layers.routing.readers import road_graph
    from evsiting.layers.scenarios import scenario_study
    from evsiting.layers.screening import Screening
    from evsiting.layers.site_facts import site_facts
    from evsiting.layers.suitability import Criterion, Suitability, suitability, theme_weights
    from evsiting.layers.transmission import transmission
    from evsiting.layers.wages import wages
    from evsiting.layers.weights import ahp, entropy_weights, random_weights
    from evsiting.report.charts import plot_front, plot_waterfall
    from evsiting.report.geodata import write_geopackage
    from evsiting.report.html import write_report
    from evsiting.report.maps import plot_map
    from evsiting.report.workbook import write_workbook
    from evsiting.results.cashflow import cash_flow
    from evsiting.results.certificate import Certificate, certify
    from evsiting.results.job_ranges import job_ranges
    from evsiting.results.landed import landed_cost
    from evsiting.results.measures import import_shares, jobs_by_place
    from evsiting.results.plan import Front, Plan, Status
    from evsiting.results.scenario_plans import ScenarioPlans, certify_scenarios
    from evsiting.results.stated import certify_run
    from evsiting.results.store import read_front, read_run, write_front, write_run
    from evsiting.shipped import example
    from evsiting.solve.information import ValueOfInformation, value_of_information
    from evsiting.solve.monolithic import solve, to_pulp
    from evsiting.solve.pareto import pareto
    from evsiting.solve.scenarios import solve_scenarios
    from evsiting.solve.supported import supported
    from evsiting.study.read import read_study
    from evsiting.study.settings import Settings
    from evsiting.study.study import Study
    from evsiting.study.templates import new_study
    from evsiting.study.write import write_study

__all__ = [
    "Acceptability",
    "Certificate",
    "CertificateError",
    "Criterion",
    "CrsError",
    "DataWarning",
    "DemandPath",
    "Distances",
    "EngineNotAvailable",
    "EvsitingError",
    "EvsitingWarning",
    "FreightLayer",
    "FreightMatrices",
    "Front",
    "GapWarning",
    "InfeasibleError",
    "InputError",
    "Layer",
    "NoSolutionError",
    "Plan",
    "RoadGraph",
    "ScenarioPlans",
    "Screening",
    "Settings",
    "SolveError",
    "Status",
    "Study",
    "StudyError",
    "Suitability",
    "TableError",
    "UnboundedError",
    "UncertifiedError",
    "ValueOfInformation",
    "WriteError",
    "ahp",
    "apply_layers",
    "candidates",
    "cash_flow",
    "certify",
    "certify_run",
    "certify_scenarios",
    "commute_shed",
    "complete",
    "demand",
    "distances",
    "entropy_weights",
    "example",
    "exclude",
    "expected_package",
    "flags",
    "freight_matrices",
    "import_shares",
    "imputed_figures",
    "job_ranges",
    "jobs_by_place",
    "labor_pools",
    "landed_cost",
    "layer",
    "nearest_km",
    "new_study",
    "pareto",
    "plot_front",
    "plot_map",
    "plot_waterfall",
    "power",
    "prefilter",
    "random_weights",
    "raster_values",
    "read_areas",
    "read_front",
    "read_run",
    "read_study",
    "resource",
    "road_graph",
    "route_geometries",
    "scenario_study",
    "site_facts",
    "smaa",
    "solve",
    "solve_scenarios",
    "suitability",
    "supported",
    "theme_weights",
    "to_pulp",
    "transmission",
    "value_of_information",
    "wages",
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
    "evsiting.layers.acceptability": ("Acceptability", "smaa"),
    "evsiting.layers.apply": ("apply_layers",),
    "evsiting.layers.areas": ("read_areas",),
    "evsiting.layers.base": ("Layer", "layer"),
    "evsiting.layers.candidates": ("candidates",),
    "evsiting.layers.commute": ("commute_shed",),
    "evsiting.layers.curves": ("DemandPath",),
    "evsiting.layers.demand": ("demand",),
    "evsiting.layers.distances": ("Distances", "distances"),
    "evsiting.layers.exclusions": ("exclude",),
    "evsiting.layers.expected": ("expected_package",),
    "evsiting.layers.fill": ("complete", "imputed_figures"),
    "evsiting.layers.flags": ("flags",),
    "evsiting.layers.freight": ("FreightLayer",),
    "evsiting.layers.geoframes": ("nearest_km",),
    "evsiting.layers.geometries": ("route_geometries",),
    "evsiting.layers.matrices": ("FreightMatrices", "freight_matrices"),
    "evsiting.layers.pools": ("labor_pools",),
    "evsiting.layers.power": ("power",),
    "evsiting.layers.prefilter": ("prefilter",),
    "evsiting.layers.rasters": ("raster_values",),
    "evsiting.layers.resource": ("resource",),
    "evsiting.layers.routing.graph": ("RoadGraph",),
    "evsiting.layers.routing.readers": ("road_graph",),
    "evsiting.layers.scenarios": ("scenario_study",),
    "evsiting.layers.screening": ("Screening",),
    "evsiting.layers.site_facts": ("site_facts",),
    "evsiting.layers.suitability": ("Criterion", "Suitability", "suitability", "theme_weights"),
    "evsiting.layers.transmission": ("transmission",),
    "evsiting.layers.wages": ("wages",),
    "evsiting.layers.weights": ("ahp", "entropy_weights", "random_weights"),
    "evsiting.report.charts": ("plot_front", "plot_waterfall"),
    "evsiting.report.geodata": ("write_geopackage",),
    "evsiting.report.html": ("write_report",),
    "evsiting.report.maps": ("plot_map",),
    "evsiting.report.workbook": ("write_workbook",),
    "evsiting.results.cashflow": ("cash_flow",),
    "evsiting.results.certificate": ("Certificate", "certify"),
    "evsiting.results.job_ranges": ("job_ranges",),
    "evsiting.results.landed": ("landed_cost",),
    "evsiting.results.measures": ("import_shares", "jobs_by_place"),
    "evsiting.results.plan": ("Front", "Plan", "Status"),
    "evsiting.results.scenario_plans": ("ScenarioPlans", "certify_scenarios"),
    "evsiting.results.stated": ("certify_run",),
    "evsiting.results.store": ("read_front", "read_run", "write_front", "write_run"),
    "evsiting.shipped": ("example",),
    "evsiting.solve.information": ("ValueOfInformation", "value_of_information"),
    "evsiting.solve.monolithic": ("solve", "to_pulp"),
    "evsiting.solve.pareto": ("pareto",),
    "evsiting.solve.scenarios": ("solve_scenarios",),
    "evsiting.solve.supported": ("supported",),
    "evsiting.study.read": ("read_study",),
    "evsiting.study.settings": ("Settings",),
    "evsiting.study.study": ("Study",),
    "evsiting.study.templates": ("new_study",),
    "evsiting.study.write": ("write_study",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


class _Package(ModuleType):
    """The package; ``solve`` stays the function, though the import system would put a room in its place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.metadata.version("evsiting")
    if name not in _HOME_OF:
        message = f"module 'evsiting' has no attribute {name!r}; see evsiting.__all__"
        raise AttributeError(message)
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
