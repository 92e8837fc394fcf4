"""The data dictionary of what-if cases: a table that is given beside a study, not in it."""

from __future__ import annotations

from evsiting.study.schema.columns import Model, field, table_entry
from evsiting.study.schema.scenarios import ACTIONS

__all__ = ["CASES"]


class Cases(Model):
    """What-if cases: what each changes in the tables of a study, in the language of ``scenario_changes``."""

    case: str = field("Case", "Name of the case", str_length={"min_value": 1, "max_value": 100})
    based_on: str | None = field(
        "Based on", "Another case whose changes come first; the study as it stands where empty", nullable=True
    )
    table: str | None = field("Table", "Table that is changed; empty for a case without changes", nullable=True)
    column: str | None = field("Column", "Column of numbers that is changed; empty for drop", nullable=True)
    rows: str | None = field(
        "Rows", "Rows that are meant, as 'column=text' parted by ';'; all where empty", nullable=True
    )
    period: str | None = field("Period", "When; always where empty", nullable=True)
    action: str | None = field("Action", "What is done to the rows that are meant", isin=ACTIONS, nullable=True)
    value: float | None = field("Value", "Factor, or figure in the unit of the column; empty for drop", nullable=True)
    note: str | None = field("Note", "What is asked, in words", nullable=True)


#: The entry of the dictionary for a table of cases.
CASES = table_entry("cases", Cases, ("case", "based_on", "table", "column", "rows", "period", "action"))
