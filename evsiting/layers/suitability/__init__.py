"""Suitability: weights of criteria, scores of sites, and how stable their order is."""
