"""The steps of an order on its way out: checks, slots, routing, wait queue, send."""
