// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { sessionStore } from "@/api/session";
import type { Kept } from "@/lib/kept";
import { liveStore } from "@/live/state";
import type { PaperBody } from "@/screens/paper/check";
import { emptyForm } from "@/screens/paper/fields";
import { keepForm, refusalOf, sendForms, startOutbox, waitingForms } from "@/screens/paper/outbox";
import { countKeptForms, sendKeptForms, startKeptForms } from "@/shell/keptForms";

const PLACE = "mingdi.draft.7.paper.outbox";
const fetching = vi.fn<typeof fetch>();

function kept(key: string, sent: Partial<PaperBody>): Kept {
  return { key, order: 1, person: 7, path: "/api/v1/paper", body: { sent, fields: emptyForm() }, at_ms: 0 };
}

function stored(): Kept[] {
  return JSON.parse(sessionStorage.getItem(PLACE) ?? "[]") as Kept[];
}

function answer(status: number, body: object): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

beforeEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
  fetching.mockReset();
  vi.stubGlobal("fetch", fetching);
  sessionStore.setState({ state: "in", session: { person: { id: 7, name: "li" } } as never });
});

it("sends what an earlier page of this tab has kept, from whatever screen is open", async () => {
  sessionStorage.setItem(PLACE, JSON.stringify([kept("a", { form: 1 })]));
  fetching.mockImplementation(async () => answer(201, { sequence: 9, made: 3 }));
  expect(countKeptForms()).toBe(1);
  await startKeptForms();
  await vi.waitFor(() => expect(countKeptForms()).toBe(0));
  expect(fetching).toHaveBeenCalledTimes(1);
});

it("tries once more before the sign-out, and counts what is refused or put aside", async () => {
  sessionStorage.setItem(PLACE, JSON.stringify([kept("b", { form: 2 }), { ...kept("c", { form: 3 }), order: 2 }]));
  sessionStorage.setItem("mingdi.draft.7.paper.aside", JSON.stringify([{ key: "x", fields: emptyForm() }]));
  fetching.mockImplementationOnce(async () => answer(409, { name: "form_entered", status: 409, detail: "" }));
  fetching.mockImplementation(async () => answer(503, { name: "journal_unavailable", status: 503, detail: "" }));
  await sendKeptForms();
  const left = new Map(stored().map((item) => [item.key, refusalOf(item)?.name]));
  expect(left).toEqual(
    new Map([
      ["b", "form_entered"],
      ["c", undefined],
    ]),
  );
  expect(waitingForms()).toBe(1);
  expect(countKeptForms()).toBe(3);
});

it("asks again for the incident that a form was linked to, after entries were lost", async () => {
  startOutbox();
  sessionStorage.setItem(PLACE, JSON.stringify([kept("d", { form: 4, linked_to: 12 }), kept("e", { form: 5 })]));
  fetching.mockImplementation(async () => answer(503, { name: "journal_unavailable", status: 503, detail: "" }));
  await sendForms();
  liveStore.setState({ lost: liveStore.getState().lost + 1 });
  await vi.waitFor(() => expect(stored().find((item) => item.key === "d")?.refusal?.name).toBe("unknown_incident"));
  expect(stored().find((item) => item.key === "e")?.refusal).toBeUndefined();
});

it("counts what the browser could not keep, and tries it before the sign-out", async () => {
  sessionStore.setState({ session: { person: { id: 8, name: "wu" } } as never });
  const full = () => {
    throw new Error("QuotaExceededError");
  };
  vi.stubGlobal("sessionStorage", { getItem: () => null, setItem: full, removeItem: () => {}, clear: () => {} });
  fetching.mockImplementation(async () => answer(503, { name: "journal_unavailable", status: 503, detail: "" }));
  await keepForm({ form: 6 } as PaperBody, emptyForm(), "f");
  expect(countKeptForms()).toBe(1);
  await sendKeptForms();
  expect(fetching).toHaveBeenCalled();
  fetching.mockImplementation(async () => answer(201, { sequence: 10, made: 4 }));
  await sendKeptForms();
  expect(countKeptForms()).toBe(0);
});
