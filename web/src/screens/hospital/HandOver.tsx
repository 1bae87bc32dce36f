import { useTranslation } from "react-i18next";
import { useEntity } from "@/live/hooks";
import { arrivedAt, HANDOVER_TARGET_S } from "@/screens/hospital/arrivals";
import { PatientLine } from "@/screens/hospital/PatientLine";
import { notify } from "@/shell/notices";
import { useAct } from "@/shell/useAct";
import { Button, Dialog, Elapsed, PriorityMark } from "@/ui";

/** Asks once: a handover cannot be taken back, and ends the crew's clock. */
export function HandOver({ mission: id, onClose }: { mission: number | null; onClose: () => void }) {
  const { t } = useTranslation("hospital");
  const { send, pending } = useAct();
  const mission = useEntity("missions", id);
  if (!mission) return null;
  const unit = mission.unit_name || mission.unit_code || "";
  const waiting = mission.state === "at_facility";
  const confirm = async () => {
    const done = await send("mission_report", { mission: mission.id, stage: "hand_over" }, t("handOver.button"));
    if (done) notify({ tone: "ok", text: t("handOver.done", { unit }) });
    onClose();
  };
  return (
    <Dialog
      title={t("handOver.title", { unit })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("cancel")}</Button>
          <Button kind="primary" autoFocus isDisabled={pending || !waiting} onPress={() => void confirm()}>
            {t("handOver.confirm")}
          </Button>
        </>
      }
    >
      {mission.priority ? <PriorityMark priority={mission.priority} /> : null}
      <PatientLine mission={mission} />
      <p>
        {t("handOver.since")} <Elapsed since={arrivedAt(mission)} target_s={HANDOVER_TARGET_S} />
      </p>
      <p>{waiting ? t("handOver.text") : t("handOver.over")}</p>
    </Dialog>
  );
}
