"""Promised delivery times: whether a study has any."""

from __future__ import annotations

from evsiting.study.study import Study

__all__ = ["promised"]


def promised(study: Study) -> bool:
    """Whether some demand of a study has a promised delivery time; only then can anything be late."""
    return bool(study.demand["promise_h"].notna().any())
