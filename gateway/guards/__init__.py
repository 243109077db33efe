"""Protection of the account: the reactions to OKX's error codes, and the dead man's switch."""
