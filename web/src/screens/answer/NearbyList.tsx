import type { Call, Incident } from "@schema";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { serverNow_ms } from "@/live/clock";
import { useEntity, useSelected } from "@/live/hooks";
import { nearbyOf } from "@/screens/answer/near";
import styles from "@/screens/answer/Side.module.css";
import { useKeys } from "@/shell/keys";
import { useAct } from "@/shell/useAct";
import { Badge, Button, classes, Elapsed, Panel, PriorityMark, StateMark } from "@/ui";

const KEYS = ["Alt+q", "Alt+w", "Alt+e"];
/** So long one press waits for the second, which links for good. */
const ARMED_MS = 4_000;

interface Row {
  id: number;
  metres: number;
  likely: boolean;
  keys: string | undefined;
  armed: boolean;
  canLink: boolean;
  onPress: () => void;
}

function NearbyRow({ id, metres, likely, keys, armed, canLink, onPress }: Row) {
  const { t } = useTranslation("answer");
  const format = useFormat();
  const incident = useEntity("incidents", id);
  if (!incident) return null;
  const units = incident.missions.map((mission) => mission.unit_code || mission.unit_name).join(", ");
  return (
    <li className={classes(styles.near, armed && styles.armed)}>
      <div className={styles.nearHead}>
        <PriorityMark priority={incident.priority} short />
        <span className={styles.nearName}>{t("near.incident", { id })}</span>
        {likely ? <Badge tone="warn">{t("near.likely")}</Badge> : null}
        <span className={styles.nearFar}>{format.distance(metres)}</span>
      </div>
      <div className={styles.nearMore}>
        <StateMark kind="incident_state" state={incident.state} />
        <span className={styles.dim}>{units || t("near.nobody")}</span>
        <span className={styles.nearFar}>
          <Elapsed since={incident.offered_at} />
        </span>
      </div>
      {canLink ? (
        <Button size="small" kind={armed ? "danger" : "normal"} hint={keys} onPress={onPress} wide>
          {armed ? t("near.again") : t("near.same")}
        </Button>
      ) : null}
    </li>
  );
}

/** Open incidents near the place: is it the same event? Two presses of one key link the call to it. */
export function NearbyList({ call }: { call: Call }) {
  const { t } = useTranslation("answer");
  const { send } = useAct();
  const { point, incident: own } = call;
  const [armed, setArmed] = useState<number | null>(null);
  const pick = useCallback(
    (incidents: Iterable<Incident>) =>
      point ? nearbyOf(incidents, point, own, serverNow_ms()).map((one) => JSON.stringify(one)) : [],
    [point, own],
  );
  const found = useSelected("incidents", pick);
  const nearby = useMemo(() => found.map((text) => JSON.parse(text) as ReturnType<typeof nearbyOf>[number]), [found]);
  const canLink = call.state === "located";
  useEffect(() => {
    if (armed === null) return undefined;
    const timer = setTimeout(() => setArmed(null), ARMED_MS);
    return () => clearTimeout(timer);
  }, [armed]);
  const press = (id: number) => {
    if (armed !== id) return setArmed(id);
    setArmed(null);
    void send("call_link", { call: call.id, incident: id }, t("near.same"));
  };
  useKeys(
    t("title"),
    KEYS.map((keys, index) => {
      const id = nearby[index]?.id;
      return {
        keys,
        text: t("near.key", { number: index + 1 }),
        run: () => id !== undefined && press(id),
        disabled: !canLink || id === undefined,
      };
    }),
  );
  return (
    <Panel title={t("near.title")} count={nearby.length} className={styles.nearby} scrolls={nearby.length > 0}>
      {nearby.length === 0 ? (
        <p className={styles.quiet}>{point ? t("near.none") : t("near.noPlace")}</p>
      ) : (
        <ul>
          {nearby.map((one, index) => (
            <NearbyRow
              key={one.id}
              {...one}
              keys={KEYS[index]}
              armed={armed === one.id}
              canLink={canLink}
              onPress={() => press(one.id)}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}
