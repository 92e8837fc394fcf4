"""The data dictionary of scenarios: futures with probabilities, and what each changes in the tables of a study."""

from __future__ import annotations

from evsiting.study.schema.columns import Model, field

#: What a change does to the rows that it selects.
ACTIONS = ("multiply", "set", "add", "drop")


class Scenarios(Model):
    """Futures that a plan is made for. The tables as they stand are the base case; it counts only if it is listed."""

    scenario: str = field("Scenario", "Unique name of the future", str_length={"min_value": 1}, unique=True)
    probability: float = field("Probability", "How likely it is; all together are 1", unit="1", gt=0, le=1)
    note: str | None = field("Note", "What happens, in words, and why it is that likely", nullable=True)


class ScenarioChanges(Model):
    """What a scenario changes in the other tables. A scenario without a row here is the base case."""

    scenario: str = field("Scenario", "Which scenario", of="scenarios.scenario")
    table: str = field("Table", "Table that is changed", str_length={"min_value": 1})
    column: str | None = field("Column", "Column of numbers that is changed; empty for drop", nullable=True)
    rows: str | None = field(
        "Rows",
        "Rows that are meant, as 'column=text' parted by ';', such as 'origin=KR; destination=US'; a column of a table "
        "that is named is written 'market.country=US'. All rows where empty. For add: the cells of the new row",
        nullable=True,
    )
    period: str | None = field("Period", "When; always where empty", of="periods.period", nullable=True)
    action: str = field(
        "Action",
        "multiply: times the value; set: to the value; add: a new row; drop: the rows go (a program pays nothing)",
        isin=ACTIONS,
    )
    value: float | None = field("Value", "Factor, or figure in the unit of the column; empty for drop", nullable=True)
