#!/usr/bin/env python3
"""The server's WebSocket against another's client library: messages of all lengths, fragments, pings, many clients, the close.

usage: websocket_test.py SERVER   (tests/process/http_server.c, built)
Skipped (exit 77) where the websockets library is missing.
"""
import asyncio
import random
import subprocess
import sys

from centre import WAIT_S

try:
    import websockets
except ImportError:
    print("skipped: no python3-websockets")
    sys.exit(77)

CLIENTS = 50
failures = 0


def check(what, holds, seen=""):
    global failures
    failures += 0 if holds else 1
    print(f"{'ok' if holds else 'FAILED'}      {what}{'' if holds else f': {seen!r}'}", flush=True)


async def echoes(uri):
    draw = random.Random(120)
    async with websockets.connect(uri, max_size=None, compression=None) as client:
        for length in (0, 1, 125, 126, 127, 128, 65535, 65536, 1_000_000, 16 << 20):
            text = "鸣" * (length // 3) + "x" * (length % 3)
            await client.send(text)
            check(f"{length} bytes", await asyncio.wait_for(client.recv(), WAIT_S) == text)
        for _ in range(20):
            parts = ["笛" * draw.randrange(0, 5000) for _ in range(draw.randrange(1, 30))]
            await client.send(parts)  # as fragments
            if await asyncio.wait_for(client.recv(), WAIT_S) != "".join(parts):
                check("fragments", False)
        await asyncio.wait_for(await client.ping(b"p" * 125), WAIT_S)
    check("closed as it should be", client.close_code == 1000, client.close_code)


async def offers_of_compression_are_declined(uri):
    async with websockets.connect(uri, compression="deflate") as client:
        await client.send("plain")
        check("compression is declined", await asyncio.wait_for(client.recv(), WAIT_S) == "plain" and not client.extensions)


async def refused(uri, message, code):
    async with websockets.connect(uri, max_size=None, compression=None) as client:
        await client.send(message)
        try:
            await asyncio.wait_for(client.recv(), WAIT_S)
            check(f"closed with {code}", False, "a message")
        except websockets.exceptions.ConnectionClosed as why:
            check(f"closed with {code}", why.rcvd is not None and why.rcvd.code == code, why)


async def many(uri):
    async def one(number):
        async with websockets.connect(uri, compression=None) as client:
            for turn in range(20):
                await client.send(f"{number} {turn}")
                if await asyncio.wait_for(client.recv(), WAIT_S) != f"{number} {turn}":
                    return False
        return True
    check(f"{CLIENTS} clients at once", all(await asyncio.gather(*(one(number) for number in range(CLIENTS)))))


async def run(port):
    uri = f"ws://127.0.0.1:{port}/echo"
    await echoes(uri)
    await offers_of_compression_are_declined(uri)
    await refused(uri, b"binary", 1003)
    await refused(uri, "x" * ((16 << 20) + 1), 1009)
    await many(uri)


def main():
    with subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE, text=True) as server:
        try:
            asyncio.run(run(int(server.stdout.readline())))
            check("the server still stands", server.poll() is None)
        finally:
            server.terminate()
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)


main()
