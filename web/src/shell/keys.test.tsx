// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/react";
import { useLayoutEffect } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mergedGroups } from "@/shell/Help";
import { type KeyBinding, keyName, startKeys, useKeys } from "@/shell/keys";
import { keyText } from "@/shell/keyText";

let end = () => {};
beforeEach(() => {
  end = startKeys();
});
afterEach(() => {
  end();
  cleanup();
});

function Binder({ bindings }: { bindings: KeyBinding[] }) {
  useKeys("Screen", bindings);
  return (
    <div>
      <input aria-label="field" />
      <button type="button">button</button>
      <div role="dialog">
        <input aria-label="inside" />
      </div>
    </div>
  );
}

function press(target: Element | Window, init: KeyboardEventInit) {
  target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }));
}

describe("keys", () => {
  it("have one name each", () => {
    const none = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false };
    expect(keyName({ ...none, key: "K", code: "KeyK", shiftKey: true })).toBe("k");
    expect(keyName({ ...none, key: "?", code: "Slash", shiftKey: true })).toBe("?");
    // With Alt some keyboards give another sign: the key itself counts.
    expect(keyName({ ...none, key: "¡", code: "Digit1", altKey: true })).toBe("Alt+1");
    expect(keyName({ ...none, key: "Enter", code: "Enter", ctrlKey: true })).toBe("Ctrl+Enter");
    expect(keyName({ ...none, key: "F8", code: "F8", shiftKey: true })).toBe("Shift+F8");
    expect(keyName({ ...none, key: " ", code: "Space" })).toBe("Space");
  });

  it("of letters do nothing while typing, F keys do", () => {
    const letter = vi.fn();
    const f8 = vi.fn();
    const bindings = [
      { keys: "k", text: "", run: letter },
      { keys: "F8", text: "", run: f8 },
    ];
    const { getByLabelText } = render(<Binder bindings={bindings} />);
    press(getByLabelText("field"), { key: "k", code: "KeyK" });
    press(getByLabelText("field"), { key: "F8", code: "F8" });
    expect([letter.mock.calls.length, f8.mock.calls.length]).toEqual([0, 1]);
    press(document.body, { key: "k", code: "KeyK" });
    expect(letter).toHaveBeenCalledTimes(1);
  });

  it("of the page are not heard in a dialog, nor Enter on a button", () => {
    const run = vi.fn();
    const { getByLabelText, getByText } = render(
      <Binder
        bindings={[
          { keys: "F8", text: "", run },
          { keys: "Enter", text: "", run },
        ]}
      />,
    );
    press(getByLabelText("inside"), { key: "F8", code: "F8" });
    press(getByText("button"), { key: "Enter", code: "Enter" });
    expect(run).not.toHaveBeenCalled();
    press(document.body, { key: "Enter", code: "Enter" });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("of the page are not heard under a dialog that has lost the focus, nor in the list of a selection", () => {
    const page = vi.fn();
    const dialog = vi.fn();
    const bindings = [
      { keys: "k", text: "", run: page },
      { keys: "y", text: "", run: dialog, inDialogs: true },
    ];
    const { container } = render(<Binder bindings={bindings} />);
    const put = (html: [string, string][]) => {
      const element = document.createElement("div");
      for (const [name, value] of html) element.setAttribute(name, value);
      container.append(element);
      return element;
    };
    press(put([["data-trigger", "Select"]]), { key: "k", code: "KeyK" });
    press(put([["aria-haspopup", "listbox"]]), { key: "k", code: "KeyK" });
    const veil = put([["data-modal", ""]]);
    press(document.body, { key: "k", code: "KeyK" });
    expect(page).not.toHaveBeenCalled();
    press(document.body, { key: "y", code: "KeyY" });
    expect(dialog).toHaveBeenCalledTimes(1);
    veil.remove();
    press(document.body, { key: "k", code: "KeyK" });
    expect(page).toHaveBeenCalledTimes(1);
  });

  it("are heard from the moment in which their button is seen, new or enabled anew", () => {
    const run = vi.fn();
    // Runs when the page shows what was rendered, before anything that React leaves for later.
    function Shown({ disabled }: { disabled: boolean }) {
      useLayoutEffect(() => press(document.body, { key: "F2", code: "F2" }), []);
      useLayoutEffect(() => {
        if (!disabled) press(document.body, { key: "F2", code: "F2" });
      }, [disabled]);
      return <Binder bindings={[]} />;
    }
    const at = (disabled: boolean) => (
      <>
        <Binder bindings={[{ keys: "F2", text: "", run, disabled }]} />
        <Shown disabled={disabled} />
      </>
    );
    const { rerender } = render(at(true));
    expect(run).not.toHaveBeenCalled();
    rerender(at(false));
    expect(run).toHaveBeenCalledTimes(1);
    cleanup();
    render(at(false));
    expect(run).toHaveBeenCalledTimes(3);
  });

  it("tell when they were pressed", () => {
    const run = vi.fn();
    render(<Binder bindings={[{ keys: "k", text: "", run }]} />);
    const event = new KeyboardEvent("keydown", { key: "k", code: "KeyK", bubbles: true });
    document.body.dispatchEvent(event);
    expect(run).toHaveBeenCalledExactlyOnceWith(event.timeStamp);
  });

  it("are heard by the newest that has them, and by nobody who has left", () => {
    const first = vi.fn();
    const second = vi.fn();
    render(<Binder bindings={[{ keys: "k", text: "", run: first }]} />);
    const { unmount } = render(<Binder bindings={[{ keys: "k", text: "", run: second }]} />);
    press(document.body, { key: "k", code: "KeyK" });
    unmount();
    press(document.body, { key: "k", code: "KeyK" });
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  });

  it("stand in the help once each, the newest group first", () => {
    const binding = (keys: string) => ({ keys, text: keys, run: () => {} });
    const groups = [
      { title: "Everywhere", bindings: [binding("?")] },
      { title: "Screen", bindings: [binding("k")] },
      { title: "Screen", bindings: [binding("k"), binding("j")] },
    ];
    expect(mergedGroups(groups).map((group) => [group.title, group.bindings.map((one) => one.keys)])).toEqual([
      ["Screen", ["k", "j"]],
      ["Everywhere", ["?"]],
    ]);
  });

  it("are written as on the keyboard", () => expect(keyText("Alt+k")).toBe("Alt K"));
});
