"""The sockets: requests of strategies, published events, the listener of a private WebSocket, sessions."""
