"""The simulated exchange as a server, in an event loop or in a thread of its own."""
