import type { Erased } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { remove } from "@/api/client";
import { Confirm } from "@/screens/admin/parts/Confirm";
import { checkWhole } from "@/screens/admin/parts/check";
import styles from "@/screens/admin/parts/Form.module.css";
import { useFault } from "@/screens/admin/parts/useFault";
import { useOnce } from "@/screens/admin/parts/useOnce";
import page from "@/screens/admin/people/Erase.module.css";
import { Button, Checkbox, Field, Panel } from "@/ui";

const U32_MAX = 4_294_967_295;

/** Destroys the personal data of an incident's calls: number, then read what goes and what stays, then the number once more. */
export function Erase() {
  const { t } = useTranslation("admin");
  const fault = useFault();
  const [incident, setIncident] = useState("");
  const [again, setAgain] = useState("");
  const [read, setRead] = useState(false);
  const [asking, setAsking] = useState(false);
  const [erased, setErased] = useState<Erased | null>(null);
  const { run, pending, problem, clear } = useOnce();
  const wrong = incident === "" ? undefined : checkWhole(incident, 1, U32_MAX);
  const close = () => {
    setAsking(false);
    setAgain("");
    setRead(false);
    clear();
  };
  const erase = async () => {
    const done = await run(async () =>
      setErased(await remove<Erased>(`/api/v1/incidents/${Number(incident)}/personal`)),
    );
    if (!done) return;
    close();
    setIncident("");
  };
  const next = () => {
    setErased(null);
    setAsking(true);
  };
  return (
    <div className={page.page}>
      <Panel title={t("section.personal")} padded>
        <div className={page.text}>
          <p>{t("erase.about")}</p>
          <p>{t("erase.stays")}</p>
          <Field
            label={t("erase.incident")}
            help={t("erase.incidentHelp")}
            value={incident}
            onChange={setIncident}
            inputMode="numeric"
            error={fault(wrong)}
          />
          <div className={styles.buttons}>
            <Button kind="danger" isDisabled={incident === "" || wrong !== undefined} onPress={next}>
              {t("erase.next")}
            </Button>
          </div>
          {erased ? (
            <p className={page.done} role="status">
              ✓ {t("erase.done", { incident: erased.incident, count: erased.calls })}
            </p>
          ) : null}
        </div>
      </Panel>
      <Confirm
        title={t("erase.title", { incident })}
        isOpen={asking}
        onClose={close}
        onConfirm={() => void erase()}
        confirm={t("erase.confirm")}
        isDisabled={pending || !read || again.trim() !== incident.trim()}
        problem={problem}
      >
        <ul className={page.list}>
          <li>{t("erase.goes")}</li>
          <li>{t("erase.stays")}</li>
          <li>{t("erase.never")}</li>
        </ul>
        <Field label={t("erase.again")} value={again} onChange={setAgain} inputMode="numeric" />
        <Checkbox isSelected={read} onChange={setRead}>
          {t("erase.read")}
        </Checkbox>
      </Confirm>
    </div>
  );
}
