"""Every example in a docstring runs and says what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest

import evsiting

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = sorted(
    m.name for m in pkgutil.walk_packages(evsiting.__path__, "evsiting.") if not m.name.endswith("__main__")
)


#: What many examples begin with, by the module that defines it: that one's own examples do it each time.
SHARED = {
    "solve": "evsiting.optimize.solve",
    "solve_scenarios": "evsiting.optimize.stochastic",
    "pareto": "evsiting.optimize.fronts.pareto",
}
KNOWN: dict[tuple[object, ...], object] = {}


def once(work_out: Callable[..., object]) -> Callable[..., object]:
    """Return a function that works out the same study with the same options only once in all examples."""

    def known(study: object, *given: object, **options: object) -> object:
        if not isinstance(study, evsiting.Study) or any(callable(value) for value in options.values()):
            return work_out(study, *given, **options)
        key = (work_out, study.digest, study.settings.model_dump_json(), given, repr(sorted(options.items())))
        if key not in KNOWN:
            KNOWN[key] = work_out(study, *given, **options)
        return KNOWN[key]

    return known


#: Modules whose examples solve many times.
LONG = {
    "evsiting.layers.freight.lane_count",
    "evsiting.optimize.aggregation.aggregation",
    "evsiting.optimize.aggregation.groups",
    "evsiting.optimize.aggregation.shortlist",
    "evsiting.optimize.decisions.alternatives",
    "evsiting.optimize.decisions.break_even",
    "evsiting.optimize.decisions.players",
    "evsiting.optimize.decisions.why_not",
    "evsiting.optimize.explanation.explanation",
    "evsiting.optimize.fronts.lexicographic",
    "evsiting.optimize.fronts.pareto",
    "evsiting.optimize.fronts.weighted_sum",
    "evsiting.optimize.sessions.session",
    "evsiting.optimize.sweeps.sweep",
    "evsiting.optimize.value_of_information",
    "evsiting.results.analysis.comparison",
    "evsiting.results.analysis.front_measures",
    "evsiting.results.case_plans",
    "evsiting.results.decisions.alternatives",
    "evsiting.results.decisions.why_not",
    "evsiting.results.scenario_plans",
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in ("evsiting", *MODULES)]
)
def test_the_examples_of_every_docstring_hold(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for shared, home in SHARED.items():
        if name != home:
            monkeypatch.setattr(evsiting, shared, once(getattr(evsiting, shared)))
    module = importlib.import_module(name)
    parser = doctest.DocTestFinder(exclude_empty=True)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    for example in parser.find(module, module=module):
        runner.run(example, out=told.append)
    assert not told, "".join(told)
