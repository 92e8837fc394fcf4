"""Provenance: where each figure of a study comes from."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def listing(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every group of figures with where it comes from."""
    return pd.DataFrame()
