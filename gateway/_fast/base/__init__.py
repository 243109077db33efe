"""Foundations of the data plane: spans of bytes, clock, memory, fixed records, numbers and names."""
