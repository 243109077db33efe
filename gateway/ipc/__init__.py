"""The strategy side: who may speak, what the gateway answers, and the two ZeroMQ sockets."""
