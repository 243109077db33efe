"""Faults that the simulated exchange makes on command, by scenario or by seed."""
