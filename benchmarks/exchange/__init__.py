"""The far end of the measured programs: acker, REST stub, gateway under test, and the order that all of them place."""
