"""Countries and states as players: what each saves a network, and what each bids for its plants."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import InputError, NoSolutionError, Problem, expect, shown
from evsiting.layers import complete
from evsiting.layers.completion import as_complete_as
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.decisions.forced import plants_built
from evsiting.optimize.decisions.solver import base_of
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.given import StudyOrSession, study_of
from evsiting.optimize.sessions.session import Session
from evsiting.optimize.solve import solve
from evsiting.results.decisions.players import Bidding, PlayerShares
from evsiting.results.plan import Plan
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study
from evsiting.units.percent import percent_fix

__all__ = ["bidding", "shapley_shares"]

#: Most players: shares take a solve for each coalition, 2 to the power of their number.
MOST_PLAYERS = 8
#: What the programs of bids are called.
BID = "bid of "


@with_options
def shapley_shares(
    study: StudyOrSession,
    players: Sequence[str] | None = None,
    *,
    objective: ObjectiveLike | None = None,
    folder: str | Path | None = None,
    **options: Unpack[SolveOptions],
) -> PlayerShares:
    r"""Share out what places save a network by being open to new plants, by Shapley's value.

    A coalition S of places is worth what it saves, :math:`v(S) = c(\varnothing) - c(S)`, where c(S) is the objective of
    the best plan whose new plants stand in places of S, or outside all players. Every coalition is solved, as a study
    with rows of table ``limits`` that leave the others out, so that the shares are exact up to the gaps.

    Parameters
    ----------
    study : Study or Session
        Missing layers are completed first. A session (:func:`evsiting.open_session`) starts from what was solved in it
        before; options left out are its own.
    players : sequence of str, optional
        Codes of countries, states, provinces or sites; by default the countries that have candidates. At most 8.
    objective : str or mapping, optional
        As in :func:`evsiting.solve`.
    folder : path, optional
        Where the plan of every coalition is kept as a run folder, and found again.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    PlayerShares
        Shares, and the interval in which those of the best plans lie.

    Raises
    ------
    InputError
        If a player is no place of the study, or holds another one, or there are too many.
    InfeasibleError
        If the study has no plan.
    NoSolutionError
        If a coalition has no plan, as where all demand must be served: give it a penalty, or an import.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> study = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=50_000.0))
    >>> found = ev.shapley_shares(study, ["US", "MX"], gap=0.001)
    >>> bool(abs(found.table["share"].sum() - found.saving) <= 1e-6 * abs(found.saving))
    True
    """
    expect("shapley_shares", study=(study, (Study, Session)))
    source, study = study, study_of(study)
    chosen = _players(study, players)
    problems = _player_problems("shapley_shares", study, chosen)
    costs: dict[frozenset[str], tuple[float, float]] = {}
    with ExitStack() as stack:
        solver, base = base_of(
            "shapley_shares", source, None, objective, options, stack, folder=folder, problems=problems
        )
        costs[frozenset(chosen)] = base.solve.objective, base.solve.bound
        without = []
        for size in range(len(chosen)):
            for some in itertools.combinations(chosen, size):
                out = [p for p in chosen if p not in some]
                rows = [{"limit": f"nothing new in {p}", **plants_built(p, at_most=0)} for p in out]
                answer = solver.solve(f"only {', '.join(some)}" if some else "none of them", rows)
                costs[frozenset(some)] = answer.objective, answer.bound
                if answer.plan is None:
                    without.append(f"{{{', '.join(some)}}}: {answer.message}")
        if solver.store is not None:
            solver.store.finish()
    if without:
        message = (
            f"coalitions without a plan have no value: {shown(without)}. Give demand an unmet_penalty_usd_per_unit, "
            "or a supplier that can serve it"
        )
        raise NoSolutionError(message, "")
    return PlayerShares(study.settings.study.name, base.solve.objective_name, chosen, costs)


@with_options
def bidding(
    study: Study,
    players: Sequence[str] | None = None,
    *,
    worth_usd_per_job_year: float,
    grants: Sequence[float] = (0.0, 0.05, 0.1, 0.2, 0.3),
    rounds: int = 10,
    **options: Unpack[SolveOptions],
) -> Bidding:
    r"""Let places bid grants for new plants, each in turn the best answer to the others, until nobody moves.

    A grant is a part of the investment of every new plant in the player's place, on top of what the study offers
    already. A network planner builds what costs it least. A player's payoff is what the jobs there are worth to it,
    less the grants that it pays:

    .. math:: u_i = w\,J_i - \sum_{t} G_{it}

    with job-years J and the present value of grants G. Where no player gains by another grant of the ladder, the bids
    are a Nash equilibrium on the ladder.

    Parameters
    ----------
    study : Study
        Missing layers are completed first.
    players : sequence of str, optional
        As for :func:`shapley_shares`.
    worth_usd_per_job_year : float
        What a job for a year is worth to a player, w. [USD present value]
    grants : sequence of float, optional
        The ladder: parts of the investment that may be offered, zero among them. [1]
    rounds : int, optional
        Most rounds, in each of which every player moves once.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    Bidding
        The turns, how it ended, and every profile of grants that was solved.

    Raises
    ------
    InputError
        If the arguments do not hold.
    SolveError
        If the study has no plan.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.bidding(study, ["US-TN", "US-GA"], worth_usd_per_job_year=2e4, grants=(0.0, 0.1))
    >>> found.ended in ("equilibrium", "cycle"), sorted(found.bids)
    (True, ['US-GA', 'US-TN'])
    """
    expect("bidding", study=(study, Study))
    chosen = _players(study, players)
    problems = _player_problems("bidding", study, chosen) + _ladder_problems(worth_usd_per_job_year, grants, rounds)
    if problems:
        raise InputError(problems)
    ready, ladder = complete(study), sorted({float(g) for g in grants})
    payoffs: dict[tuple[float, ...], dict[str, float]] = {}
    costs: dict[tuple[float, ...], float] = {}

    def payoff(profile: tuple[float, ...], player: str) -> float:
        if profile not in payoffs:
            plan = solve(_with_bids(ready, chosen, profile), objective="cost", **options)
            payoffs[profile] = {p: _payoff(ready, plan, p, worth_usd_per_job_year) for p in chosen}
            costs[profile] = plan.totals["cost"]
        return payoffs[profile][player]

    bids = [0.0] * len(chosen)
    turns: list[tuple[int, str, float, float]] = []
    seen, ended = {tuple(bids)}, "rounds"
    for number in range(1, rounds + 1):
        before = tuple(bids)
        for k, player in enumerate(chosen):
            here = payoff(tuple(bids), player)
            tried = [(payoff((*bids[:k], g, *bids[k + 1 :]), player), g) for g in ladder]
            most = max(value for value, _ in tried)
            if most > here + 1e-9 * max(abs(most), abs(here)):
                bids[k] = min(g for value, g in tried if value == most)
            turns.append((number, player, bids[k], payoff(tuple(bids), player)))
        if tuple(bids) == before:
            ended = "equilibrium"
            break
        if tuple(bids) in seen:
            ended = "cycle"
            break
        seen.add(tuple(bids))
    frame = pd.DataFrame(turns, columns=["round", "player", "grant", "payoff"])
    return Bidding(chosen, ended, frame, payoffs, costs)


def _players(study: Study, players: Sequence[str] | None) -> tuple[str, ...]:
    """Return the players; by default the countries of the candidates."""
    if players is None:
        return tuple(sorted(study.sites["country"].dropna().unique()))
    return tuple(str(player) for player in players)


def _inside(study: Study, player: str) -> NDArray[np.bool_]:
    """Return which sites a player holds. shape (S,)"""
    return np.asarray((pd.DataFrame(study.sites)[["site", "region", "country"]] == player).to_numpy().any(axis=1))


def _player_problems(call: str, study: Study, players: tuple[str, ...]) -> list[Problem]:
    """Return what is wrong with the players."""
    where, problems = f"{call}, players", []
    if not 1 <= len(players) <= MOST_PLAYERS:
        fix = "Give the most important ones: each coalition of them is a solve"
        problems.append(Problem(where, f"must be 1 to {MOST_PLAYERS}", f"{len(players)} given", fix))
    lost = [player for player in dict.fromkeys(players) if not _inside(study, player).any()]
    if lost:
        problems.append(
            Problem(where, "hold no site of the study", shown(lost), "Give codes of columns of table sites")
        )
    players_of_site = sum(
        (_inside(study, player).astype(np.int64) for player in players), np.zeros(len(study.sites), np.int64)
    )
    shared = study.sites.loc[players_of_site > 1, "site"].tolist()
    if shared:
        fix = "Give places of which none lies in another, each once"
        problems.append(Problem(where, "hold the same sites", shown(shared), fix))
    return problems


def _ladder_problems(worth: object, grants: Sequence[object], rounds: object) -> list[Problem]:
    """Return what is wrong with the other arguments of a bidding."""
    problems = []
    if isinstance(worth, bool) or not isinstance(worth, int | float) or not 0.0 <= worth < math.inf:
        problems.append(Problem("worth_usd_per_job_year", "is no amount", repr(worth), "Give USD, such as 20000"))
    wrong = [g for g in grants if isinstance(g, bool) or not isinstance(g, int | float) or not 0.0 <= g <= 1.0]
    if wrong or 0.0 not in grants:
        seen = shown(map(repr, wrong)) if wrong else "no 0"
        fix = percent_fix("Give parts of the investment from 0 to 1, with 0", *wrong)
        problems.append(Problem("grants", "are no ladder", seen, fix))
    if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1:
        problems.append(Problem("rounds", "is no number of rounds", repr(rounds), "Give 1 or more"))
    return problems


def _with_bids(study: Study, players: tuple[str, ...], profile: tuple[float, ...]) -> Study:
    """Return a complete study whose players offer a part of the investment of each new plant in their places."""
    old, names = study.table("incentives"), [c.name for c in TABLES["incentives"].columns]
    kinds = sorted(set(study.options["plant_type"].astype(str)))
    rows = [
        {
            "site": site,
            "plant_type": kind,
            "period": period,
            "program": f"{BID}{player}",
            "kind": "investment",
            "value": g,
        }
        for player, g in zip(players, profile, strict=True)
        if g > 0.0
        for site in study.sites.loc[_inside(study, player), "site"]
        for kind in kinds
        for period in study.periods["period"]
    ]
    if not rows:
        return study
    new = pd.DataFrame(rows).reindex(columns=[*names, *(c for c in old.columns if c not in names)])
    return as_complete_as(study, study.with_table("incentives", pd.concat([old, new]) if len(old) else new))


def _payoff(study: Study, plan: Plan, player: str, worth: float) -> float:
    """Return what a plan is worth to a player. [USD present value]"""
    mine = set(study.sites.loc[_inside(study, player), "site"])
    jobs, cost = plan.ledgers["jobs"], plan.ledgers["cost"]
    paid = -float(cost.loc[cost["program"] == f"{BID}{player}", "value"].sum())
    return worth * float(jobs.loc[jobs["site"].isin(mine), "value"].sum()) - paid
