"""Foundations of the simulated exchange: clock, number formats, OKX's codes, configuration."""
