"""Incentives as decisions and constraints: what is offered, claimed and pledged."""
