"""Markets: instruments, orders, books, matching, candles, the legs of algo orders."""
