"""One login on the private WebSocket, for `okx-gateway check --online`: connect, log in, close."""

from __future__ import annotations

import asyncio
import ssl

import aiohttp

from gateway.errors import TransportError
from gateway.okx.event_frames import ErrorEvent, LoggedIn, Sign, build_login, parse_event_frame
from gateway.okx.secret import Credentials


async def probe_login(
    ws_private_url: str,
    credentials: Credentials,
    sign: Sign,
    *,
    timestamp_s: int,
    timeout_ms: int,
    tls: ssl.SSLContext,
) -> LoggedIn | ErrorEvent:
    """OKX's answer to a login. TransportError when there is none in time."""
    try:
        async with (
            asyncio.timeout(timeout_ms / 1_000),
            aiohttp.ClientSession() as session,
            session.ws_connect(ws_private_url, ssl=tls) as socket,
        ):
            await socket.send_str(build_login(credentials, timestamp_s, sign).decode())
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    event = parse_event_frame(message.data.encode())
                    if isinstance(event, (LoggedIn, ErrorEvent)):
                        return event
            raise TransportError(f"{ws_private_url}: closed with code {socket.close_code} before it answered the login")
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise TransportError(f"{ws_private_url}: {str(error) or 'no answer in time'}") from error
