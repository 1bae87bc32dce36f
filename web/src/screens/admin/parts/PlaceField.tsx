import type { PlaceAround, PlaceFound, PlacesFound, Point } from "@schema";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { MapView } from "@/map";
import styles from "@/screens/admin/parts/PlaceField.module.css";
import { SearchPick } from "@/screens/admin/parts/SearchPick";

const PAUSE_MS = 150;
const LIMIT = 8;

export function pointText(point: Point): string {
  return `${point.lat.toFixed(5)}, ${point.lon.toFixed(5)}`;
}

function useFound(query: string): readonly PlaceFound[] | null {
  const [found, setFound] = useState<readonly PlaceFound[] | null>(null);
  useEffect(() => {
    setFound(null);
    if (query.trim() === "") return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      get<PlacesFound>(`/api/v1/places?q=${encodeURIComponent(query.trim())}&limit=${LIMIT}`, {
        signal: abort.signal,
      }).then(
        ({ items }) => setFound(items),
        () => abort.signal.aborted || setFound([]),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  return found;
}

/** What lies at the point, in words; empty until it is known. */
function useAround(point: Point | null): string {
  const [text, setText] = useState("");
  const [lon, lat] = [point?.lon, point?.lat];
  useEffect(() => {
    setText("");
    if (lon === undefined || lat === undefined) return undefined;
    const abort = new AbortController();
    get<PlaceAround>(`/api/v1/places/at?lon=${lon}&lat=${lat}`, { signal: abort.signal }).then(
      (around) => setText([around.road, around.cross].filter(Boolean).join(" / ") || around.place || ""),
      () => {}, // the coordinates stand there already
    );
    return () => abort.abort();
  }, [lon, lat]);
  return text;
}

export interface PlaceFieldProps {
  value: Point | null;
  onChange: (point: Point) => void;
  error?: string;
  onBlur?: () => void;
}

/** Where something is: searched by name or coordinates, or picked on the map. */
export function PlaceField({ value, onChange, error, onBlur }: PlaceFieldProps) {
  const { t } = useTranslation("admin");
  const [query, setQuery] = useState("");
  const found = useFound(query);
  const around = useAround(value);
  const options = (found ?? []).map((place, index) => ({
    id: String(index),
    text: place.name,
    detail: [place.detail, place.district_name].filter(Boolean).join(" · "),
  }));
  const focus = useMemo(() => (value ? { point: value } : undefined), [value]);
  const marks = useMemo(() => (value ? [{ point: value }] : []), [value]);
  const chosen = value ? [around, pointText(value)].filter(Boolean).join(" · ") : "";
  const none = query.trim() === "" ? t("place.help") : found ? t("place.none") : t("place.searching");
  return (
    <div className={styles.place}>
      <SearchPick
        label={t("place.label")}
        chosen={chosen}
        query={query}
        onQuery={setQuery}
        options={options}
        onPick={(id) => {
          const place = found?.[Number(id)];
          if (place) onChange({ lon: place.point.lon, lat: place.point.lat });
        }}
        none={none}
        placeholder={t("place.placeholder")}
        help={t("place.map")}
        error={error}
        onBlur={onBlur}
      />
      <div className={styles.map}>
        <MapView label={t("place.mapLabel")} onPick={onChange} marks={marks} focus={focus} />
      </div>
    </div>
  );
}
