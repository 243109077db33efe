"""Commands, views and scenarios by which a test steers the simulated exchange."""
