"""What places bring to a network, and what they bid for plants: the answers about countries and states as players."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evsiting.results.record.solve import Packed

__all__ = ["Bidding", "PlayerShares", "shapley_weights"]


def shapley_weights(players: tuple[str, ...], player: str) -> dict[frozenset[str], float]:
    r"""Return the weight of the value of each coalition in the Shapley share of a player.

    .. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(n - |S| - 1)!}{n!}\,\bigl(v(S \cup i) - v(S)\bigr)

    References
    ----------
    .. [1] L. S. Shapley, "A value for n-person games," in H. W. Kuhn, A. W. Tucker (eds.), Contributions to the Theory
       of Games II, Princeton University Press, 1953, 307-317.

    Examples
    --------
    >>> weights = shapley_weights(("CA", "US"), "US")
    >>> [weights[frozenset(s)] for s in ((), ("CA",), ("US",), ("CA", "US"))]
    [-0.5, -0.5, 0.5, 0.5]
    """
    others, n = [p for p in players if p != player], len(players)
    weights: dict[frozenset[str], float] = {}
    for size in range(n):
        weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
        for some in itertools.combinations(others, size):
            weights[frozenset(some)] = -weight
            weights[frozenset((*some, player))] = weight
    return weights


@dataclass(frozen=True, eq=False, repr=False)
class PlayerShares(Packed):
    """What each place saves a network by being open to new plants, shared out among them by Shapley's value.

    Parameters
    ----------
    study_name, objective_name : str
        What was solved.
    players : tuple of str
        Codes of countries, states, provinces or sites.
    costs : mapping of frozenset of str to (float, float)
        The objective of the best plan whose new plants stand with these players, or outside all of them, and its bound.

    Examples
    --------
    >>> costs = {frozenset(): (10.0, 10.0), frozenset({"US"}): (6.0, 6.0), frozenset({"MX"}): (7.0, 7.0)}
    >>> found = PlayerShares("s", "cost", ("MX", "US"), costs | {frozenset({"MX", "US"}): (5.0, 5.0)})
    >>> found.table["share"].tolist(), found.saving
    ([2.0, 3.0], 5.0)
    """

    study_name: str
    objective_name: str
    players: tuple[str, ...]
    costs: Mapping[frozenset[str], tuple[float, float]]

    def saved(self, coalition: frozenset[str]) -> float:
        """Return what plants with these players save against a network without any of them."""
        return self.costs[frozenset()][0] - self.costs[coalition][0]

    @property
    def saving(self) -> float:
        """What all of them save together, in the unit of the objective."""
        return self.saved(frozenset(self.players))

    @property
    def table(self) -> pd.DataFrame:
        """One row a player, in the unit of the objective.

        ``alone``: what it saves as the only one; ``added``: what it adds to all the others; ``share``: its Shapley
        share, and ``least`` and ``most`` between which that of the best plans lies; ``part``: of all shares. [1]
        """
        whole = frozenset(self.players)
        rows = []
        for player in self.players:
            weights = shapley_weights(self.players, player)
            share = -sum(w * self.costs[s][0] for s, w in weights.items())
            # costs of the best plans lie between bound and objective; each counts with its own sign
            ends = [
                -sum(w * self.costs[s][int((w > 0.0) == upper)] for s, w in weights.items()) for upper in (False, True)
            ]
            alone = self.saved(frozenset([player]))
            added = self.saving - self.saved(whole - {player})
            part = share / self.saving if self.saving else math.nan
            rows.append((player, alone, added, share, min(ends), max(ends), part))
        return pd.DataFrame(rows, columns=["player", "alone", "added", "share", "least", "most", "part"])

    @property
    def is_stable(self) -> bool:
        """Whether no coalition saves more by itself than the shares of its members: they are in the core."""
        share = dict(zip(self.table["player"], self.table["share"], strict=True))
        near = 1e-9 * max(abs(cost) for cost, _ in self.costs.values())
        return all(sum(share[p] for p in some) >= self.saved(some) - near for some in self.costs)

    def __repr__(self) -> str:
        stable = "no coalition does better alone" if self.is_stable else "some coalition would do better alone"
        head = f"{self.study_name}: {self.objective_name} saved by plants in {', '.join(self.players)}"
        return f"{head}, {self.saving:,.6g}; {stable}\n{self.table.to_string(index=False)}"


@dataclass(frozen=True, eq=False, repr=False)
class Bidding(Packed):
    """Grants that places offer for new plants, each the best answer to those of the others.

    Parameters
    ----------
    players : tuple of str
        Codes of countries, states, provinces or sites.
    ended : {"equilibrium", "cycle", "rounds"}
        ``equilibrium``: no player gains by another grant of the ladder; ``cycle``: the bids came back to those of an
        earlier round; ``rounds``: the most rounds were played.
    rounds : pandas.DataFrame
        One row a turn: ``round``, ``player``, ``grant`` (part of the investment), ``payoff`` after it.
    profiles : mapping of tuple of float to mapping of str to float
        Payoff of each player by the grants of all, of every profile that was solved. [USD present value]
    costs : mapping of tuple of float to float
        Cost of the network's best plan at these grants. [USD present value]

    Examples
    --------
    >>> turns = pd.DataFrame({"round": [1], "player": ["US"], "grant": [0.0], "payoff": [3.0]})
    >>> Bidding(("US",), "equilibrium", turns, {(0.0,): {"US": 3.0}}, {(0.0,): 9.0}).bids
    {'US': 0.0}
    """

    players: tuple[str, ...]
    ended: str
    rounds: pd.DataFrame
    profiles: Mapping[tuple[float, ...], Mapping[str, float]]
    costs: Mapping[tuple[float, ...], float]

    @property
    def bids(self) -> dict[str, float]:
        """The grant of each player in the end. [part of the investment]"""
        last = {str(p): float(g) for p, g in zip(self.rounds["player"], self.rounds["grant"], strict=True)}
        return {player: last[player] for player in self.players}

    @property
    def table(self) -> pd.DataFrame:
        """One row a player: ``grant`` in the end, ``payoff`` then, ``payoff_without``: where nobody offers anything."""
        end = self.profiles[tuple(self.bids.values())]
        none = self.profiles[tuple(0.0 for _ in self.players)]
        rows = [(p, self.bids[p], end[p], none[p]) for p in self.players]
        return pd.DataFrame(rows, columns=["player", "grant", "payoff", "payoff_without"])

    @property
    def lost_by_bidding(self) -> float:
        """What the players together would have more if nobody offered anything. [USD present value]"""
        return float((self.table["payoff_without"] - self.table["payoff"]).sum())

    def __repr__(self) -> str:
        return f"Bidding ended in {len(self.rounds)} turns: {self.ended}\n{self.table.to_string(index=False)}"
