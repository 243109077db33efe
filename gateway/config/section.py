"""The base of all sections of the configuration file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Strict

StrictInt = Annotated[int, Strict()]
StrictBool = Annotated[bool, Strict()]


class Section(BaseModel):
    """Base of all sections: immutable, refuses unknown keys, prints errors without the input."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)
