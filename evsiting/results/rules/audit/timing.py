"""Years, discount factors and trajectories of a study, read anew from its tables and settings."""

from __future__ import annotations

import math
from functools import cached_property

from evsiting.results.rules.audit.records import number, records, text
from evsiting.study.study import Study

__all__ = ["Timing"]


class Timing:
    """The years of every period with their discount factors, and how figures change from period to period.

    Parameters
    ----------
    study : Study
        Its periods, trajectories and section ``[money]`` of its settings are read.

    Attributes
    ----------
    periods : list of str
        In order of time.
    years : dict of str to list of int
        The calendar years of each period.

    Examples
    --------
    >>> import evsiting as ev
    >>> timing = Timing(ev.example("starter"))
    >>> [len(timing.years[period]) for period in timing.periods]
    [4, 6]
    """

    def __init__(self, study: Study) -> None:
        money = study.settings.money
        self.rate, self.base, self.life = money.discount_rate, money.base_year, money.plant_life_years
        in_order = sorted((int(start), str(name), int(n)) for name, start, n in records(
            study.periods, "period", "start_year", "years"))  # fmt: skip
        self.periods = [name for _, name, _ in in_order]
        self.years = {name: list(range(start, start + n)) for start, name, n in in_order}
        self._trajectories = study.trajectories if study.has("trajectories") else None

    def discount(self, year: float) -> float:
        """Return the present value in the base year of one USD at the end of a year. [1]"""
        return math.pow(1.0 + self.rate, self.base - year)

    @cached_property
    def weight(self) -> dict[str, dict[int, float]]:
        """By period and year, the year's part of what its period is worth: discount factors that add up to one. [1]"""
        whole = {period: sum(map(self.discount, years)) for period, years in self.years.items()}
        return {p: {year: self.discount(year) / whole[p] for year in years} for p, years in self.years.items()}

    @cached_property
    def yearly(self) -> dict[str, float]:
        """Present value of one USD at the end of every year of a period. [yr]"""
        return {period: math.fsum(map(self.discount, years)) for period, years in self.years.items()}

    @cached_property
    def opening(self) -> dict[str, float]:
        """Present value of one USD at the start of a period, which is the end of the year before. [1]"""
        return {period: self.discount(years[0] - 1) for period, years in self.years.items()}

    @cached_property
    def annuities(self) -> dict[str, float]:
        """Present value of the annuities until the horizon's end of one USD invested at the start of a period. [1]"""
        growth = math.pow(1.0 + self.rate, self.life)
        annuity = self.rate * growth / (growth - 1.0) if self.rate else 1.0 / self.life
        return {
            period: annuity * math.fsum(self.yearly[later] for later in self.periods[k:])
            for k, period in enumerate(self.periods)
        }

    @property
    def end(self) -> float:
        """Present value of one USD at the end of the last year. [1]"""
        return self.discount(self.years[self.periods[-1]][-1])

    @cached_property
    def _factors(self) -> dict[tuple[str, str, str], float]:
        if self._trajectories is None:
            return {}
        return {
            (column, text(place), str(period)): float(factor)
            for column, place, period, factor in records(self._trajectories, "column", "place", "period", "factor")
        }

    def factor(self, column: str, period: str, *places: str) -> float:
        """Return what a figure is multiplied by in a period: the factor of the first place that has one, or of all.

        Parameters
        ----------
        column : str
            Name of the figure.
        period : str
            When.
        *places : str
            Codes from the most exact (site) to the widest (country).
        """
        for place in (*filter(None, places), ""):
            if (column, place, period) in self._factors:
                return self._factors[column, place, period]
        return 1.0

    def in_force(self, first: object, last: object, year: int) -> bool:
        """Whether a year lies between two years, each of which may be open."""
        return number(first, -math.inf) <= year <= number(last, math.inf)
