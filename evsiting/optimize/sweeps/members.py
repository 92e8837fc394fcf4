"""The members of a sweep: a study each, to be solved by itself, known by what it is and how it is solved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evsiting.optimize.arguments import ObjectiveLike, weights
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.solve import session_from_settings
from evsiting.results.assemble import versions
from evsiting.results.certificate import Certificate, certify
from evsiting.results.plan import Plan
from evsiting.results.record.relaxation_basis import RelaxationBasis
from evsiting.results.seal import seal_plan
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["Member", "key_of", "solved_alone"]

#: Packages of which another version may find another plan.
_SOLVING = ("evsiting", "highspy", "cbcbox", "pyscipopt")


@dataclass(frozen=True)
class Member:
    """One solve of a sweep.

    Parameters
    ----------
    name : str
        Of the case or scenario.
    key : str
        From :func:`key_of`.
    study : callable
        Makes the complete study, so that those of all members need not be held at once.
    without : str
        Why it has no plan, where its tables say so already.
    """

    name: str
    key: str
    study: Callable[[], Study]
    without: str = ""


def key_of(study: Study, objective: ObjectiveLike, settings: Solving) -> str:
    """Return the digest of what decides a member's plan: its study, what is minimised, how, and by which versions.

    Parameters
    ----------
    study : Study
        Complete.
    objective : str or mapping
        What is minimised.
    settings : Solving
        Gap, time limit, engine, threads, seed and verification.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> how = study.settings.solve
    >>> (
    ...     key_of(study, "cost", how) == key_of(study, {"cost": 1.0}, how),
    ...     key_of(study, "jobs", how) == key_of(study, "cost", how),
    ... )
    (True, False)
    """
    known = versions()
    what: Mapping[str, object] = {
        "study": study.digest,
        "objective": weights(objective),
        "settings": settings.model_dump(mode="json", exclude={"objective"}),
        "versions": {name: known[name] for name in _SOLVING if name in known},
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


@report_out_of_memory
def solved_alone(
    study: Study, objective: ObjectiveLike, settings: Solving, basis: RelaxationBasis | None = None
) -> tuple[Plan, Certificate]:
    """Return the plan of one study with its certificate; called in a worker.

    Parameters
    ----------
    study, objective, settings
        What is solved, and how.
    basis : RelaxationBasis, optional
        Of another member, from which the relaxation of a large study starts.

    Raises
    ------
    SolveError
        If there is no plan, and why.
    KeyboardInterrupt
        If the solver was interrupted: what it has found so far is not what was asked for.
    """
    session = session_from_settings(study, settings)
    if basis is not None:
        session.learn_basis(basis)
    plan, _ = session.minimise(objective)
    if plan.solve.limit == "interrupt":
        raise KeyboardInterrupt
    return seal_plan(plan), certify(study, plan)
