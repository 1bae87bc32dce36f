import type { Unit } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { command } from "@/api/client";
import { Confirm } from "@/screens/admin/parts/Confirm";
import styles from "@/screens/admin/parts/Form.module.css";
import { readOne } from "@/screens/admin/parts/readOne";
import type { All } from "@/screens/admin/parts/useAll";
import { useOnce } from "@/screens/admin/parts/useOnce";
import { notify } from "@/shell/notices";
import { Button } from "@/ui";

/** Out of the fleet for good, and back. Only off duty. */
export function RetireUnit({ unit, all, disabled }: { unit: Unit; all: All<Unit>; disabled: boolean }) {
  const { t } = useTranslation("admin");
  const [asking, setAsking] = useState(false);
  const { run, pending, problem, clear } = useOnce();
  const { code } = unit;
  const onDuty = unit.state !== "off_duty";
  const close = () => {
    setAsking(false);
    clear();
  };
  const turn = async () => {
    const done = await run(async () => {
      const now = await readOne(all, unit.id);
      const { id, revision, post, skills } = now;
      await command("unit_change", { unit: id, revision, post: post ?? 0, skills, retired: unit.retired ? 0 : 1 });
      await all.reload();
    });
    if (!done) return;
    notify({ tone: "ok", text: unit.retired ? t("unit.isBack", { code }) : t("unit.isRetired", { code }) });
    setAsking(false);
  };
  return (
    <div className={styles.group}>
      <div className={styles.buttons}>
        <Button
          kind={unit.retired ? "normal" : "danger"}
          isDisabled={disabled || (onDuty && !unit.retired)}
          onPress={() => setAsking(true)}
        >
          {unit.retired ? t("unit.takeBack") : t("unit.retire")}
        </Button>
      </div>
      {onDuty && !unit.retired ? <p className={styles.note}>{t("unit.onDuty")}</p> : null}
      <Confirm
        title={unit.retired ? t("unit.backTitle", { code }) : t("unit.retireTitle", { code })}
        isOpen={asking}
        onClose={close}
        onConfirm={() => void turn()}
        confirm={unit.retired ? t("unit.takeBack") : t("unit.retire")}
        isDisabled={pending}
        problem={problem}
      >
        <p>{unit.retired ? t("unit.backText") : t("unit.retireText")}</p>
        {unit.retired ? null : <p>{t("unit.retireStays")}</p>}
      </Confirm>
    </div>
  );
}
