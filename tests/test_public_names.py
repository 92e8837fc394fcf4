"""The public names: what they are, where they live, and that asking for one costs little."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import evsiting as ev

#: A name that is added or goes is a change of the interface: say so in CHANGELOG.md.
NAMES = [
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
    "DemandPath",
    "Distances",
    "EngineNotAvailable",
    "Explanation",
    "Repair",
    "explain",
    "EvsitingError",
    "EvsitingWarning",
    "FreightLayer",
    "FreightMatrices",
    "DecisionTables",
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


def test_the_list_is_this_one() -> None:
    assert sorted(ev.__all__) == sorted(NAMES)
    assert set(dir(ev)) == {*NAMES, "__version__"}


def test_a_name_of_before_still_works_and_says_what_it_is_called_now() -> None:
    with pytest.warns(DeprecationWarning, match="weighted_sum"):
        assert ev.supported is ev.weighted_sum


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_there_and_says_what_it_does(name: str) -> None:
    thing = getattr(ev, name)
    assert not inspect.ismodule(thing)
    assert (inspect.getdoc(thing) or "").strip()


@pytest.mark.parametrize("name", NAMES)
def test_each_name_has_an_example_of_its_own(name: str) -> None:
    """That it runs and says what it says is tried in ``tests/docs/test_docstrings.py``."""
    assert ">>> " in (getattr(ev, name).__doc__ or "")


def test_types_and_runtime_agree_on_where_a_name_lives() -> None:
    tree = ast.parse(Path(ev.__file__).read_text(encoding="utf-8"))
    promised = {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert promised == ev._HOME_OF


def test_the_errors_of_the_package_are_all_public() -> None:
    errors = importlib.import_module("evsiting.errors")
    raised = {n for n, v in vars(errors).items() if inspect.isclass(v) and issubclass(v, Exception)}
    assert raised <= set(NAMES)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'slove'"):
        _ = ev.slove


@pytest.mark.parametrize(
    "before", ["import evsiting.optimize.fronts.epsilon_constraint", "import evsiting.optimize.solve"]
)
def test_solve_is_the_function_whatever_was_imported_before(before: str) -> None:
    after = "import evsiting as ev\nassert callable(ev.solve)\nfrom evsiting.optimize.engines.base import Limits"
    after += "\nimport sys\nassert 'scipy.stats' not in sys.modules, 'takes as long to load as a small solve'"
    subprocess.run([sys.executable, "-c", f"{before}\n{after}"], check=True, timeout=60)


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ["pandas", "numpy", "geopandas", "matplotlib", "pulp", "highspy", "pandera", "typer"]
    code = f"import sys, evsiting; evsiting.__version__; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"
