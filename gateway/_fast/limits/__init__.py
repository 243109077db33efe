"""OKX's rate limits: the window limiter, and the instruments with their limiter keys."""
