"""One running gateway: its parts made and joined, started, looked after and stopped."""
