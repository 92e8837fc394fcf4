"""The gate between results and layers: the study that a plan answers, complete with its layers.

No other module of ``results`` imports ``layers``; all rooms behind this one expect a complete study.
"""

from __future__ import annotations

from evsiting.layers.completion import complete_quietly
from evsiting.layers.scenarios import in_scenario
from evsiting.study.study import Study

__all__ = ["complete_study", "study_in_scenario", "study_with_digest"]


def complete_study(study: Study) -> Study:
    """Return the study with its layers: at once where it is known to be complete, else after completing it.

    Examples
    --------
    >>> import evsiting as ev
    >>> ready = ev.complete(ev.example("starter"))
    >>> complete_study(ready) is ready
    True
    """
    return complete_quietly(study)


def study_with_digest(study: Study, digest: str) -> Study:
    """Return the study that was solved, by its digest: the study itself, or the study completed with its layers.

    Parameters
    ----------
    study : Study
        Complete, or as it was read.
    digest : str
        Digest of the study that a plan or a front answers.

    Returns
    -------
    Study
        The study itself where its digest is this one. Else the study with its layers, whose digest may be another:
        what is to be said of that is for the caller.
    """
    return study if study.digest == digest else complete_study(study)


def study_in_scenario(study: Study, scenario: str) -> Study:
    """Return a complete study as it is in one of its scenarios.

    Parameters
    ----------
    study : Study
        Complete.
    scenario : str
        A name in its table ``scenarios``.
    """
    return in_scenario(study, scenario)
