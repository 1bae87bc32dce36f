// Carries orders out: one at a time, with the revision that was seen; what is refused is told where it was ordered.
import type { OverrideReason } from "@schema";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { useLabel } from "@/i18n/labels";
import { carryOut, Partly } from "@/screens/dispatch/carryOut";
import type { Order, OrderKind } from "@/screens/dispatch/orders";
import { orderText } from "@/screens/dispatch/orderText";
import { askReason } from "@/screens/dispatch/questions";
import { dispatchStore } from "@/screens/dispatch/store";
import { notify, notifyProblem } from "@/shell/notices";

/** True: done. False: refused, or it waits for a reason; the person has been told or asked. */
export type Perform = (order: Order) => Promise<boolean>;

const QUIET: readonly OrderKind[] = ["read", "acknowledge"];

/** The same order by what stands now, not by what was seen. */
export function allTheSame(order: Order): Order {
  return "revision" in order ? { ...order, revision: undefined } : order;
}

/** The button that was pressed may be gone with what it did: the list then has the focus. */
function keepFocus(): void {
  if (document.activeElement === document.body) document.querySelector<HTMLElement>("[role=listbox]")?.focus();
}

const underWay = new Map<string, Promise<boolean>>();
let last: Promise<unknown> = Promise.resolve();

/** One after the other, in the order in which they were given; the same order is carried out once, however often it was pressed. */
export function inTurn(order: Order, carry: () => Promise<boolean>): Promise<boolean> {
  const key = JSON.stringify(order);
  const same = underWay.get(key);
  if (same) return same;
  const done = last.then(carry).finally(() => underWay.delete(key));
  underWay.set(key, done);
  last = done.catch(() => {});
  return done;
}

function lacksReason(order: Order): boolean {
  if (order.what === "swap") return !order.override;
  return (order.what === "send" || order.what === "destination") && order.asks === true && !order.override;
}

export function usePerform(): Perform {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  return useCallback(
    async function perform(order: Order): Promise<boolean> {
      const what = orderText(t, label, order);
      const withReason = (override: OverrideReason) => void perform({ ...order, override } as Order);
      if (lacksReason(order)) {
        askReason(t, label, what, withReason);
        return false;
      }
      dispatchStore.setState({ refusal: null });
      return inTurn(order, async () => {
        dispatchStore.setState({ pending: true });
        try {
          await carryOut(order);
          if (!QUIET.includes(order.what)) notify({ tone: "ok", text: t("done", { what }) });
          return true;
        } catch (thrown) {
          const partly = thrown instanceof Partly ? thrown : null;
          const problem = asProblem(partly ? partly.refusal : thrown);
          if (!partly && problem.name === "override_needs_reason") askReason(t, label, what, withReason);
          else {
            const told = partly ? t(`partly.${partly.step}`) : "";
            // One that was refused just before, while this one waited for its turn, is not wiped away unread.
            const { refusal } = dispatchStore.getState();
            if (refusal) notifyProblem(refusal.problem, refusal.what);
            dispatchStore.setState({ refusal: { order: partly?.rest ?? order, what, problem, partly: told } });
          }
          return false;
        } finally {
          dispatchStore.setState({ pending: false });
          requestAnimationFrame(keepFocus);
        }
      });
    },
    [t, label],
  );
}
