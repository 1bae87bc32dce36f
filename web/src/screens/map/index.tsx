import type { Point } from "@schema";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { cornersOf, type Focus, MapView, type Target } from "@/map";
import { LayerPanel } from "@/screens/map/LayerPanel";
import styles from "@/screens/map/MapScreen.module.css";
import { SearchBox } from "@/screens/map/SearchBox";
import { SelectionPanel } from "@/screens/map/SelectionPanel";
import { useCoverage, useDemand, useIsochrones, useRoutes } from "@/screens/map/useGeo";
import { useLayers } from "@/screens/map/useLayers";
import { useSelection } from "@/screens/map/useSelection";
import { useKeys } from "@/shell/keys";

interface Found {
  focus: Focus;
  label: string;
}

/** The whole city on one screen. */
export default function MapScreen() {
  const { t } = useTranslation("map");
  const [selected, select] = useSelection();
  const [following, setFollowing] = useState<number | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const { shown, toggle, views } = useLayers();
  const place = found?.focus.point ?? null;
  const coverage = useCoverage(shown.coverage);
  const heat = useDemand(shown.demand);
  const isochrones = useIsochrones(shown.isochrones, selected, place);
  const routes = useRoutes(selected);
  const reached = useMemo(() => (isochrones ? cornersOf(isochrones) : null), [isochrones]);
  const marks = useMemo(() => (found ? [{ point: found.focus.point, label: found.label }] : []), [found]);
  const follow = (unit: number | null) => setFollowing((now) => (now === unit ? null : unit));
  const choose = (target: Target | null) => {
    select(target);
    if (target?.kind !== "unit") setFollowing(null);
  };
  const find = (point: Point, label: string) => {
    choose(null);
    setFound({ focus: { point, zoom: 16 }, label });
  };
  useKeys(t("keys.title"), [
    {
      keys: "f",
      text: t("keys.follow"),
      disabled: selected?.kind !== "unit",
      run: () => selected && follow(selected.id),
    },
    {
      keys: "Escape",
      text: t("keys.close"),
      disabled: selected === null && found === null,
      run: () => (selected ? choose(null) : setFound(null)),
    },
  ]);
  return (
    <div className={styles.screen}>
      <MapView
        label={t("title")}
        units="live"
        incidents="live"
        layers={views}
        marks={marks}
        routes={routes}
        isochrones={isochrones}
        coverage={coverage?.shapes ?? null}
        heat={heat}
        selected={selected}
        onSelect={choose}
        focus={found?.focus ?? null}
        fit={reached}
        follow={following}
        onFollowEnd={() => setFollowing(null)}
      />
      <div className={styles.left}>
        <SearchBox onFind={find} onClear={() => setFound(null)} />
        <SelectionPanel selected={selected} select={choose} following={following} follow={follow} />
      </div>
      <LayerPanel shown={shown} toggle={toggle} coverage={coverage} isochronesOf={selected ?? place} />
    </div>
  );
}
