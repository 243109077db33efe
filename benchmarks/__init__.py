"""Round trips of the gateway against its floors and against in-process clients; see benchmarks/README.md."""
