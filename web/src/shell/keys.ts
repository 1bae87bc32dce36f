// One listener for all keys of the console. A screen says what its keys do (useKeys); the help lists exactly those.
import { useLayoutEffect, useRef } from "react";
import { createStore } from "zustand/vanilla";

export interface KeyBinding {
  /** "k", "?", "F8", "Enter", "Escape", "Alt+1", "Ctrl+k". Modifiers in the order Ctrl, Alt, Shift; letters small. */
  keys: string;
  /** What it does, in the person's language: for the help. */
  text: string;
  /** `pressed_ms`: when the finger was on it, by performance.now(); a busy page may hear of it later. */
  run: (pressed_ms: number) => void;
  /** Works while typing too. Keys with Ctrl or Alt, and F keys, always do; letters and Enter do not unless it is said. */
  inFields?: boolean;
  /** Heard while a dialog is open: for the dialog's own keys. */
  inDialogs?: boolean;
  /** Does nothing now, but stays in the help. */
  disabled?: boolean;
  /** Acts again and again while it is held down; else once a press. */
  repeats?: boolean;
}

export interface KeyGroup {
  title: string;
  bindings: readonly KeyBinding[];
}

interface Registered {
  order: number;
  group: () => KeyGroup;
}

/** The groups in the order in which they came; the help shows them, the newest hears a key first. */
export const keyStore = createStore<{ groups: readonly Registered[] }>(() => ({ groups: [] }));
let counter = 0;

/** The pressed keys by the name that bindings use. */
export function keyName(
  event: Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "altKey" | "shiftKey" | "metaKey">,
): string {
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  const physical = /^(?:Digit|Key)(.)$/.exec(event.code)?.[1]?.toLowerCase();
  const base = modified && physical ? physical : event.key === " " ? "Space" : event.key;
  const named = base.length === 1 ? base.toLowerCase() : base;
  const shift = event.shiftKey && (modified || base.length > 1) ? "Shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shift}${named}`;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // A closed selection finds by letters too.
  if (target.closest("[aria-haspopup=listbox]") !== null) return true;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target.isContentEditable;
}

/** Whether the focused element has a use of its own for Enter and Space. */
function actsItself(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, [role=menuitem], [role=option], summary") !== null;
}

/** What opens above the page, be it a dialog, a menu or the list of a selection (which finds by letters): its keys are its own. */
const ABOVE = "[role=dialog], [role=alertdialog], [data-trigger]";

/** A dialog that has lost the focus to the page (its button was disabled, or its edge clicked) stands in front of it all the same. */
function isAbove(target: EventTarget | null): boolean {
  if (target instanceof HTMLElement && target.closest(ABOVE) !== null) return true;
  return target === document.body && document.querySelector("[data-modal]") !== null;
}

const ALWAYS = /^(?:Ctrl\+|Alt\+|Shift\+F\d|F\d|Escape$)/;

function mayHear(binding: KeyBinding, event: KeyboardEvent): boolean {
  const target = event.target;
  if (isAbove(target) && !binding.inDialogs) return false;
  if (isTyping(target) && !binding.inFields && !ALWAYS.test(binding.keys)) return false;
  return !((binding.keys === "Enter" || binding.keys === "Space") && actsItself(target));
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = keyName(event);
  const groups = [...keyStore.getState().groups].sort((one, other) => other.order - one.order);
  for (const registered of groups) {
    for (const binding of registered.group().bindings) {
      if (binding.keys === name && !binding.disabled && mayHear(binding, event)) {
        event.preventDefault();
        if (!event.repeat || binding.repeats) binding.run(event.timeStamp);
        return;
      }
    }
  }
}

export function startKeys(): () => void {
  window.addEventListener("keydown", onKeyDown);
  return () => window.removeEventListener("keydown", onKeyDown);
}

/**
 * Binds keys as long as the component stands. The bindings may be new ones at every rendering. They hold from the moment in
 * which what they belong to is on the page: a key that is pressed as soon as its button is seen must not be lost.
 */
export function useKeys(title: string, bindings: readonly KeyBinding[]): void {
  const group = useRef<KeyGroup>({ title, bindings });
  useLayoutEffect(() => {
    group.current = { title, bindings };
  });
  useLayoutEffect(() => {
    counter += 1;
    const registered: Registered = { order: counter, group: () => group.current };
    keyStore.setState(({ groups }) => ({ groups: [...groups, registered] }));
    return () => keyStore.setState(({ groups }) => ({ groups: groups.filter((other) => other !== registered) }));
  }, []);
}
