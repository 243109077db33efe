"""The result of each request's row, and the events that publish it."""
