"""Limits of a study as constraints: totals and shares, concentration, delivery, power, outages."""
