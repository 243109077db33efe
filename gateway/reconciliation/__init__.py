"""Reconciliation: brings the gateway's state into line with OKX's REST answers."""
