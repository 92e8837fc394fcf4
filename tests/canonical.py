"""Tables in canonical form for tests of single checks: columns of the dictionary, defaults, no check across tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from evsiting.study.settings import About, Settings
from evsiting.study.validation.tables import canonical_table

SETTINGS = Settings(study=About(name="Checks"))


def canonical(**rows: Sequence[Mapping[str, object]] | pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return tables by name from a data frame or a list of rows each; places that are not told lie in Tennessee."""
    made = {}
    for name, given in rows.items():
        frame = given if isinstance(given, pd.DataFrame) else pd.DataFrame(list(given))
        if TABLES[name].geometry and "lat" not in frame:
            frame = frame.assign(lat=35.1, lon=-90.0)
        findings = Findings()
        made[name] = canonical_table(TABLES[name], frame, SETTINGS, findings)
    return made


def told(findings: Findings) -> list[str]:
    """Return the problems noted, as a reader sees them."""
    return [str(problem) for _, problem in findings.problems]
