"""Check the arguments of a solve (objective, ceilings, limits); all problems are reported at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Real

from pydantic import ValidationError

from evsiting.errors import InputError, Problem
from evsiting.study.objectives import OBJECTIVES, ObjectiveName
from evsiting.study.settings import Solving
from evsiting.study.study import Study, offered_objectives
from evsiting.units.percent import percent_fix

#: What may be minimised: a name, or a weight for each name.
ObjectiveLike = ObjectiveName | Mapping[ObjectiveName, float]

_FIXES = {
    "gap": "Give a fraction such as 0.005",
    "time_limit_s": "Give seconds above zero",
    "engine": "Give the name of an engine: highs, cbc or scip",
    "threads": "Give a whole number, one or more",
    "seed": "Give a whole number from 0 to 2147483647",
    "verify": "Give True or False; leave it out to have small programs verified",
}


def weights(objective: ObjectiveLike, study: Study | None = None) -> dict[str, float]:
    """Return an objective as weights, checked; with a study, against what it offers.

    Examples
    --------
    >>> weights("cost")
    {'cost': 1.0}

    Raises
    ------
    InputError
        If a name is unknown, a weight is not a finite number of zero or more, or all are zero.
    """
    if problems := objective_problems(objective, study):
        raise InputError(problems)
    weight_of = {objective: 1.0} if isinstance(objective, str) else objective
    return {str(name): float(weight) for name, weight in weight_of.items()}


def objective_problems(objective: object, study: Study | None = None) -> list[Problem]:
    """Return what is wrong with an objective; with a study, whether it has what the objective counts."""
    if isinstance(objective, Mapping):
        wrong = [repr(n) for n in objective if n not in OBJECTIVES]
        wrong += [f"{n}: {w!r}" for n, w in objective.items() if n in OBJECTIVES and not (_is_number(w) and w >= 0)]
        wrong += ["no weight above zero"] if not wrong and not any(objective.values()) else []
    else:
        wrong = [] if isinstance(objective, str) and objective in OBJECTIVES else [repr(objective)]
    fix = f"Give {', '.join(map(repr, OBJECTIVES))}, or weights of zero or more such as {{'cost': 1, 'emissions': 120}}"
    if wrong:
        return [Problem("objective", "not an objective", ", ".join(wrong), fix)]
    return offer_problems("objective", [objective] if isinstance(objective, str) else objective, study)


def offer_problems(where: str, names: object, study: Study | None) -> list[Problem]:
    """Return why a study cannot have objectives minimised or capped: nothing is late where nothing is promised.

    Parameters
    ----------
    where : str
        What the names were given for.
    names : iterable of str
        Objectives; names that are none are left to other checks.
    study : Study, optional
        Nothing is wrong where it is left out.
    """
    if study is None or not isinstance(names, Iterable):
        return []
    asked = [OBJECTIVES[name].need for name in names if name in OBJECTIVES and name not in offered_objectives(study)]
    about = study.settings.study.name
    return [Problem(where, need.problem, need.seen.format(study=about), need.fix) for need in asked if need]


def cap_problems(caps: object, study: Study | None = None) -> list[Problem]:
    """Return what is wrong with ceilings on objectives; with a study, whether it has what they count."""
    if caps is None:
        return []
    fix = "Give ceilings by name such as {'emissions': 5e6}; a floor on jobs is a ceiling on minus jobs, {'jobs': -2e6}"
    if not isinstance(caps, Mapping):
        return [Problem("caps", "not a mapping of names and numbers", repr(caps), fix)]
    wrong = [f"{n!r}: {c!r}" for n, c in caps.items() if n not in OBJECTIVES or not _is_number(c)]
    if wrong:
        return [Problem("caps", "not a ceiling on an objective", ", ".join(wrong), fix)]
    return offer_problems("caps", caps, study)


def resolved_settings(own: Solving, settings: Mapping[str, object]) -> tuple[Solving, list[Problem]]:
    """Return a way of solving with some of it changed, and what is wrong with the changes.

    Parameters
    ----------
    own : Solving
        That of a study or session, which holds for what is not given.
    settings : mapping of str to object
        Fields of :class:`evsiting.study.settings.Solving`; those that are None count as not given.
    """
    changes = {name: value for name, value in settings.items() if value is not None}
    try:
        return Solving.model_validate({**own.model_dump(), **changes}), []
    except ValidationError as error:
        return own, [
            Problem(name, fault["msg"].removeprefix("Input "), repr(changes.get(name)), _fix(name, changes.get(name)))
            for fault in error.errors()
            for name in (str(fault["loc"][0]),)
        ]


def _fix(name: str, value: object) -> str:
    """Return the way out of a wrong way of solving."""
    fix = _FIXES.get(name, "Change it")
    return percent_fix(fix, value) if name == "gap" else fix


def wants_verification(settings: Solving) -> bool | None:
    """Return whether settings ask for a second run; None where the size of the program is to say."""
    return None if settings.verify == "small" else bool(settings.verify)


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)
