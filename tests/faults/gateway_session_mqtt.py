"""A session of a crew's phone with `mingdi gateway mqtt` over a real broker, in which a call of the gateway's fails: for
loops.py. The phone does what docs/mqtt.md asks of it: it says again, with the same epoch and sequence, what was not answered."""
import datetime
import json

from gateway_session import AGAIN_S, DEVICE, Session, form
from phone import PASSWORD, Broker, Phone, make_certificate  # of the process tests


class PhoneSession(Session):
    """The phone stays at its broker, the gateway comes and goes."""

    def __init__(self, folder, program):
        super().__init__(folder, program)
        make_certificate(folder)
        self.broker = Broker(folder, "broker", ["mingdi-gateway", DEVICE]).start()
        self.phone, self.password = Phone(DEVICE), folder / "broker.password"
        self.password.write_text(PASSWORD + "\n")
        self.password.chmod(0o600)

    def close(self):
        super().close()
        self.phone.close()
        self.broker.stop()

    def words(self):
        return ["mqtt", "--brokers", f"mqtt://127.0.0.1:{self.broker.port}", "--broker-user", "mingdi-gateway",
                "--broker-password-file", self.password]

    def begin(self):
        self.phone.connect(self.broker, clean=True)

    def finish(self):
        self.phone.close()

    def steps(self):
        return self.report, self.emergency, self.press, self.read_orders, self.press_of_mission

    def is_done(self, step):
        try:
            step()
            return True
        except AssertionError:
            return False  # not answered: it is said again

    # ---- what the phone says; each raises when it was not answered ----
    def say(self, kind, members):
        """With the sequence that it had before, if it is repeated. What is right is never refused."""
        name = json.dumps(members)
        sequence = self.sent[name] = self.sent.get(name) or self.phone.number()
        self.phone.say(kind, members, sequence)
        answer = self.phone.reply(sequence, seconds=AGAIN_S)
        if answer["outcome"] == "refused":
            self.centre.problems.append(f"refused: {kind} {members}: {answer}")
        assert answer["outcome"] != "again", answer

    def report(self):
        at = self.said_at("report", 60)
        times = [at + datetime.timedelta(seconds=i) for i in range(4)]
        places = [{"lon": 121.47, "lat": 31.23, "occurred_at": form(time)} for time in times]
        self.say("position", places[0])
        self.acknowledged.append(("position", times[0]))
        self.say("batch", {"positions": places[1:]})
        self.acknowledged += [("position", time) for time in times[1:]]

    def emergency(self):
        at = self.said_at("emergency", 5)
        self.say("emergency", {"occurred_at": form(at), "text": "家属情绪激动"})
        self.acknowledged.append(("emergency", at))

    def press(self):
        members = {"act": "reach_post", "occurred_at": form(self.said_at("press", 2))}
        self.say("status", members)
        self.acknowledged.append(("press", {"what": "reach_post", "occurred_at": members["occurred_at"]}))

    def read_orders(self):
        """Both must come; what the place is called may be left out."""
        message = self.phone.topic(f"message/{self.centre.message_id()}")
        if "order" not in self.sent:
            self.sent["order"] = self.phone.expect(self.is_order, AGAIN_S).json
        assert self.phone.expect(lambda m: m.topic == message, AGAIN_S).json["text"] == "请从东门进入"

    def is_order(self, message):
        return message.topic == self.phone.topic("order") and message.json and message.json["mission"] == self.centre.mission_id()

    def press_of_mission(self):
        members = {"act": "depart", "mission": self.centre.mission_id(), "occurred_at": form(self.said_at("depart", 1))}
        self.say("status", members)
        self.acknowledged.append(("stage", {"mission": members["mission"], "stage": "depart",
                                            "occurred_at": members["occurred_at"]}))
