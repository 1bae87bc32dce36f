import type { Changed, Seat } from "@schema";
import { useTranslation } from "react-i18next";
import { patch, post } from "@/api/client";
import { useLabel } from "@/i18n/labels";
import { checkCode, checkText, faultsOf } from "@/screens/admin/parts/check";
import { FormFrame } from "@/screens/admin/parts/FormFrame";
import { History } from "@/screens/admin/parts/History";
import { same } from "@/screens/admin/parts/merge";
import { RecordPanel } from "@/screens/admin/parts/Record";
import { Registry } from "@/screens/admin/parts/Registry";
import styles from "@/screens/admin/parts/Registry.module.css";
import { readOne } from "@/screens/admin/parts/readOne";
import { TextOf } from "@/screens/admin/parts/TextOf";
import { type All, useAll } from "@/screens/admin/parts/useAll";
import { useFault } from "@/screens/admin/parts/useFault";
import { useForm } from "@/screens/admin/parts/useForm";
import { useSaver } from "@/screens/admin/parts/useSaver";
import { CODE_BYTES, NAME_BYTES } from "@/screens/admin/register/names";
import { titleOf } from "@/screens/admin/register/titleOf";
import { setQuery } from "@/shell/router";
import { Select } from "@/ui";

const DESKS = ["call_taker", "dispatcher", "duty_commander"] as const;

interface SeatFields {
  code: string;
  name: string;
  desk: string;
}

function fieldsOf(seat: Seat | null): SeatFields {
  return { code: seat?.code ?? "", name: seat?.name ?? "", desk: seat?.desk ?? "" };
}

function send(values: SeatFields, now: Seat | null): Promise<unknown> {
  if (!now) return post("/api/v1/seats", values);
  const before = fieldsOf(now);
  const changed = Object.entries(values).filter(([key, value]) => !same(value, before[key as keyof SeatFields]));
  return patch(`/api/v1/seats/${now.id}`, Object.fromEntries(changed));
}

function SeatForm({ seat, all }: { seat: Seat | null; all: All<Seat> }) {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const fault = useFault();
  const others = all.items.filter((other) => other.id !== seat?.id).map((other) => other.code);
  const form = useForm<SeatFields>(`seat.${seat?.id ?? "new"}`, fieldsOf(seat), (values) =>
    faultsOf<SeatFields>({
      code: checkCode(values.code, CODE_BYTES, others),
      name: checkText(values.name, NAME_BYTES),
      desk: values.desk === "" ? { fault: "choose" } : undefined,
    }),
  );
  const saver = useSaver<SeatFields, Seat>({
    form,
    read: seat ? () => readOne(all, seat.id) : null,
    fieldsOf,
    send,
    done: seat ? t("saved", { name: form.values.code }) : t("added", { name: form.values.code }),
    after: (result) => {
      if (seat) return;
      void all.reload().then(() => setQuery({ id: (result as Changed).id, add: null }));
    },
  });
  const deskName = (desk: string) => (desk === "" ? "" : label("desk", desk as "crew"));
  return (
    <RecordPanel title={seat ? titleOf(seat) : t("seat.new")}>
      <FormFrame
        form={form}
        saver={saver}
        isNew={!seat}
        labelOf={(key) => t(`field.${key}`)}
        textOf={(key, values) => (key === "desk" ? deskName(values.desk) : values[key])}
      >
        <TextOf form={form} name="code" label={t("field.code")} help={t("field.codeHelp")} />
        <TextOf form={form} name="name" label={t("field.name")} />
        <Select
          label={t("field.desk")}
          choices={DESKS.map((desk) => ({ value: desk, text: label("desk", desk) }))}
          value={form.values.desk === "" ? null : (form.values.desk as (typeof DESKS)[number])}
          onChange={(desk) => form.set("desk", desk)}
          placeholder={t("seat.deskPlaceholder")}
        />
        {form.shown.desk ? <p className={styles.fault}>{fault(form.shown.desk)}</p> : null}
      </FormFrame>
      {seat ? <History kind="seat" id={seat.id} version={all.items} /> : null}
    </RecordPanel>
  );
}

const idOf = (seat: Seat) => seat.id;
const textOf = (seat: Seat) => `${seat.code} ${seat.name} ${seat.desk}`;

export function Seats() {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const all = useAll<Seat>("/api/v1/seats");
  return (
    <Registry
      title={t("section.seats")}
      items={all.items}
      idOf={idOf}
      loading={all.loading}
      problem={all.problem}
      reload={all.reload}
      grid={styles.four ?? ""}
      head={
        <>
          <span>{t("field.code")}</span>
          <span>{t("field.name")}</span>
          <span>{t("field.desk")}</span>
          <span>{t("seat.heldBy")}</span>
        </>
      }
      row={(seat) => (
        <>
          <strong>{seat.code}</strong>
          <span>{seat.name}</span>
          <span>{seat.desk ? label("desk", seat.desk as "crew") : ""}</span>
          <span>{seat.held_by?.name ?? t("seat.free")}</span>
        </>
      )}
      textOf={textOf}
      addText={t("seat.add")}
      empty={t("seat.none")}
      hint={t("seat.hint")}
    >
      {(seat) => <SeatForm key={seat?.id ?? 0} seat={seat} all={all} />}
    </Registry>
  );
}
