import type { Caller } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import styles from "@/screens/crew/crew.module.css";
import { useAct } from "@/shell/useAct";
import { Button } from "@/ui/Button";

/** Who called and what was said: read only when it is asked for, since each reading is recorded; never kept on the phone. */
export function CallerWords({ call, live }: { call: number; live: boolean }) {
  const { t } = useTranslation("crew");
  const { run, pending } = useAct();
  const [caller, setCaller] = useState<Caller | null>(null);
  const read = async () => setCaller(await run(() => get<Caller>(`/api/v1/calls/${call}/caller`), t("caller.title")));
  if (!caller) {
    return (
      <div>
        <Button size="large" wide isDisabled={pending || !live} onPress={() => void read()}>
          {t("caller.read")}
        </Button>
        <p className={styles.note}>{t(live ? "caller.recorded" : "caller.offline")}</p>
      </div>
    );
  }
  return (
    <section className={styles.words} aria-label={t("caller.title")}>
      <p className={styles.remarks}>{caller.remarks || t("caller.nothing")}</p>
      {caller.name ? <p>{caller.name}</p> : null}
      {caller.number ? (
        <a className={styles.link} href={`tel:${caller.number}`}>
          {t("caller.call", { number: caller.number })}
        </a>
      ) : null}
      <Button size="large" wide onPress={() => setCaller(null)}>
        {t("caller.close")}
      </Button>
    </section>
  );
}
