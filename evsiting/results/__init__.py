"""Answers: plans, fronts, ledgers and certificates. They know the study, never the program."""
