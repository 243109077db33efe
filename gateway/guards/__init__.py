"""What keeps the account from harm: the reactions to OKX's codes, and the dead man's switch."""
