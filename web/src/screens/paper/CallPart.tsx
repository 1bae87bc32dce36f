import { priorityValues, shortfallReasonValues } from "@schema";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { formText } from "@/lib/form";
import { useEntryHere } from "@/screens/paper/context";
import { NEEDS, WITHOUT } from "@/screens/paper/fields";
import styles from "@/screens/paper/Paper.module.css";
import { Pick } from "@/screens/paper/Pick";
import { PlaceField } from "@/screens/paper/PlaceField";
import { TextField } from "@/screens/paper/TextField";
import { Ticks } from "@/screens/paper/Ticks";
import { TimeField } from "@/screens/paper/TimeField";
import type { Lists } from "@/screens/paper/useLists";
import { DateField } from "@/ui/DateField";

const NUMBER_MAX = 60;
const NAME_MAX = 120;
const REMARKS_MAX = 160;
const FORM_MAX = 24;

function Time({ name }: { name: "rang" | "answered" | "located" | "recognised" | "compressions" | "decided" }) {
  const { t } = useTranslation("paper");
  const { fields, set } = useEntryHere();
  return (
    <TimeField id={name} label={t(`field.${name}`)} value={fields[name]} onChange={(value) => set({ [name]: value })} />
  );
}

function FormNumber() {
  const { t } = useTranslation("paper");
  const { fields, set, form } = useEntryHere();
  return (
    <TextField
      id="form"
      label={t("field.form")}
      value={fields.form}
      onChange={(value) => set({ form: value })}
      maxLength={FORM_MAX}
      numeric
      help={form === null ? t("form.help") : formText(form)}
    />
  );
}

function Day() {
  const { t } = useTranslation("paper");
  const { fields, set, outage, wrongOf } = useEntryHere();
  if (!outage.isLong) return null;
  return (
    <div data-field="day">
      <DateField
        label={t("field.day")}
        value={fields.day}
        onChange={(day) => set({ day })}
        error={wrongOf("day") ? t("fault.day") : undefined}
      />
    </div>
  );
}

function Head({ lists }: { lists: Lists }) {
  const { t } = useTranslation("paper");
  const { fields, set } = useEntryHere();
  return (
    <>
      <FormNumber />
      <Day />
      <Time name="rang" />
      <Time name="answered" />
      <Pick
        id="seat"
        label={t("field.seat")}
        none={t("unknown")}
        choices={lists.seats}
        value={fields.seat}
        onChange={(seat) => set({ seat })}
      />
      <TextField
        id="number"
        label={t("field.number")}
        value={fields.number}
        onChange={(number) => set({ number })}
        maxLength={NUMBER_MAX}
        numeric
      />
      <TextField
        id="name"
        label={t("field.name")}
        value={fields.name}
        onChange={(name) => set({ name })}
        maxLength={NAME_MAX}
      />
      <Time name="located" />
    </>
  );
}

function Decision() {
  const { t } = useTranslation("paper");
  const label = useLabel();
  const { fields, set } = useEntryHere();
  return (
    <>
      <div className={styles.wide}>
        <Ticks
          id="priority"
          label={t("field.priority")}
          values={priorityValues}
          text={(priority) => label("priority", priority)}
          chosen={fields.priority === "" ? [] : [fields.priority]}
          onChange={([priority]) => set({ priority: priority ?? "" })}
        />
      </div>
      <Time name="decided" />
      <TextField
        id="wanted"
        label={t("field.wanted")}
        value={fields.wanted}
        onChange={(wanted) => set({ wanted })}
        maxLength={2}
        placeholder="1"
        numeric
      />
      <div className={styles.wide}>
        <Ticks
          id="needs"
          label={t("field.needs")}
          values={NEEDS}
          text={(need) => label("need_set", need)}
          chosen={fields.needs}
          onChange={(needs) => set({ needs })}
          several
        />
      </div>
      <div className={styles.wide}>
        <Ticks
          id="without"
          label={t("field.without")}
          values={WITHOUT}
          text={(without) => t(`without.${without}`)}
          chosen={fields.without === "" ? [] : [fields.without]}
          onChange={([without]) => set({ without: without ?? "" })}
        />
      </div>
      <TextField
        id="sameAs"
        label={t("field.sameAs")}
        value={fields.sameAs}
        onChange={(sameAs) => set({ sameAs })}
        maxLength={FORM_MAX}
        numeric
      />
      <TextField
        id="short"
        label={t("field.short")}
        value={fields.short}
        onChange={(short) => set({ short })}
        maxLength={2}
        placeholder="0"
        numeric
      />
      <Pick
        id="whyShort"
        label={t("field.whyShort")}
        none={t("none")}
        choices={shortfallReasonValues.map((value) => ({ value, text: label("shortfall_reason", value) }))}
        value={fields.whyShort}
        onChange={(whyShort) => set({ whyShort })}
      />
    </>
  );
}

/** The call form, in the order in which it is printed. */
export function CallPart({ lists }: { lists: Lists }) {
  const { t } = useTranslation("paper");
  const { fields, set } = useEntryHere();
  return (
    <div className={styles.call}>
      <Head lists={lists} />
      <div className={styles.wide}>
        <PlaceField />
      </div>
      <Pick
        id="district"
        label={t("field.district")}
        none={t("byPlace")}
        choices={lists.districts}
        value={fields.district}
        onChange={(district) => set({ district })}
      />
      <div className={styles.rest}>
        <TextField
          id="remarks"
          label={t("field.remarks")}
          value={fields.remarks}
          onChange={(remarks) => set({ remarks })}
          maxLength={REMARKS_MAX}
        />
      </div>
      <Time name="recognised" />
      <Time name="compressions" />
      <Decision />
    </div>
  );
}
