"""One TOML file, validated, with a default for every key; secrets that print as ***."""
