"""The I/O shells: streams to OKX, one skeleton for all, and REST."""
