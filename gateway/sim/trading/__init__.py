"""Trading: validation of orders, matching, amendments, algo orders, OKX's limits."""
