import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { SignPicture } from "@/map";
import type { Sign } from "@/map/glyphs";
import styles from "@/screens/map/LayerPanel.module.css";
import { COVERAGE_MINUTES, type CoverageShown } from "@/screens/map/useGeo";
import { LAYER_KEYS, type LayerName, type Shown } from "@/screens/map/useLayers";
import { Checkbox } from "@/ui/Checkbox";
import { KeyHint } from "@/ui/KeyHint";
import { Panel } from "@/ui/Panel";

const UNIT_SIGNS: readonly Sign[] = [
  "post",
  "ordered",
  "to_scene",
  "scene",
  "to_facility",
  "facility",
  "returning",
  "out_of_service",
];
const ROOMY_PIXELS = 860;
const OTHER_SIGNS = { open: "open", diverting: "diverting", shut: "shut", station: "station" } as const;

function Legend() {
  const { t } = useTranslation("map");
  return (
    <details className={styles.legend} open={window.innerHeight >= ROOMY_PIXELS}>
      <summary>{t("legend.title")}</summary>
      <ul>
        {UNIT_SIGNS.map((sign) => (
          <li key={sign}>
            <SignPicture sign={sign} />
            {t(`legend.${sign}`)}
          </li>
        ))}
        <li>
          <SignPicture sign="severe-waiting" />
          {t("legend.waiting")}
        </li>
        <li>
          <SignPicture sign="severe" />
          {t("legend.served")}
        </li>
        {Object.values(OTHER_SIGNS).map((sign) => (
          <li key={sign}>
            <SignPicture sign={sign} />
            {t(`legend.${sign}`)}
          </li>
        ))}
        <li>
          <span className={styles.old} aria-hidden="true" />
          {t("legend.old")}
        </li>
      </ul>
    </details>
  );
}

export interface LayerPanelProps {
  shown: Shown;
  toggle: (name: LayerName) => void;
  coverage: CoverageShown | null;
  /** Around what isochrones are drawn; null: nothing is chosen yet. */
  isochronesOf: object | null;
}

/** What is shown, what its signs mean, and what the computed layers say in figures. */
export function LayerPanel({ shown, toggle, coverage, isochronesOf }: LayerPanelProps) {
  const { t } = useTranslation("map");
  const format = useFormat();
  const note = (name: LayerName): string | null => {
    if (name === "isochrones" && shown.isochrones && !isochronesOf) return t("layers.isochronesNone");
    if (name !== "coverage" || !coverage) return null;
    const share = coverage.share === null ? "–" : format.percent(coverage.share);
    return t("layers.coverageNote", { share, count: coverage.units, minutes: COVERAGE_MINUTES });
  };
  return (
    <div className={styles.panel}>
      <Panel title={t("layers.title")} padded>
        <ul className={styles.layers}>
          {(Object.keys(LAYER_KEYS) as LayerName[]).map((name) => (
            <li key={name}>
              <Checkbox isSelected={shown[name]} onChange={() => toggle(name)}>
                {t(`layers.${name}`)}
                <KeyHint keys={LAYER_KEYS[name]} />
              </Checkbox>
              {note(name) ? <p className={styles.note}>{note(name)}</p> : null}
            </li>
          ))}
        </ul>
        <Legend />
      </Panel>
    </div>
  );
}
