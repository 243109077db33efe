"""The `[dead_man]` section of the configuration: OKX's timer that cancels orders if the gateway stops."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.config.section import Section, StrictBool, StrictInt

# OKX docs, Place order, `tag`: up to 16 letters and digits.
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,16}$")]
# OKX docs, Cancel All After: at most 20 tags have a timer at one time.
TAGS_MAX = 20


class DeadManConfig(Section):
    """OKX's `cancel-all-after`: it cancels the open orders if the gateway stops renewing its timer."""

    enabled: StrictBool = Field(False, description="Whether OKX's timer is armed while the gateway runs.")
    timeout_s: StrictInt = Field(
        30, ge=10, le=120, description="Time from the last renewal until OKX cancels; s (OKX allows 10 to 120)."
    )
    renew_s: StrictInt = Field(
        5, ge=2, le=60, description="Interval of renewals, while the hot loop and the private stream are alive; s."
    )
    tags: tuple[Tag, ...] = Field(
        (),
        max_length=TAGS_MAX,
        description="Cancels only orders placed with one of these `tag`s; without any, all orders of the account, "
        "including those of other clients.",
    )

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.renew_s * 2 > self.timeout_s:
            raise ValueError(
                f"renew_s {self.renew_s} should be at most half of timeout_s {self.timeout_s}, so that one can fail"
            )
        if len(set(self.tags)) < len(self.tags):
            raise ValueError(f"tags {', '.join(self.tags)}: should each be listed once")
        return self
