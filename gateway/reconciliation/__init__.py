"""Bringing what the gateway knows into line with what OKX's REST shows."""
