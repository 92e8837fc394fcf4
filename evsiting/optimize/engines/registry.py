"""The engines by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evsiting.errors import EngineNotAvailable
from evsiting.optimize.engines.base import Engine
from evsiting.optimize.engines.cbc import PulpCbc
from evsiting.optimize.engines.highs import PulpHighs
from evsiting.optimize.engines.scaling import ScaledEngine
from evsiting.optimize.engines.scip import PulpScip

#: Every engine by name.
ENGINES: Mapping[str, Engine] = MappingProxyType(
    {engine.name: ScaledEngine(engine) for engine in (PulpHighs(), PulpCbc(), PulpScip())}
)


def find_engine(name: str) -> Engine:
    """Return the engine called ``name``.

    Parameters
    ----------
    name : str
        ``highs``, ``cbc`` or ``scip``.

    Raises
    ------
    EngineNotAvailable
        If there is no engine of that name, or its solver is not installed.
    """
    if name not in ENGINES:
        msg = f"there is no engine {name!r}; choose one of {', '.join(sorted(ENGINES))}"
        raise EngineNotAvailable(msg)
    engine = ENGINES[name]
    if problem := engine.missing():
        msg = f"engine {name!r} is not available: {problem}"
        raise EngineNotAvailable(msg)
    return engine
