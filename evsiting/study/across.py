"""Checks across tables: names, codes, periods, the bill of materials, and demand against what can be made."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from evsiting.study.findings import Findings


def check_across(tables: Mapping[str, pd.DataFrame], found: Findings, unread: Collection[str] = ()) -> None:
    """Note every contradiction between tables."""
