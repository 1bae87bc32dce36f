// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CommandLine } from "@/screens/dispatch/line/CommandLine";
import { beginLine } from "@/screens/dispatch/store";
import { startKeys } from "@/shell/keys";

let end = () => {};
beforeEach(() => {
  end = startKeys();
});
afterEach(() => {
  end();
  cleanup();
});

const field = () => screen.getByRole("textbox") as HTMLInputElement;
const frame = () => act(() => new Promise<void>((resolve) => requestAnimationFrame(() => resolve())));

/** As a browser does it: behind the cursor. */
function type(text: string) {
  const at = field().selectionStart ?? 0;
  const value = field().value.slice(0, at) + text + field().value.slice(at);
  fireEvent.change(field(), { target: { value } });
  field().setSelectionRange(at + text.length, at + text.length);
}

it("is written as it is typed by whoever does not wait for the line", async () => {
  render(<CommandLine selected={null} onWish={() => Promise.resolve(true)} />);
  fireEvent.keyDown(document.body, { key: ":" });
  expect(document.activeElement).toBe(field());
  type("he");
  await frame();
  type("lp");
  expect(field().value).toBe("help");
});

it("goes on behind the beginning that a key has put there", async () => {
  render(<CommandLine selected={null} onWish={() => Promise.resolve(true)} />);
  act(() => beginLine("swap u1 "));
  expect([field().value, field().selectionStart]).toEqual(["swap u1 ", 8]);
  type("u");
  await frame();
  type("2");
  expect(field().value).toBe("swap u1 u2");
});
