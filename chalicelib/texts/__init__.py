"""Texts: how amounts, dates and rates are written."""
