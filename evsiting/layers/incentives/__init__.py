"""Incentives: what programs offer a plant at a site, and what a site must be for it."""
