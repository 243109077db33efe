"""OKX V5 over REST."""
