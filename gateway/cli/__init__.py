"""The command line: `okx-gateway run | check | sim | journal | explain`."""
