"""Runs the campaign: `python -m tests.chaos [SEEDS] [MIX]`, as `make chaos SEEDS=… MIX=…` does."""

from __future__ import annotations

import argparse
import re
import sys

from tests.chaos.campaign import run_plan
from tests.chaos.plan import DEFAULT_MIX, FAULTS, make_plan

FIRST_SEED = 1


def seeds_of(text: str) -> list[int]:
    """`20` is the first 20 seeds, `7..9` or `7,8,12` are these. ValueError for anything else."""
    found = re.fullmatch(r"(\d+)(?:\.\.(\d+))?|(\d+(?:,\d+)+)", text)
    if found is None:
        seeds = []
    elif found[3]:
        seeds = [int(one) for one in text.split(",")]
    elif found[2]:
        seeds = list(range(int(found[1]), int(found[2]) + 1))
    else:
        seeds = list(range(FIRST_SEED, FIRST_SEED + int(found[1])))
    if not seeds:
        raise ValueError(f"SEEDS={text}: expected a number of seeds (20), a range (7..9) or a list (7,8,12)")
    return seeds


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seeds", default="20", help="how many, or FIRST..LAST, or a list (default: %(default)s)")
    parser.add_argument(
        "--mix", default=",".join(DEFAULT_MIX), help=f"parts of {','.join(FAULTS)} (default: %(default)s)"
    )
    parser.add_argument("--ms", type=int, default=3_000, help="duration of the faults (default: %(default)s)")
    options = parser.parse_args()
    try:
        plans = [make_plan(seed, tuple(options.mix.split(",")), options.ms) for seed in seeds_of(options.seeds)]
    except ValueError as error:
        parser.error(str(error))
    failed = []
    for plan in plans:
        result, seed = run_plan(plan), plan.seed
        print(f"seed {seed}: {'FAILED' if result.violations else 'clean'}; {result.summary}", flush=True)
        if result.violations:
            failed.append(seed)
            print(result.text, flush=True)
    print(f"{len(failed)} seeds failed: {failed}" if failed else "no violation")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
