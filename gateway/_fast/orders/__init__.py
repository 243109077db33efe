"""Orders and requests: their tables, the order lifecycle, and what an update of OKX means for an order."""
