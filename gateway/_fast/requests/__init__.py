"""Requests of strategies: read, and checked against the rules of each op's rows."""
