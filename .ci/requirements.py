"""Prints what `pyproject.toml` asks for, line by line: to build, to run, and for each extra that is named."""

import sys
import tomllib
from pathlib import Path

settings = tomllib.loads(Path(__file__).parent.parent.joinpath("pyproject.toml").read_text("utf-8"))
project = settings["project"]
lists = [settings["build-system"]["requires"], project["dependencies"]]
lists += [project["optional-dependencies"][extra] for extra in sys.argv[1:]]
print("\n".join(sorted({requirement for each in lists for requirement in each})))
