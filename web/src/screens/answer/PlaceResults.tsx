import type { PlaceFound } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import styles from "@/screens/answer/Place.module.css";
import { pointText } from "@/screens/answer/usePlaces";
import { classes } from "@/ui";

// What the centre tells as details of these is a code that people know; that of roads and places is the map's.
const WITH_DETAIL = ["post", "facility", "coordinates"];

function PlaceRow({ place }: { place: PlaceFound }) {
  const { t } = useTranslation("answer");
  const format = useFormat();
  const known = ["road", "junction", "place", "post", "facility", "coordinates"].includes(place.kind);
  const about = [
    known ? t(`place.kind.${place.kind}`) : "",
    !known || WITH_DETAIL.includes(place.kind) ? place.detail : "",
    place.district_name,
  ];
  return (
    <>
      <span className={styles.found}>
        <span className={styles.foundName}>{place.name || pointText(place.point)}</span>
        {place.matched ? <span className={styles.alias}>{t("place.alias", { name: place.matched })}</span> : null}
      </span>
      <span className={styles.about}>{about.filter(Boolean).join(" · ")}</span>
      <span className={styles.far}>{place.distance_m === null ? "" : format.distance(place.distance_m)}</span>
    </>
  );
}

export interface PlaceResultsProps {
  id: string;
  items: readonly PlaceFound[];
  at: number;
  /** Over what stands below, instead of pushing it down. */
  floating: boolean;
  onPick: (place: PlaceFound) => void;
  onPoint: (at: number) => void;
}

/** The places found, the best first; the field above moves in it. */
export function PlaceResults({ id, items, at, floating, onPick, onPoint }: PlaceResultsProps) {
  const { t } = useTranslation("answer");
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t("place.results")}
      className={classes(styles.results, floating && styles.floating)}
    >
      {items.map((place, index) => (
        <div
          key={`${place.kind} ${place.name} ${place.point.lon} ${place.point.lat}`}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          className={classes(styles.result, index === at && styles.chosen)}
          onPointerMove={() => onPoint(index)}
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(place);
          }}
        >
          <PlaceRow place={place} />
        </div>
      ))}
    </div>
  );
}
