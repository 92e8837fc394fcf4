"""A warning of gaps that are small beside a penalty or a fixed part alone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from evsiting.errors import GapWarning
from evsiting.results.plan import Plan, Status

__all__ = ["warn_of_gaps"]


def warn_of_gaps(plans: Sequence[Plan]) -> None:
    """Warn once of plans whose proven gap is small beside penalties or fixed parts alone.

    Plans that were cut short above the gap asked for say so themselves.
    """
    hidden = [plan for plan in plans if plan.is_dominated_by_fixed and plan.status == Status.OPTIMAL]
    if not hidden:
        return
    worst = max(hidden, key=lambda plan: plan.net_gap)
    part = worst.penalties if abs(worst.penalties) >= abs(worst.solve.constant) else worst.solve.constant
    what = f"{worst.fixed_words} ({part:,.6g} of {worst.solve.objective:,.6g})"
    some = "" if len(plans) == 1 else f"{len(hidden)} of {len(plans)} plans: "
    warnings.warn(
        f"{some}the objective {worst.solve.objective_name} is mostly {what}: a proven gap of {worst.gap:.2g} of the "
        f"whole is one of {worst.net_gap:.2g} of the rest, and {worst.solve.gap_asked:g} was asked for. Ask for a "
        f"smaller gap (gap={_smaller(worst):.1g}), or set penalties near what a unit is worth",
        GapWarning,
        stacklevel=3,
    )


def _smaller(plan: Plan) -> float:
    """Return the gap of the whole that is the one asked for of the rest."""
    return plan.solve.gap_asked * plan.gap / plan.net_gap
