// The centre's protocols: the list, and the texts of each version that is in use. Fetched before they are needed, so that the
// next question is there at once.
import type { Protocol, ProtocolStep, Protocols } from "@schema";
import { createStore } from "zustand/vanilla";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";

interface ProtocolStore {
  list: Protocols | null;
  problem: Problem | null;
  texts: Readonly<Record<string, Protocol>>;
}

export const protocolStore = createStore<ProtocolStore>(() => ({ list: null, problem: null, texts: {} }));

const textKey = (number: number, version: number) => `${number}.${version}`;
const asked = new Set<string>();

export async function loadProtocol(number: number, version: number): Promise<void> {
  const key = textKey(number, version);
  if (asked.has(key)) return;
  asked.add(key);
  try {
    const text = await get<Protocol>(`/api/v1/protocols/${number}?version=${version}`);
    protocolStore.setState(({ texts }) => ({ texts: { ...texts, [key]: text } }));
  } catch {
    // Asked again when the step is shown.
    asked.delete(key);
  }
}

/** The list, then all texts, one after the other: the line stays free for what the person does. */
export async function loadProtocols(): Promise<void> {
  try {
    const list = await get<Protocols>("/api/v1/protocols");
    protocolStore.setState({ list, problem: null });
    for (const item of list.items) await loadProtocol(item.number, item.version);
  } catch (thrown) {
    protocolStore.setState({ problem: asProblem(thrown) });
  }
}

export function versionOf(number: number): number | undefined {
  return protocolStore.getState().list?.items.find((item) => item.number === number)?.version;
}

export function textOf(store: ProtocolStore, number: number, version: number): Protocol | undefined {
  return store.texts[textKey(number, version)];
}

export function stepOf(protocol: Protocol | undefined, step: number | null): ProtocolStep | undefined {
  return step === null ? undefined : protocol?.steps.find((one) => one.step === step);
}

/** The question that the universal answer "not awake" leads to. */
export function arrestStep(store: ProtocolStore): { protocol: number; step: number } | null {
  const number = store.list?.items.find((item) => item.id === "arrest")?.number;
  if (number === undefined) return null;
  const text = Object.values(store.texts).find((one) => one.number === number);
  const step = text?.steps.find((one) => one.name === "breathing")?.step;
  return step === undefined ? null : { protocol: number, step };
}
