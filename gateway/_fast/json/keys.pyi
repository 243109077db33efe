from typing import Self

class FieldNames:
    def __new__(cls, names: list[str]) -> Self: ...
