"""The append-only journal: writing, recovery, replay, retention, order audit trail.

`gateway._fast.journal.writer` writes it; this package opens, monitors, reads and explains it.
"""
