"""The data plane: compiled modules between a strategy's bytes and OKX's socket. Start reading at `order_pipeline`."""
