"""A client of the stream that is cut off and comes back, for the process tests."""
import http.client
import json


class Watcher:
    """What a browser does with the stream, and nothing more (docs/api.md)."""

    def __init__(self, person, by_event_id=False):
        self.person, self.by_event_id, self.calls, self.known, self.event_id, self.heard = person, by_event_id, {}, None, None, []

    def open(self, member):
        path, headers = "/api/v1/events", {"Cookie": member.person(self.person).cookie}
        if self.known and self.by_event_id:
            headers["Last-Event-ID"] = self.event_id
        elif self.known:
            path += f"?after={self.known[0]}&fingerprint={self.known[1]}"
        connection = http.client.HTTPConnection(member.host, member.port, timeout=60)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return connection, answer

    def hear(self, message):
        kind = message["type"]
        self.heard.append((kind, message.get("reset", False)))
        if kind == "snapshot":
            self.calls = {}
        for call in (message["state"] if kind == "snapshot" else message).get("calls", []):
            self.calls[call["id"]] = call["external"]
        if "sequence" in message:
            self.known = (message["sequence"], message["fingerprint"])

    def watch(self, member, sequence):
        """Goes on from where it was, or begins, until it has been told everything up to the sequence."""
        connection, answer = self.open(member)
        self.heard, told = [], -1
        while told < sequence:
            line = answer.readline().decode()
            assert line, "the stream ended"
            if line.startswith("id: "):
                self.event_id = line[4:].strip()
            if line.startswith("data: "):
                self.hear(json.loads(line[6:]))
                told = self.known[0] if self.known else told
        connection.close()
        return self
