"""Check that a plan, its study, its certificate and its front belong together."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evsiting.errors import Problem, Problems, expect
from evsiting.results.certificate import Certificate
from evsiting.results.complete_study import study_with_digest
from evsiting.results.plan import Front, Plan
from evsiting.study.study import Study


def require_same_study(
    call: str,
    study: Study,
    plan: Plan,
    *,
    front: Front | None = None,
    certificate: Certificate | None = None,
    front_certificates: Sequence[Certificate] = (),
) -> Study:
    """Return the study with its layers, once all that is given belongs to it; without the user's own columns.

    Parameters
    ----------
    call : str
        The function that was called.
    study : Study
        The study; layers are completed where the plan answers another digest.
    plan : Plan
        Must answer the study.
    front : Front, optional
        Each of its plans must answer the study.
    certificate : Certificate, optional
        Must be of ``plan``.
    front_certificates : sequence of Certificate, optional
        Must be of the plans of ``front``, in their order.

    Raises
    ------
    InputError
        Naming everything that is of another class, study or plan.
    """
    arguments: dict[str, tuple[object, type]] = {"study": (study, Study), "plan": (plan, Plan)}
    if front is not None:
        arguments["front"] = (front, Front)
    if certificate is not None:
        arguments["certificate"] = (certificate, Certificate)
    expect(call, **arguments)
    study = study_with_digest(study, plan.study_digest)
    problems = Problems()
    if study.digest != plan.study_digest:
        seen = f"the plan answers {plan.study_name!r} {plan.study_digest[:12]}, the study is {study.digest[:12]}"
        problems.add(f"{call}, plan", "answers another study", seen, "Give the study that was solved, as it was then")
    strange = [n for n, point in enumerate(front.plans if front else (), 1) if point.study_digest != plan.study_digest]
    if strange:
        seen = f"point {', '.join(map(str, strange[:5]))} of {len(front or ())}"
        problems.add(f"{call}, front", "answers another study than the plan", seen, "Give a front of the same study")
    pairs: list[tuple[str, Certificate | None, Plan]] = [("certificate", certificate, plan)]
    if front is not None and len(front_certificates) == len(front):
        pairs += [("front_certificates", c, p) for c, p in zip(front_certificates, front.plans, strict=True)]
    for name, proof, point in pairs:
        if proof is not None and not is_of(proof, point):
            seen = f"it is for {proof.study_name!r} {proof.study_digest[:12]}, {_totals(dict(proof.plan_totals))}"
            seen += f"; the plan has {_totals(point.totals)}"
            problems.add(f"{call}, {name}", "is of another plan", seen, "Give certify(study, plan) of this plan")
    problems.raise_if_any()
    return study.plain


def is_of(certificate: Certificate, plan: Plan) -> bool:
    """Whether a certificate was made for a plan: the same study, the same totals."""
    certified, totals = dict(certificate.plan_totals), plan.totals
    if certificate.study_digest != plan.study_digest or set(certified) != set(totals):
        return False
    return all(
        math.isclose(certified[n], v, rel_tol=1e-9) or (v != v and certified[n] != certified[n])
        for n, v in totals.items()
    )


def _totals(totals: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:,.6g}" for name, value in totals.items())


def over_groups(where: str, plan: Plan) -> Problem:
    """Return why nothing more can be asked about a plan that was found over groups of places.

    Parameters
    ----------
    where : str
        The argument or run that is refused.
    plan : Plan
        Of :func:`evsiting.solve_by_aggregation`.
    """
    what = "was found over groups of places: its study has the lanes of its plants alone, and no other site has any"
    fix = (
        "Make a study of its sites and of the candidates that come nearest, with all lanes between them, and ask of "
        "that: evsiting shortlist RUN FOLDER, or evsiting.shortlist(study, plan)"
    )
    return Problem(where, what, plan.solve.aggregated, fix)
