import type { MissionEvent, UnitEvent } from "@schema";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useProblemWords } from "@/api/wording";
import { useFormat } from "@/i18n/format";
import type { Kept } from "@/lib/kept";
import { useConnection } from "@/live/hooks";
import { problemOfAct, putAway, retryAct, useKept } from "@/screens/crew/acts";
import styles from "@/screens/crew/crew.module.css";
import { Button } from "@/ui/Button";

type Named = Pick<Kept, "path" | "body">;

/** What an act was, in the words of the button that did it. */
export function useActText(): (item: Named) => string {
  const { t } = useTranslation("crew");
  return (item) => textOf(item, t);
}

function textOf({ path, body }: Named, t: TFunction<"crew">): string {
  switch (path.slice(path.lastIndexOf("/") + 1)) {
    case "mission_report":
      return t(`stage.${body.stage as MissionEvent}` as "stage.depart");
    case "unit_report":
      return t(`unitEvent.${body.what as UnitEvent}` as "unitEvent.repair");
    case "destination_set":
      return t("facility.title");
    case "transport_request":
      return t("facility.which");
    case "patient_describe":
      return t("patient.send");
    case "units_request":
      return t("help.title");
    case "message_read":
      return t("messages.read");
    default:
      return t("messages.own");
  }
}

function Refused({ item }: { item: Kept }) {
  const { t } = useTranslation("crew");
  const words = useProblemWords();
  const format = useFormat();
  const what = useActText();
  const problem = problemOfAct(item);
  if (!problem) return null;
  const { title, more } = words(problem);
  return (
    <div className={styles.refused} role="alert">
      <p className={styles.strong}>{t("kept.refused", { what: what(item), time: format.timeSeconds(item.at_ms) })}</p>
      <p>
        {title} {more}
      </p>
      <div className={styles.pair}>
        <Button size="large" onPress={() => retryAct(item.key)}>
          {t("kept.again")}
        </Button>
        <Button size="large" onPress={() => putAway(item.key)}>
          {t("kept.seen")}
        </Button>
      </div>
    </div>
  );
}

/** What waits to be sent, and what was refused: nothing is dropped without a word. */
export function KeptBand({ person }: { person: number }) {
  const { t } = useTranslation("crew");
  const { items, trouble, volatile } = useKept();
  const { state } = useConnection();
  const format = useFormat();
  const what = useActText();
  const waiting = items.filter((item) => item.person === person && !item.refusal);
  const others = items.filter((item) => item.person !== person).length;
  // What goes out at once is no news.
  const told = waiting.length > 0 && (trouble !== null || state !== "live");
  return (
    <>
      {told ? (
        <details className={styles.kept}>
          <summary role="status">{t("kept.count", { count: waiting.length })}</summary>
          <ol>
            {waiting.map((item) => (
              <li key={item.key}>
                {format.timeSeconds(item.at_ms)} {what(item)}
              </li>
            ))}
          </ol>
          <p>{t(volatile ? "kept.volatile" : "kept.safe")}</p>
        </details>
      ) : null}
      {items.map((item) => (item.refusal && item.person === person ? <Refused key={item.key} item={item} /> : null))}
      {others > 0 ? <p className={styles.kept}>{t("kept.others", { count: others })}</p> : null}
    </>
  );
}
