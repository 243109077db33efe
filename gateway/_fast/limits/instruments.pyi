from typing import Self

class InstrumentTable:
    def __new__(
        cls,
        capacity: int,
        window_ns: int,
        place: int,
        cancel: int,
        amend: int,
        batch_rows: int,
        mass_cancel: int,
        sub_account: int,
        algo: int = 20,
    ) -> Self: ...
    @property
    def capacity(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def mass_cancel_key(self) -> int: ...
    @property
    def sub_account_key(self) -> int: ...
    def keys_of(self, scope: str) -> tuple[list[int], list[int], list[int]]: ...
    def put(self, inst_type: str, inst_id: str, inst_id_code: int | None, inst_family: str = "") -> None: ...
