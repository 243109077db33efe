"""Configuration: one validated TOML file with a default for every key; secrets print as [redacted]."""
