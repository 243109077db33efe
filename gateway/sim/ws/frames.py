"""Pure. WebSocket frames as a server sends them (RFC 6455; RFC 7692 for compression), so that faults can cut them."""

from __future__ import annotations

import zlib

TEXT = 0x1
PING = 0x9
CONTINUATION = 0x0
_FIN = 0x80
_RSV1 = 0x40
_DEFLATE_TAIL = b"\x00\x00\xff\xff"


def deflated(payload: bytes, window_bits: int) -> bytes:
    """permessage-deflate without context takeover, which a server can always choose (RFC 7692, 7.1.1.1)."""
    compressor = zlib.compressobj(level=1, wbits=-window_bits)
    data = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return data.removesuffix(_DEFLATE_TAIL)


def frame(payload: bytes, *, opcode: int = TEXT, final: bool = True, compressed: bool = False) -> bytes:
    """One unmasked frame."""
    first = opcode | (_FIN if final else 0) | (_RSV1 if compressed else 0)
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def text_frames(payload: bytes, *, window_bits: int = 0, fragments: int = 1) -> list[bytes]:
    """A text message as `fragments` frames (fewer if it is shorter); `window_bits` 0 means uncompressed."""
    compressed = window_bits > 0
    data = deflated(payload, window_bits) if compressed else payload
    step = max(1, -(-len(data) // max(1, fragments)))
    parts = [data[start : start + step] for start in range(0, len(data), step)] or [b""]
    last = len(parts) - 1
    return [
        frame(part, opcode=TEXT if n == 0 else CONTINUATION, final=n == last, compressed=compressed and n == 0)
        for n, part in enumerate(parts)
    ]
