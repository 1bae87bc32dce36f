#!/usr/bin/python3
"""A WebSocket client as a console would be, in few lines: prints each message of the stream on a line.

usage: listen.py URL COOKIE-JAR [DRILL]     (the cookie jar is curl's)
Written against python3-websockets, which knows nothing of Mingdi.
"""
import asyncio
import sys

import websockets


def cookie_of(jar):
    for line in open(jar):
        fields = line.rstrip("\n").split("\t")
        if len(fields) == 7 and fields[5] in ("mingdi_session", "mingdi_drill_session"):
            return f"{fields[5]}={fields[6]}"
    sys.exit(f"{jar}: no session")


async def listen(url, cookie):
    async with websockets.connect(url, extra_headers={"Cookie": cookie}, max_size=None) as socket:
        async for message in socket:
            print(message, flush=True)


try:
    asyncio.run(listen(sys.argv[1], cookie_of(sys.argv[2])))
except websockets.exceptions.ConnectionClosed as closed:
    print(f'{{"type":"closed","code":{closed.code}}}', flush=True)
except OSError:
    sys.exit(3)
