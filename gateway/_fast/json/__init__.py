"""JSON without copies: a checked cursor, a writer into a fixed buffer, the keys that the gateway reads."""
