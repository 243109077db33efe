"""One running gateway: its parts made, started, kept running and stopped."""
