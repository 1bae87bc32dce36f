// What of the crew's screen is shown, in the address: the phone's own "back" closes a sheet.
import { routeStore, setQuery, useRoute } from "@/shell/router";

export const TABS = ["order", "way", "patient", "messages", "unit"] as const;
export type Tab = (typeof TABS)[number];
export const SHEETS = ["status", "facility", "help"] as const;
export type Sheet = (typeof SHEETS)[number];

export function useView(): { tab: Tab; sheet: Sheet | null } {
  const { query } = useRoute();
  return {
    tab: TABS.find((name) => name === query.tab) ?? "order",
    sheet: SHEETS.find((name) => name === query.sheet) ?? null,
  };
}

export function openTab(tab: Tab): void {
  setQuery({ tab: tab === "order" ? null : tab, sheet: null });
}

export function openSheet(sheet: Sheet): void {
  if (routeStore.getState().query.sheet !== sheet) setQuery({ sheet }, false);
}

export function closeSheet(): void {
  setQuery({ sheet: null });
}
