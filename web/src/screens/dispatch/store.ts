// What the dispatch screen's parts share beside the live state: the filter, the question that stands, a refusal, the line.

import { createStore } from "zustand/vanilla";
import type { Problem } from "@/api/problem";
import type { Filter } from "@/screens/dispatch/need";
import type { Order } from "@/screens/dispatch/orders";

export interface Choice {
  key: string;
  text: string;
  run: () => void;
}

/** A question with a key an answer, in a dialog. */
export interface Question {
  title: string;
  text: string;
  choices: readonly Choice[];
}

/** What was refused, told where the act was made, with a way on. */
export interface Refusal {
  order: Order;
  what: string;
  problem: Problem;
  /** Of what was done, where only a part was. */
  partly: string;
}

export interface DispatchStore {
  filter: Filter;
  question: Question | null;
  refusal: Refusal | null;
  pending: boolean;
  /** What the command line is asked to show, anew with each count. */
  line: { count: number; text: string };
  linesHelp: boolean;
  map: boolean;
}

const MAP_STORED = "mingdi.dispatch.map";
const WIDE = 1600;

function mapAtFirst(): boolean {
  const stored = localStorage.getItem(MAP_STORED);
  return stored === null ? window.innerWidth >= WIDE : stored === "1";
}

export const dispatchStore = createStore<DispatchStore>(() => ({
  filter: "all",
  question: null,
  refusal: null,
  pending: false,
  line: { count: 0, text: "" },
  linesHelp: false,
  map: mapAtFirst(),
}));

export function ask(question: Question | null): void {
  dispatchStore.setState({ question });
}

/** Puts a beginning into the command line and the cursor behind it. */
export function beginLine(text: string): void {
  dispatchStore.setState(({ line }) => ({ line: { count: line.count + 1, text } }));
}

export function toggleMap(): void {
  dispatchStore.setState(({ map }) => {
    localStorage.setItem(MAP_STORED, map ? "0" : "1");
    return { map: !map };
  });
}
