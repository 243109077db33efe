"""The steps of an event on its way back: acks, and pushes of algo orders."""
