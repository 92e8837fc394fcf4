"""Units that a siting study needs, and no others: one registry, with items, staff and money."""

from __future__ import annotations

import re
from functools import cache

import pint

_CODES = (
    "AED ARS AUD BDT BGN BHD BOB BRL CAD CHF CLP CNH CNY COP CRC CZK DKK DOP EGP EUR GBP GTQ HKD HNL HUF IDR ILS "
    "INR ISK JMD JOD JPY KES KRW KWD KZT LKR MAD MXN MYR NAD NGN NIO NOK NZD OMR PAB PEN PHP PKR PLN PYG QAR RON "
    "RSD RUB SAR SEK SGD THB TND TRY TTD TWD TZS UAH USD UYU VND XAF XOF ZAR ZMW"
)
#: Codes of ISO 4217 that may stand in a unit.
CURRENCIES = frozenset(re.findall(r"[A-Z]{3}", _CODES))
_DEFINITIONS = """
nano- = 1e-9 = n-
micro- = 1e-6 = u- = µ- = μ-
milli- = 1e-3 = m-
centi- = 1e-2 = c-
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
peta- = 1e15 = P-

meter = [length] = m = metre
second = [time] = s = sec
gram = [mass] = g
calendar_year = [calendar] = yr = year = a = annum
item = [item] = unit = units = items = pc
@alias item = cell = cells = module = modules = pack = packs = vehicle = vehicles = car = cars
person = [person] = persons = people = head
FTE = [position] = fte = position = positions
USD = [money]

percent = 0.01 = pct
permille = 0.001
ppm = 1e-6
thousand = 1e3
million = 1e6 = mn = mio
billion = 1e9 = bn

minute = 60 * second = min
hour = 60 * minute = h = hr = hours
day = 24 * hour = d = days
week = 7 * day = weeks = wk
month = calendar_year / 12 = months = mo
quarter = calendar_year / 4 = quarters
inch = 0.0254 * meter = in
foot = 0.3048 * meter = ft = feet
yard = 0.9144 * meter = yd
mile = 1609.344 * meter = mi = miles
nautical_mile = 1852 * meter = nmi
pound = 453.59237 * gram = lb = lbs
ounce = 28.349523125 * gram = oz
tonne = 1e6 * gram = t = metric_ton = tonnes = mt
short_ton = 907184.74 * gram = short_tons = ust
long_ton = 1016046.9088 * gram = long_tons
joule = 1000 * gram * meter ** 2 / second ** 2 = J
watt = joule / second = W
watt_hour = watt * hour = Wh
british_thermal_unit = 1055.05585262 * joule = Btu = BTU
therm = 1e5 * british_thermal_unit = therms
dekatherm = 10 * therm = Dth = dth = DTH
million_british_thermal_unit = 1e6 * british_thermal_unit = MMBtu = MMBTU = MMbtu = mmBtu = mmBTU = mmbtu
"""
#: Prefixes that are meant where they stand before a unit. Any other is a slip: mWh for MWh, TUSD for thousands.
PREFIXES = {
    "gram": ("milli", "kilo", "mega", "giga", "tera"),
    "tonne": ("kilo", "mega", "giga"),
    "pound": ("kilo",),
    "meter": ("kilo",),
    "joule": ("kilo", "mega", "giga", "tera", "peta"),
    "watt": ("kilo", "mega", "giga", "tera"),
    "watt_hour": ("kilo", "mega", "giga", "tera"),
    "british_thermal_unit": ("kilo",),
    "item": ("kilo", "mega"),
    "person": ("kilo", "mega"),
    "FTE": ("kilo", "mega"),
}
#: What somebody may have meant by a unit with a prefix that is not meant there.
MEANT = {
    "USD": "Write MUSD for millions, kUSD for thousands, bnUSD for billions",
    "british_thermal_unit": "MBtu is a thousand Btu to some, a million to others: write MMBtu for a million, kBtu "
    "for a thousand",
    "meter": "Write km or mi",
    "watt": "Write kW, MW or GW: a capital M is a million",
    "watt_hour": "Write kWh, MWh or GWh: a capital M is a million",
    "joule": "Write MJ, GJ or TJ: a capital M is a million",
    "gram": "Write kg, t or kt",
    "tonne": "Write t, kt or Mt",
    "item": "Write thousand unit or million unit",
    "person": "Write thousand person or million person",
    "FTE": "Write FTE or thousand FTE",
}
SIZES = {
    "nano": "a billionth",
    "micro": "a millionth",
    "milli": "a thousandth",
    "centi": "a hundredth",
    "kilo": "a thousand",
    "mega": "a million",
    "giga": "a billion",
    "tera": "a million million",
    "peta": "a thousand million million",
}


@cache
def registry() -> pint.UnitRegistry:
    """Return the one registry of the package: the units that a siting study needs, and no others."""
    made = pint.UnitRegistry(None)
    made.load_definitions([line for line in _DEFINITIONS.splitlines() if line.strip()])
    return made
