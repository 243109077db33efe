"""OKX V5 over WebSocket."""
