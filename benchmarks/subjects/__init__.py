"""The measured programs that are written in Python; each runs in a process of its own (`python -m`)."""
