"""Layers: spatial columns for sites and markets, and lanes between them, each with its provenance."""
