"""The least objective of a small study, written from the rules of the study's tables and from nothing else.

The rules are written down a second time, in real units and in other variables than the model's (a plant is a *way* of
building: a whole sequence of an option and its expansions with their periods), and solved by branching on every yes or
no with a linear program at each node: no cuts, no presolve, no heuristics. Nothing of :mod:`evsiting.model` is used.
"""
