// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { Order } from "@/screens/dispatch/orders";
import { inTurn } from "@/screens/dispatch/perform";

const priority: Order = { what: "priority", incident: 7, priority: "critical" };
const cancel: Order = { what: "cancel", incident: 7 };

describe("orders", () => {
  it("are carried out one after the other, also behind one that was refused", async () => {
    const begun: string[] = [];
    let refuse: (value: boolean) => void = () => {};
    const first = inTurn(priority, () => {
      begun.push("priority");
      return new Promise((resolve) => {
        refuse = resolve;
      });
    });
    const second = inTurn(cancel, async () => {
      begun.push("cancel");
      return true;
    });
    await Promise.resolve();
    expect(begun).toEqual(["priority"]);
    refuse(false);
    expect([await first, await second]).toEqual([false, true]);
    expect(begun).toEqual(["priority", "cancel"]);
  });

  it("that are pressed twice are carried out once, and again when they are given anew", async () => {
    let count = 0;
    const carry = async () => {
      count += 1;
      return true;
    };
    const both = [inTurn(cancel, carry), inTurn({ ...cancel }, carry)];
    expect(await Promise.all(both)).toEqual([true, true]);
    expect(count).toBe(1);
    await inTurn(cancel, carry);
    expect(count).toBe(2);
  });
});
