// Fields by their place on the page: whoever tells of one can lead there.
import type { FieldId } from "@/screens/paper/check";

const STOPS = "input:not([type=hidden]), select, textarea, [role=spinbutton]";

/** Leads to the first of these fields, in the order of the page. */
export function focusField(form: HTMLElement | null, fields: readonly FieldId[]): void {
  const places = [...(form?.querySelectorAll<HTMLElement>("[data-field]") ?? [])];
  const place = places.find((one) => fields.includes(one.dataset.field ?? ""));
  const stop = place?.querySelector<HTMLElement>(STOPS);
  stop?.focus();
  stop?.scrollIntoView?.({ block: "nearest" });
}

/** The next field behind this one; ticks of one question are one field. */
export function nextStop(form: HTMLElement, from: HTMLElement, back: boolean): HTMLElement | null {
  const here = from.closest<HTMLElement>("[data-field]");
  const stops = [...form.querySelectorAll<HTMLElement>(STOPS)].filter(
    (one) => !(one as HTMLInputElement).disabled && one.tabIndex >= 0,
  );
  const firsts = stops.filter((one) => {
    const place = one.closest<HTMLElement>("[data-field]");
    const chosen = place?.querySelector<HTMLElement>("input[type=radio]:checked");
    return place === null || one === (chosen ?? place.querySelector(STOPS));
  });
  const at = firsts.findIndex((one) => one === from || here?.contains(one) === true);
  if (at < 0) return null;
  return firsts[back ? at - 1 : at + 1] ?? null;
}
