"""The studies of the scenarios of a study, and their programs."""

from __future__ import annotations

from collections.abc import Mapping

from evsiting.errors import InputError, Problem
from evsiting.layers import complete
from evsiting.layers.scenarios import in_scenario
from evsiting.model.build import build
from evsiting.model.extensive_form import Scenario
from evsiting.study.derived.program_rules import offered_claims
from evsiting.study.derived.scenarios import probabilities
from evsiting.study.study import Study

__all__ = ["cases", "scenario_studies", "scenarios_of"]


def scenario_studies(study: Study) -> tuple[Study, dict[str, Study]]:
    """Return a study with its layers, and the study of each of its scenarios by name.

    Raises
    ------
    InputError
        If it has no scenarios, or some do not hold; all problems of all scenarios in one.
    """
    ready = complete(study)
    studies: dict[str, Study] = {}
    problems: list[Problem] = []
    for name in probabilities(ready):
        try:
            studies[name] = in_scenario(ready, name)
        except InputError as error:
            problems += error.problems
    if not studies and not problems:
        fix = "Add table 'scenarios' with columns scenario and probability, and table 'scenario_changes'"
        problems.append(Problem(f"study {ready.settings.study.name!r}", "has no scenarios", "", fix))
    if problems:
        raise InputError(problems)
    return ready, studies


def cases(study: Study, studies: dict[str, Study]) -> list[Scenario]:
    """Return the scenarios of a study with their programs, ready to be joined."""
    return scenarios_of(studies, probabilities(study))


def scenarios_of(studies: Mapping[str, Study], chances: Mapping[str, float]) -> list[Scenario]:
    """Return the programs of some complete studies, each with its probability."""
    return [Scenario(name, chances[name], build(own), offered_claims(own)) for name, own in studies.items()]
