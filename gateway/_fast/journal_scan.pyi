from typing import Final

HEADER_BYTES: Final[int]
HEAD_BYTES: Final[int]

Scanned = tuple[int, int, int, int, int, bytes]

def scan_records(text: bytes, at: int, limit: int) -> tuple[list[Scanned], int, str]: ...
def find_record(text: bytes, at: int, above: int) -> int: ...
def is_blank(text: bytes, at: int) -> bool: ...
