"""``study.toml``: from text to settings with every problem told, and from settings to commented text."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w
from pydantic import BaseModel, ValidationError

from evsiting import reference
from evsiting.errors import shown
from evsiting.study.findings import Findings
from evsiting.study.settings import About, Settings
from evsiting.study.size_limits import ceiling
from evsiting.units.percent import percent_fix

__all__ = ["flattened", "nested", "parsed", "rendered", "validated"]


def parsed(text: str, where: str, findings: Findings) -> dict[str, Any] | None:
    """Return the content of a TOML text; None where it is none, with the problem noted."""
    try:
        made = tomllib.loads(text)
    except RecursionError:
        _warn_deep(where, "more than the reader can follow", findings)
        return None
    except ValueError as error:
        lines = text.splitlines()
        place = re.search(r"at line (\d+)", str(error))
        number = int(place[1]) if place else len(lines) if isinstance(error, tomllib.TOMLDecodeError) else 0
        seen = f"line {number}: {lines[number - 1].strip()[:80]!r}" if 0 < number <= len(lines) else "no line"
        message = re.sub(r"\s*\(at .*\)$|; use sys\..*", "", str(error))
        findings.file(
            where,
            f"is no valid TOML: {message[:1].lower()}{message[1:]}",
            seen,
            "Write keys as name = value, text in quotes, sections as [money]",
        )
        return None
    if depth(made) > ceiling("levels"):
        _warn_deep(where, f"more than {ceiling('levels')} levels", findings)
        return None
    long = [key for key, value in _leaves(made) if isinstance(value, int) and abs(value) >= 2**63]
    if long:
        findings.file(where, "holds a whole number of more than 64 bits", f"key {shown(long)}", "Give a smaller number")
        return None
    return made


def _warn_deep(where: str, seen: str, findings: Findings) -> None:
    fix = "Sections hold keys, and keys hold values or one table of values"
    findings.file(where, "has tables within tables without end", seen, fix)


def depth(value: object) -> int:
    """Return how deep tables and lists stand in each other, without going down by recursion.

    Examples
    --------
    >>> depth({"money": {"usd_per": {"CAD": {"2025": 0.72}}}}), depth(3)
    (4, 0)
    """
    level, here = 0, [value]
    while here := [v for v in here if isinstance(v, Mapping | list)]:
        level += 1
        here = [inner for v in here for inner in (v.values() if isinstance(v, Mapping) else v)]
    return level


def validated(raw: Mapping[str, Any], where: str, findings: Findings) -> tuple[Settings, frozenset[str]]:
    """Return settings and the sections that could not be used; every problem in them is noted.

    A section with a problem is replaced by its defaults, so that the tables can still be checked.
    """
    try:
        made = Settings.model_validate(dict(raw))
    except ValidationError as error:
        bad = {str(e["loc"][0]) for e in error.errors()}
        for key, group in _by_key(error).items():
            _note_key(key, group, where, findings)
    else:
        _warn_of_values(made, where, findings)
        return made, frozenset()
    valid = {k: v for k, v in raw.items() if k not in bad}
    valid.setdefault("study", About(name="unnamed").model_dump())
    return Settings.model_validate(valid), frozenset(bad)


def _warn_of_values(made: Settings, where: str, findings: Findings) -> None:
    """Note settings that were given for another unit or span of time than they are read in; they stay as they are."""
    money, model = made.money, made.model
    hours, life = model.hours_per_fte_year, money.plant_life_years
    spans = (("was it for a day?", 4, 14), ("was it for a week?", 20, 70), ("was it for a month?", 90, 300))
    guess = next((text for text, low, high in spans if low <= hours <= high), "are they of a year?")
    usual = reference.parameter("labor.hours_per_fte_year", country="US").value
    years = reference.parameter("plant.economic_life")
    checks = (
        (
            hours < 0.5 * usual or hours > 2.0 * usual,
            "model.hours_per_fte_year",
            f"{hours:g} h/yr",
            f"a year of full-time work is {usual:,.0f} hours; {guess}",
        ),
        (
            0.0 < model.carbon_price_usd_per_t < 1.0,
            "model.carbon_price_usd_per_t",
            f"{model.carbon_price_usd_per_t:g} USD/t",
            "it counts by the tonne; was it for a kilogram?",
        ),
        (
            model.carbon_price_usd_per_t > 5000.0,
            "model.carbon_price_usd_per_t",
            f"{model.carbon_price_usd_per_t:g} USD/t",
            "it counts by the tonne; was it for a thousand tonnes, or in another currency?",
        ),
        (
            money.discount_rate > 0.3,
            "money.discount_rate",
            f"{money.discount_rate:g}",
            f"it is a fraction: a year costs {100.0 * money.discount_rate:g} %; was it in percent?",
        ),
        (
            life < 0.25 * years.value or life > 4.0 * years.value,
            "money.plant_life_years",
            f"{life:g} years",
            f"published economic lives are {years.low:g} to {years.high:g} years",
        ),
        (
            abs(money.base_year - money.price_year) > 20,
            "money.base_year",
            f"{money.base_year}, beside prices of {money.price_year}",
            "cost is discounted to a year far from that of its prices",
        ),
        (
            made.solve.gap >= 0.3,
            "solve.gap",
            f"{made.solve.gap:g}",
            f"it is a fraction: a plan may be {100.0 * made.solve.gap:g} % off the best one; was it in percent?",
        ),
    )
    for odd, key, seen, why in checks:
        if odd:
            end = "" if why.endswith("?") else "."
            findings.warnings.append(f"{where}, key {key!r}: is {seen}: {why}{end} It is taken as it stands")


def _by_key(error: ValidationError) -> dict[tuple[str, ...], list[Any]]:
    """Group the errors of a validation by the key of the file that they are about."""
    groups: dict[tuple[str, ...], list[Any]] = {}
    for one in error.errors(include_url=False):
        loc = tuple(str(part) for part in one["loc"])
        depth = len(loc) if one["type"] in ("extra_forbidden", "missing") or loc[:1] == ("money",) else 2
        groups.setdefault(loc[:depth], []).append(one)
    return groups


def _note_key(key: tuple[str, ...], errors: list[Any], where: str, findings: Findings) -> None:
    """Note one wrong key."""
    first = errors[0]
    dotted = ".".join(key)
    place = f"{where}, key {dotted!r}"
    model, field = _field(key)
    if first["type"] == "extra_forbidden":
        names = list((model or Settings).model_fields)
        near = difflib.get_close_matches(key[-1].lower(), names, n=1, cutoff=0.6) or _elsewhere(key[-1])
        fix = f"Did you mean {near[0]!r}?" if near else "Take it out."
        section = f" of [{key[0]}]" if len(key) > 1 else ""
        findings.file(
            place, "is unknown", f"value {first['input']!r}"[:100], f"{fix} The keys{section} are {shown(names, 20)}"
        )
        return
    meaning = f": {field.description}" if field is not None and field.description else ""
    if first["type"] == "missing":
        findings.file(place, "is missing", f"no {dotted}", f"Add it{meaning}")
        return
    message = first["msg"].removeprefix("Value error, ")
    default = (
        ""
        if field is None or field.is_required()
        else f" The default is {field.get_default(call_default_factory=True)!r}"
    )
    fix = f"Give {key[-1]}{meaning}{default}".rstrip(".")
    if 1.0 in (first.get("ctx", {}).get(most) for most in ("lt", "le")):
        fix = f"{fix}. {percent_fix('', first['input'])}".rstrip(". ")
    findings.file(place, f"is not allowed: {message[:1].lower()}{message[1:]}", f"value {first['input']!r}"[:100], fix)


def _field(key: tuple[str, ...]) -> tuple[type[BaseModel] | None, Any]:
    """Return the section's model and the field that a key is about."""
    field = Settings.model_fields.get(key[0])
    if len(key) < 2 or field is None:
        return (None, field)
    model: Any = field.annotation
    return model, model.model_fields.get(key[1])


def _elsewhere(name: str) -> list[str]:
    """Return the key of that name in another section, as it would be written."""
    every = {f: f"{s}.{f}" for s, info in Settings.model_fields.items() for f in _model(info).model_fields}
    near = difflib.get_close_matches(name.lower(), list(every), n=1, cutoff=0.75)
    return [every[near[0]]] if near else []


def _model(info: Any) -> type[BaseModel]:
    model: type[BaseModel] = info.annotation
    return model


def rendered(settings: Settings) -> str:
    """Return settings as ``study.toml``: every key with its meaning as a comment.

    Examples
    --------
    >>> print(rendered(Settings(study=About(name="Two plants"))).splitlines()[2])
    name = "Two plants"
    """
    blocks = []
    for section, info in Settings.model_fields.items():
        lines = [f"[{section}]"]
        part = getattr(settings, section)
        for key, field in _model(info).model_fields.items():
            value = _strings(part.model_dump(mode="json")[key])
            lines += [f"# {line}" for line in (field.description or "").splitlines()]
            lines.append(f"{key} = {_value(value)}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _value(value: Any) -> str:
    """Return a value in TOML, tables in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")


def _key(name: str) -> str:
    return (
        name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else tomli_w.dumps({name: 1})[:-5]
    )


def _strings(value: Any) -> Any:
    return {str(k): _strings(v) for k, v in value.items()} if isinstance(value, dict) else value


def flattened(settings: Settings) -> Iterator[tuple[str, Any, str]]:
    """Yield dotted key, value and meaning of every setting, for the sheet ``settings`` of a workbook."""
    for section, info in Settings.model_fields.items():
        for key, field in _model(info).model_fields.items():
            value = _strings(getattr(settings, section).model_dump(mode="json")[key])
            meaning = field.description or ""
            if not isinstance(value, dict):
                yield f"{section}.{key}", value, meaning
                continue
            for path, leaf in _leaves(value):
                yield f"{section}.{key}.{path}", leaf, meaning


def _leaves(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from ((f"{key}.{path}", leaf) for path, leaf in _leaves(inner))
        else:
            yield key, inner


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return dotted keys as nested mappings.

    Examples
    --------
    >>> nested({"money.usd_per.CAD.2025": 0.72})
    {'money': {'usd_per': {'CAD': {'2025': 0.72}}}}
    """
    made: dict[str, Any] = {}
    for dotted, value in flat.items():
        *path, last = dotted.split(".")
        here = made
        for part in path:
            inner = here.setdefault(part, {})
            here = inner if isinstance(inner, dict) else {}
        here[last] = value
    return made
