"""The study as it is in one of its scenarios, or in a what-if case, with its layers."""

from __future__ import annotations

from collections.abc import Collection

from evsiting.errors import InputError, Problem, expect
from evsiting.layers.completion import KEPT_LANES, complete, complete_quietly
from evsiting.layers.incentives.programs import programs_that_differ
from evsiting.study.derived.cases import BASE, Case, under_case
from evsiting.study.derived.scenarios import under
from evsiting.study.findings import Findings
from evsiting.study.study import Study, with_changed_tables

__all__ = ["completed_anew", "in_case", "in_scenario", "scenario_study"]

#: Under this name a study keeps what it is in its scenarios.
_KNOWN = "_in_scenarios"


def scenario_study(study: Study, scenario: str) -> Study:
    """Return a study as it is in one of its scenarios: an ordinary study, to be solved, certified and reported alone.

    Layers are completed first, so that all scenarios have the same lanes; the scenario's changes come on top. Where it
    changes table ``programs``, the table ``incentives`` is made anew from it.

    Parameters
    ----------
    study : Study
        With tables ``scenarios`` and, mostly, ``scenario_changes``.
    scenario : str
        A name in table ``scenarios``.

    Returns
    -------
    Study
        Complete; its name says which scenario it is.

    Raises
    ------
    InputError
        If there is no such scenario, a change finds nothing to change, or the tables no longer fit together; every
        problem names the scenario.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("ten-cities")
    >>> lifted = ev.scenario_study(study, "tariffs lifted")
    >>> lifted.settings.study.name
    'Ten cities (tariffs lifted)'
    """
    expect("scenario_study", study=(study, Study), scenario=(scenario, str))
    return in_scenario(complete(study), scenario)


def in_scenario(ready: Study, scenario: str) -> Study:
    """Return what :func:`scenario_study` does of a complete study, without a word on its figures.

    It is kept with the study while its lanes are not too many: solve, certificate and command line ask for the same.
    """
    known: dict[str, Study] = ready.__dict__.setdefault(_KNOWN, {})
    if scenario in known:
        return known[scenario]
    made = _changed(ready, scenario)
    if len(made.lanes) * (len(known) + 1) <= KEPT_LANES:
        known[scenario] = made
    return made


def _changed(ready: Study, scenario: str) -> Study:
    made, touched = under(ready, scenario)
    return completed_anew(ready, made, touched, f"scenario {scenario!r}")


def completed_anew(ready: Study, made: Study, touched: Collection[str], where: str) -> Study:
    """Return a changed study complete, its table ``incentives`` made anew where table ``programs`` is changed.

    Parameters
    ----------
    ready, made : Study
        The complete study as it stands, and with changes.
    touched : collection of str
        Tables that differ.
    where : str
        What the changes make, for messages.

    Raises
    ------
    InputError
        If programs are changed, and the study has incentives of its own that stand in their place.
    """
    if "programs" not in touched or not ready.has("incentives"):
        return complete_quietly(made)
    if programs_that_differ(ready):
        fix = (
            f"Change table 'incentives' in the {where.partition(' ')[0]}, or take it out of the study so that "
            "programs make it"
        )
        raise InputError(
            [
                Problem(
                    f"{where}, table 'programs'",
                    "is changed, but the study's own incentives stand in its place",
                    "",
                    fix,
                )
            ]
        )
    rest = {name: frame for name, frame in made.tables.items() if name != "incentives"}
    return complete_quietly(with_changed_tables(made, rest, known=rest.keys()))


def in_case(ready: Study, case: Case, findings: Findings) -> Study:
    """Return a complete study as it is in a what-if case; the base case is the study as it stands.

    Parameters
    ----------
    ready : Study
        Complete.
    case : Case
        From :func:`evsiting.study.derived.cases.cases_of`.
    findings : Findings
        How the rows of the table of cases are told.

    Raises
    ------
    InputError
        If a change finds nothing to change, or the tables no longer fit together; every problem names the case.
    """
    if case.name == BASE:
        return ready
    made, touched = under_case(ready, case, findings)
    return completed_anew(ready, made, touched, f"case {case.name!r}")
