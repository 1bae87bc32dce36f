import type { Centre } from "@schema";
import { createStore } from "zustand/vanilla";
import { get } from "@/api/client";
import { setClock } from "@/live/clock";

/** Name and time zone of the centre; known from the welcome or from /centre, whichever came last. */
export const centreStore = createStore<{ name: string; timeZone: string; centre: Centre | null }>(() => ({
  name: "",
  timeZone: "UTC",
  centre: null,
}));

export async function readCentre(): Promise<void> {
  const centre = await get<Centre>("/api/v1/centre");
  // Who has no stream has the centre's time from here.
  setClock(centre.now, centre.speed);
  centreStore.setState({ centre, name: centre.name, timeZone: centre.time_zone });
}
