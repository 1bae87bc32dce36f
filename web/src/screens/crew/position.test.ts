// @vitest-environment happy-dom
import type { Session } from "@schema";
import { expect, test } from "vitest";
import { sessionStore } from "@/api/session";
import { positionStore, setConsent } from "@/screens/crew/position";

function signedIn(id: number): void {
  sessionStore.setState({ state: "in", session: { person: { id } } as Session });
}

test("who agreed to tell where the phone is agreed for himself, not for who has the phone next", () => {
  signedIn(7);
  expect(positionStore.getState().on).toBe(false);
  setConsent(true);
  expect(positionStore.getState().on).toBe(true);
  sessionStore.setState({ state: "out", session: null });
  expect(positionStore.getState().on).toBe(false);
  signedIn(8);
  expect(positionStore.getState().on).toBe(false);
  signedIn(7);
  expect(positionStore.getState().on).toBe(true);
  setConsent(false);
  expect(positionStore.getState().on).toBe(false);
});
