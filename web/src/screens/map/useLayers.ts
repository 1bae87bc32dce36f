import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Layers } from "@/map";
import { useKeys } from "@/shell/keys";

export const LAYER_KEYS = {
  units: "u",
  incidents: "i",
  facilities: "h",
  posts: "s",
  districts: "b",
  labels: "n",
  coverage: "c",
  isochrones: "t",
  demand: "d",
} as const;

export type LayerName = keyof typeof LAYER_KEYS;
export type Shown = Record<LayerName, boolean>;

const NAMES = Object.keys(LAYER_KEYS) as LayerName[];
const STORED = "mingdi.map.layers";
const FIRST: Shown = {
  units: true,
  incidents: true,
  facilities: true,
  posts: true,
  districts: true,
  labels: true,
  coverage: false,
  isochrones: false,
  demand: false,
};

function stored(): Shown {
  const hidden = new Set((localStorage.getItem(STORED) ?? "").split(" "));
  return Object.fromEntries(NAMES.map((name) => [name, FIRST[name] && !hidden.has(name)])) as Shown;
}

/** Which layers are shown. What hides something is kept; what is computed anew is asked for anew. */
export function useLayers(): { shown: Shown; toggle: (name: LayerName) => void; views: Layers } {
  const { t } = useTranslation("map");
  const [shown, setShown] = useState(stored);
  const toggle = useCallback((name: LayerName) => {
    setShown((before) => {
      const after = { ...before, [name]: !before[name] };
      localStorage.setItem(STORED, NAMES.filter((one) => FIRST[one] && !after[one]).join(" "));
      return after;
    });
  }, []);
  useKeys(
    t("keys.layers"),
    NAMES.map((name) => ({ keys: LAYER_KEYS[name], text: t(`layers.${name}`), run: () => toggle(name) })),
  );
  const { units, incidents, facilities, posts, districts, labels } = shown;
  const views = useMemo(
    () => ({ units, incidents, facilities, posts, districts, labels }),
    [units, incidents, facilities, posts, districts, labels],
  );
  return { shown, toggle, views };
}
