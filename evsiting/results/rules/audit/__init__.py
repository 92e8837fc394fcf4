"""What a plan costs, emits, employs and pays in duty, worked out a second time, by other code than ledgers and program.

Nothing here imports the model, the ledgers, or the arithmetic that those two share (horizon, trajectories, customs,
program rules, grid upgrades): plain loops over the study's tables, so that a slip in that arithmetic shows as a failed
check of the certificate.
"""
