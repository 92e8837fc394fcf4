"""Units of the field: one registry, with items, staff and money, and the factor from a written unit to the one needed.

Money is one dimension. A currency and a price year are read from the unit itself (``CAD/h``, ``MUSD2023``) and
turned into US dollars of the study's price year with :class:`Rates`; no rate is ever guessed.

Calendar years are not a number of hours here: a wage a year is refused where a wage an hour is needed, because
paid hours, not the 8,766 hours of a year, lie between them.
"""

from evsiting.units.conversion import examples, factor, same_dimension
from evsiting.units.definitions import CURRENCIES, registry
from evsiting.units.money import Rates
from evsiting.units.parsing import Unit, UnitError, parse_unit, split_header

__all__ = [
    "CURRENCIES",
    "Rates",
    "Unit",
    "UnitError",
    "examples",
    "factor",
    "parse_unit",
    "registry",
    "same_dimension",
    "split_header",
]
