"""Violations of one rule by a plan, row by row, in the units of the study."""

from __future__ import annotations

import numpy as np

from evsiting.results.certificate import RULES
from evsiting.results.plan import Plan
from evsiting.results.rules.case import Examination
from evsiting.study.study import Study

__all__ = ["broken_rows"]


def broken_rows(study: Study, plan: Plan, name: str, *, tol: float = 1e-6) -> list[str]:
    """Return the place and the figures of every row of a rule that a plan breaks, the worst first.

    Parameters
    ----------
    study : Study
        With its layers.
    plan : Plan
        What is examined; other rules may be broken as well.
    name : str
        Of the rule, as in the certificate; of an unknown one nothing is broken.
    tol : float, optional
        Largest relative violation that passes. [fraction]
    """
    if name not in RULES:
        return []
    rows = []
    for part in RULES[name](Examination(study, plan)):
        for row in np.flatnonzero(part.broken > tol).tolist():
            rows.append((-float(part.broken[row]), ": ".join(part.tell(row))))
    return [words for _, words in sorted(rows)]
