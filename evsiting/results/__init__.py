"""Answers: plans, fronts, ledgers and certificates. Know the study and the layers, never the program."""
