"""Demand: vehicles wanted by market, and how fast electric ones take their share."""
