// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { applyMessage, forgetLive, publish } from "@/live/apply";
import { startLost } from "@/shell/lost";
import { noticeStore } from "@/shell/notices";

const SNAPSHOT = {
  type: "snapshot",
  sequence: 10,
  fingerprint: "9f86d081884c7d65",
  now: "2026-11-22T08:30:00Z",
  speed: 1,
  state: { control: [], positions: [] },
} as const;

beforeEach(() => {
  forgetLive();
  sessionStorage.clear();
  noticeStore.setState({ notices: [] });
});

function tell(reset: boolean) {
  applyMessage({ ...SNAPSHOT, reset, state: { control: [], positions: [] } });
  publish();
}

it("tells whoever sits there, once each time, and takes away what was typed for what is lost", () => {
  const end = startLost();
  sessionStorage.setItem("mingdi.draft.1.call.17.remarks", '"by the bridge"');
  tell(false);
  expect(noticeStore.getState().notices).toEqual([]);
  expect(sessionStorage).toHaveLength(1);
  tell(true);
  expect(sessionStorage).toHaveLength(0);
  tell(false);
  expect(noticeStore.getState().notices.map((notice) => notice.tone)).toEqual(["bad"]);
  forgetLive();
  tell(false);
  expect(noticeStore.getState().notices).toHaveLength(1);
  end();
});

it("leaves the forms that were filled in on paper: nobody else has them", () => {
  const end = startLost();
  sessionStorage.setItem("mingdi.draft.1.paper.outbox", "[1]");
  sessionStorage.setItem("mingdi.draft.1.call.17.paper.", '"typed for a call"');
  tell(false);
  tell(true);
  expect(Object.keys(sessionStorage)).toEqual(["mingdi.draft.1.paper.outbox"]);
  end();
});
