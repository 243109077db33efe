"""Rows in OKX's own shapes, for REST and for the channels."""
