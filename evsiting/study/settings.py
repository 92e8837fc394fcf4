"""Settings of a study: what ``study.toml`` may hold. An unknown key is an error."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from evsiting.errors import has_control
from evsiting.study.objectives import OBJECTIVES, ObjectiveName
from evsiting.units import CURRENCIES


def _has_truth(value: object) -> bool:
    """Whether a value is true or false, or a table that holds one."""
    return isinstance(value, bool) or (isinstance(value, dict) and any(_has_truth(v) for v in value.values()))


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth(cls, value: object, info: ValidationInfo) -> object:
        """Refuse true and false where a figure is wanted: true is not 1."""
        field = cls.model_fields.get(info.field_name or "")
        annotation = None if field is None else field.annotation
        kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
        if any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds):
            return value  # a section looks after its own fields
        if _has_truth(value) and field is not None and bool not in kinds and str not in kinds:
            msg = "a number is wanted, not true or false"
            raise ValueError(msg)
        return value

    @field_validator("*")
    @classmethod
    def _printable(cls, value: object) -> object:
        """Refuse control characters, which no file can hold; end lines in one way."""
        if not isinstance(value, str):
            return value
        text = value.replace("\r\n", "\n").replace("\r", "\n")
        if has_control(text):
            msg = "text with a control character"
            raise ValueError(msg)
        return text


class About(_Section):
    """What the study asks."""

    name: str = Field(min_length=1, max_length=200)
    """Short name of the study."""
    question: str = "Where to build, how big, when, and at what cost?"
    """The question in a sentence; it heads the report."""
    author: str = ""
    """Who answers for it."""


class Money(_Section):
    """Currency, price year and discounting. All money inside is USD of the price year."""

    price_year: int = Field(default=2025, ge=1990, le=2150)
    """Year whose prices every figure is in. [yr]"""
    base_year: int = Field(default=2026, ge=1990, le=2150)
    """Year to which costs are discounted. [yr]"""
    discount_rate: float = Field(default=0.07, ge=0.0, le=1.0)
    """Real discount rate. [1/yr]"""
    plant_life_years: float = Field(default=20.0, gt=0.0, le=100.0)
    """Economic life over which an investment is spread as an annuity. [yr]"""
    usd_per: dict[str, dict[int, float]] = Field(default_factory=dict)
    """Exchange rates: USD for one unit of a currency, by year, such as ``{CAD = {2025 = 0.7153}}``."""
    price_index: dict[str, dict[int, float]] = Field(default_factory=dict)
    """Price index by currency and year (any base), to move money between price years."""
    source: str = ""
    """Where rates and indices come from."""

    @field_validator("usd_per", "price_index")
    @classmethod
    def _positive_by_code(cls, value: dict[str, dict[int, float]]) -> dict[str, dict[int, float]]:
        """Refuse codes that are no currency, and rates and indices that are not above zero."""
        odd = sorted(set(value) - CURRENCIES)
        if odd:
            msg = f"{', '.join(map(repr, odd))}: no currency code; write capital letters as in ISO 4217: CAD, MXN, EUR"
            raise ValueError(msg)
        low = [f"{code}.{year}" for code, years in value.items() for year, rate in years.items() if rate <= 0]
        if low:
            msg = f"{', '.join(low)}: not above zero"
            raise ValueError(msg)
        return value


class Modelling(_Section):
    """What the mathematical program takes into account."""

    carbon_price_usd_per_t: float = Field(default=0.0, ge=0.0)
    """Price of emissions that enters the cost. [USD/t CO2e]"""
    hours_per_fte_year: float = Field(default=2080.0, gt=0.0, le=8760.0)
    """Paid hours of one full-time position a year. [h/yr]"""
    load_factor: float = Field(default=1.0, gt=0.0, le=1.0)
    """Mean electric load of a plant over its peak load: what its yearly energy needs of a connection. 1: steady. [1]"""
    links_per_market: Annotated[int, Field(ge=0, le=2**31 - 1)] | Literal["auto"] = "auto"
    """Strong link rows for each market and product: its cheapest origins. auto: more, the fewer plants are needed."""


class Solving(_Section):
    """How hard to try."""

    objective: ObjectiveName | dict[ObjectiveName, float] = Field(
        default="cost",
        description=f"{', '.join(OBJECTIVES)}, or weights: ``{{cost = 1, emissions = 120}}`` (in "
        f"{', '.join(f'{kind.unit} of {name}' for name, kind in OBJECTIVES.items())}).",
    )
    gap: float = Field(default=0.005, ge=0.0, lt=1.0)
    """Relative gap at which the solver may stop. [fraction]"""
    time_limit_s: float = Field(default=300.0, gt=0.0)
    """Time limit. [s]"""
    engine: str = "highs"
    """Solver: highs, cbc or scip."""
    threads: int = Field(default=2, ge=1, le=256)
    """Threads of the solver."""
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    """Random seed of the solver."""
    verify: bool | Literal["small"] = "small"
    """Whether a second run checks what the first one proved: true, false, or where the program is small."""


class Files(_Section):
    """How the tables are to be read."""

    crs: str = ""
    """Coordinate reference system of text tables with columns x and y, such as ``EPSG:6350``; lat and lon need none."""


class Settings(_Section):
    """Everything in ``study.toml``.

    Examples
    --------
    >>> Settings(study=About(name="Two plants")).solve.gap
    0.005
    """

    study: About
    """What the study asks."""
    money: Money = Money()
    """Currency, price year, discounting."""
    model: Modelling = Modelling()
    """What the program takes into account."""
    solve: Solving = Solving()
    """How hard to try."""
    files: Files = Files()
    """How the tables are to be read."""
