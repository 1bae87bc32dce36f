import type { Call, CommandDone, ProtocolChoice } from "@schema";
import { useCallback, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { command } from "@/api/client";
import { liveStore } from "@/live/state";
import {
  confirmedCount,
  type Given,
  leadsTo,
  SEEN_MS,
  type Sent,
  type Stand,
  sameStand,
  shownStand,
  standOf,
} from "@/screens/answer/ahead";
import { versionOf } from "@/screens/answer/protocols";
import { notifyProblem } from "@/shell/notices";

export interface TriageHandle {
  /** The question on the screen, a step ahead of the centre while a press is on its way. */
  stand: Stand | null;
  ahead: readonly Sent[];
  begin: (protocol: number, step: number) => void;
  answer: (choice: ProtocolChoice) => void;
  back: (before: Given | undefined) => void;
}

/** Sends one after the other; with the first refusal all that was built on it falls away. */
function useQueue() {
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const chain = useRef<Promise<void>>(Promise.resolve());
  const generation = useRef(0);
  const confirmed = useStore(liveStore, ({ sequence }) => confirmedCount(sent, sequence));
  const push = useCallback((one: Sent, task: () => Promise<CommandDone>) => {
    const mine = generation.current;
    setSent((before) => [...before.slice(-31), one]);
    chain.current = chain.current.then(async () => {
      if (mine !== generation.current) return;
      try {
        const { sequence } = await task();
        setSent((before) => before.map((other) => (other === one ? { ...one, sequence } : other)));
      } catch (thrown) {
        generation.current += 1;
        setSent([]);
        notifyProblem(thrown);
      }
    });
  }, []);
  return { ahead: sent.slice(confirmed), push };
}

/** The triage of one call; mount it anew for another call. */
export function useTriage(call: Call): TriageHandle {
  const { ahead, push } = useQueue();
  const stand = shownStand(standOf(call), ahead);
  const seen = useRef({ stand, since_ms: 0 });
  useEffect(() => {
    if (!sameStand(seen.current.stand, stand)) seen.current = { stand, since_ms: performance.now() };
  });
  const mayAct = () => {
    if (!sameStand(seen.current.stand, stand) || performance.now() - seen.current.since_ms < SEEN_MS) return false;
    seen.current = { stand, since_ms: performance.now() };
    return true;
  };
  return {
    stand,
    ahead,
    begin: (protocol, step) => {
      if (!mayAct()) return;
      const to = step > 0 ? { protocol, version: versionOf(protocol) ?? 0, step } : null;
      push({ given: null, to, sequence: null }, () => command("triage_begin", { call: call.id, protocol, step }));
    },
    answer: (choice) => {
      if (stand?.step == null || !mayAct()) return;
      const given = { protocol: stand.protocol, version: stand.version, step: stand.step, answer: choice.answer };
      const { version: _, ...fields } = given;
      push({ given, to: leadsTo(choice, stand, versionOf), sequence: null }, () =>
        command("triage_answer", { call: call.id, ...fields }),
      );
    },
    back: (before) => {
      if (!stand || !mayAct()) return;
      const to = before ? { protocol: before.protocol, version: before.version, step: before.step } : null;
      push({ given: null, to, sequence: null }, () =>
        command("triage_back", { call: call.id, protocol: stand.protocol, step: stand.step ?? 0 }),
      );
    },
  };
}
