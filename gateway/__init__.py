"""An OKX V5 order gateway with a compiled hot path."""

__version__ = "0.1.0"
