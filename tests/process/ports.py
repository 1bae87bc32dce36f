"""Ports of 127.0.0.1 for servers that come back to the same one."""
import random
import socket


def free_port():
    """Below those that the system gives to whoever connects: while the server is down, nobody's connection takes it."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as given:
        first = int(given.read().split()[0])
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.SystemRandom().randrange(10000, first) if first > 11000 else 0))
            except OSError:
                continue
            return probe.getsockname()[1]


if __name__ == "__main__":
    print(free_port())
