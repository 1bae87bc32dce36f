import type { Call, CommandDone, ProtocolChoice } from "@schema";
import { useCallback, useLayoutEffect, useRef, useState } from "react";
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
  shownStand,
  standOf,
  stepBack,
  trailOf,
} from "@/screens/answer/ahead";
import { versionOf } from "@/screens/answer/protocols";
import { notifyProblem } from "@/shell/notices";

export interface TriageHandle {
  /** The question on the screen, a step ahead of the centre while a press is on its way. */
  stand: Stand | null;
  ahead: readonly Sent[];
  /** Seen for long enough to be answered. */
  isOpen: boolean;
  /** A key came before that, and did nothing. */
  isHasty: boolean;
  mayGoBack: boolean;
  // `pressed_ms`: when, by performance.now().
  begin: (protocol: number, step: number, pressed_ms: number) => void;
  answer: (choice: ProtocolChoice, pressed_ms: number) => void;
  back: (pressed_ms: number) => void;
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

const isAnswer = ({ answer }: Given) => answer > 0;

/** When the question that stands was shown, so that nobody answers one that he cannot have read. */
function useSeen(stand: Stand | null) {
  const [answered, setAnswered] = useState(0);
  const question = `${stand?.protocol}.${stand?.version}.${stand?.step}/${answered}`;
  const since_ms = useRef(0);
  const used = useRef("");
  const [open, setOpen] = useState("");
  const [hasty, setHasty] = useState("");
  useLayoutEffect(() => {
    since_ms.current = performance.now();
    const timer = setTimeout(() => setOpen(question), SEEN_MS);
    return () => clearTimeout(timer);
  }, [question]);
  /** Once a question; whoever was too quick is told. */
  const mayAnswer = (pressed_ms: number) => {
    const early = used.current === question || pressed_ms - since_ms.current < SEEN_MS;
    setHasty(early ? question : "");
    if (early) return false;
    used.current = question;
    setAnswered(answered + 1);
    return true;
  };
  const tellHasty = () => setHasty(question);
  return { mayAnswer, tellHasty, isOpen: open === question, isHasty: hasty === question };
}

/** The triage of one call, of which these answers have come back; mount it anew for another call. */
export function useTriage(call: Call, given: readonly Given[]): TriageHandle {
  const { ahead, push } = useQueue();
  const stand = shownStand(standOf(call), ahead);
  const { mayAnswer, tellHasty, isOpen, isHasty } = useSeen(stand);
  const trail = trailOf(given, ahead);
  // What was done last besides answers: it is done once when its key is pressed twice.
  const last = useRef({ act: "", pressed_ms: 0 });
  const isBounce = (act: string, pressed_ms: number) => {
    const bounces = last.current.act === act && pressed_ms - last.current.pressed_ms < SEEN_MS;
    if (!bounces) last.current = { act, pressed_ms };
    return bounces;
  };
  return {
    stand,
    ahead,
    isOpen,
    isHasty,
    mayGoBack: stand !== null && (trail.length > 1 || trail.some(isAnswer) || (call.triage?.answered ?? 0) > 0),
    begin: (protocol, step, pressed_ms) => {
      if (isBounce(`begin ${protocol}.${step}`, pressed_ms)) return;
      const version = versionOf(protocol) ?? 0;
      const to = step > 0 ? { protocol, version, step } : null;
      const after = [...trail, { protocol, version, step, answer: 0 }];
      push({ given: null, to, sequence: null, trail: after }, () =>
        command("triage_begin", { call: call.id, protocol, step }),
      );
    },
    answer: (choice, pressed_ms) => {
      if (stand?.step == null || !mayAnswer(pressed_ms)) return;
      const answer = { protocol: stand.protocol, version: stand.version, step: stand.step, answer: choice.answer };
      const { version: _, ...fields } = answer;
      const to = leadsTo(choice, stand, versionOf);
      push({ given: answer, to, sequence: null, trail: [...trail, answer] }, () =>
        command("triage_answer", { call: call.id, ...fields }),
      );
    },
    back: (pressed_ms) => {
      if (!stand) return;
      if (isBounce("back", pressed_ms)) return tellHasty();
      push({ given: null, sequence: null, ...stepBack(trail) }, () =>
        command("triage_back", { call: call.id, protocol: stand.protocol, step: stand.step ?? 0 }),
      );
    },
  };
}
