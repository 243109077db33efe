"""The WebSocket channels, and the ledger of all that happened."""
