import type { CityMap } from "@schema";
import { get } from "@/api/client";

let asked: Promise<CityMap> | null = null;

/** What the map shows; asked for once, and again after a failure. */
export function readCity(): Promise<CityMap> {
  asked ??= get<CityMap>("/api/v1/map").catch((reason: unknown) => {
    asked = null;
    throw reason;
  });
  return asked;
}
