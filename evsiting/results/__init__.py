"""Answers: plans, fronts, ledgers and certificates. Knows the study and the layers, never the mathematical program."""
