"""The accounts of the simulated exchange: balances, margin, positions, fees, bills."""
