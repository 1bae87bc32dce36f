// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DateField, type DateFieldProps } from "@/ui/DateField";

// happy-dom tells of a changed selection while it changes it, again and again; a browser does so afterwards.
beforeEach(() => void vi.spyOn(Selection.prototype, "collapse").mockImplementation(() => {}));
afterEach(cleanup);

function show(locale: string, first: string, props: Partial<DateFieldProps> = {}) {
  const told = vi.fn<(text: string) => void>();
  function Held() {
    const [value, setValue] = useState(first);
    const change = (text: string) => {
      told(text);
      setValue(text);
    };
    return (
      <I18nProvider locale={locale}>
        <DateField label="From" value={value} onChange={change} {...props} />
      </I18nProvider>
    );
  }
  render(<Held />);
  return told;
}

const parts = () => screen.getAllByRole("spinbutton");
const texts = () => parts().map((part) => part.textContent);
const part = (name: RegExp) => screen.getByRole("spinbutton", { name });

function press(at: HTMLElement, key: string): void {
  act(() => at.focus());
  fireEvent.keyDown(at, { key });
  fireEvent.keyUp(at, { key });
}

function type(at: HTMLElement, digits: string): void {
  act(() => at.focus());
  for (const data of digits)
    act(() => {
      at.dispatchEvent(
        new InputEvent("beforeinput", { data, inputType: "insertText", bubbles: true, cancelable: true }),
      );
    });
}

describe("a field of a date", () => {
  it("stands in the order of the console's language, with a clock of 24 hours", () => {
    show("zh-CN", "2026-11-02T18:05", { withTime: true });
    expect(texts()).toEqual(["2026", "11", "02", "18", "05"]);
    cleanup();
    show("en", "2026-11-02T18:05", { withTime: true });
    expect(texts()).toEqual(["11", "02", "2026", "18", "05"]);
  });

  it("has a label, and names each part", () => {
    show("en", "2026-11-02T18:05", { withTime: true });
    expect(screen.getByRole("group", { name: "From" })).toBeDefined();
    for (const name of [/month.*From/, /day.*From/, /year.*From/, /hour.*From/, /minute.*From/])
      expect(part(name)).toBeDefined();
  });

  it("is stepped by arrows", () => {
    const told = show("en", "2026-02-27");
    press(part(/day/), "ArrowUp");
    expect(told).toHaveBeenLastCalledWith("2026-02-28");
    press(part(/month/), "ArrowDown");
    expect(told).toHaveBeenLastCalledWith("2026-01-28");
  });

  it("tells of a typed year when it is whole", () => {
    const told = show("en", "2026-11-02T18:05", { withTime: true });
    type(part(/year/), "2025");
    expect(told.mock.calls).toEqual([["2025-11-02T18:05"]]);
    type(part(/hour/), "07");
    expect(told).toHaveBeenLastCalledWith("2025-11-02T07:05");
  });

  it("is empty where there is no date, and tells of the first whole one", () => {
    const told = show("en", "");
    expect(parts().every((one) => one.hasAttribute("data-placeholder"))).toBe(true);
    type(part(/month/), "12");
    type(part(/day/), "24");
    expect(told).not.toHaveBeenCalled();
    type(part(/year/), "2026");
    expect(told.mock.calls).toEqual([["2026-12-24"]]);
  });

  it("shows again what holds when it is left half typed", () => {
    const told = show("en", "2026-11-02");
    type(part(/year/), "20");
    act(() => part(/year/).blur());
    expect(texts()).toEqual(["11", "02", "2026"]);
    press(part(/day/), "Backspace");
    press(part(/day/), "Backspace");
    act(() => part(/day/).blur());
    expect(texts()).toEqual(["11", "02", "2026"]);
    expect(told).not.toHaveBeenCalled();
  });
});
