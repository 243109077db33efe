"""OKX's frames: acks and pushes scanned, requests encoded."""
