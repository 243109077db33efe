"""`python -m gateway.sim`."""

import argparse
import sys

from gateway.sim.command import add_arguments, main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m gateway.sim", description="A simulated OKX exchange.")
    add_arguments(parser)
    sys.exit(main(parser.parse_args()))
