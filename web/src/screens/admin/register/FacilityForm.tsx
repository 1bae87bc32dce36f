import {
  type CommandDone,
  type District,
  type Facility,
  type NeedSetLabel,
  type Point,
  type Tier,
  tierValues,
} from "@schema";
import { useTranslation } from "react-i18next";
import { command, newKey, post } from "@/api/client";
import { useLabel } from "@/i18n/labels";
import { faultsOf } from "@/screens/admin/parts/check";
import { FormFrame } from "@/screens/admin/parts/FormFrame";
import { History } from "@/screens/admin/parts/History";
import { same } from "@/screens/admin/parts/merge";
import { NeedsField } from "@/screens/admin/parts/NeedsField";
import { PlaceField, pointText } from "@/screens/admin/parts/PlaceField";
import { RecordPanel } from "@/screens/admin/parts/Record";
import { readOne } from "@/screens/admin/parts/readOne";
import type { All } from "@/screens/admin/parts/useAll";
import { useFault } from "@/screens/admin/parts/useFault";
import { type Form, useForm } from "@/screens/admin/parts/useForm";
import { useSaver } from "@/screens/admin/parts/useSaver";
import { LastChange } from "@/screens/admin/register/LastChange";
import { NamePart } from "@/screens/admin/register/NamePart";
import { checkNames, type NameFields, namesOf, namesToAdd, sendNames } from "@/screens/admin/register/names";
import { titleOf } from "@/screens/admin/register/titleOf";
import { setQuery } from "@/shell/router";
import { Select, StateMark } from "@/ui";

interface FacilityFields extends NameFields {
  point: Point | null;
  capabilities: readonly NeedSetLabel[];
  tier: Tier;
}

// The rest is in the directory: who changed that is in the history.
const IN_JOURNAL: readonly string[] = ["point", "capabilities", "tier"];

function fieldsOf(facility: Facility | null): FacilityFields {
  return {
    ...namesOf(facility),
    point: facility?.point ?? null,
    capabilities: facility?.capabilities ?? [],
    tier: facility?.tier ?? "tier_2",
  };
}

async function send(values: FacilityFields, now: Facility | null): Promise<unknown> {
  const { point, capabilities, tier } = values;
  if (!now) {
    return post("/api/v1/facilities", { ...namesToAdd(values), point, capabilities, tier }, { key: newKey() });
  }
  await sendNames("/api/v1/facilities", values, now);
  if (!point || (same(point, now.point) && same(capabilities, now.capabilities) && tier === now.tier)) return undefined;
  return command("facility_change", { facility: now.id, revision: now.revision, point, capabilities, tier });
}

export interface FacilityFormProps {
  facility: Facility | null;
  all: All<Facility>;
  districts: readonly District[];
}

export function FacilityForm({ facility, all, districts }: FacilityFormProps) {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const fault = useFault();
  const form = useForm<FacilityFields>(`facility.${facility?.id ?? "new"}`, fieldsOf(facility), (values) => ({
    ...checkNames(values, facility?.id, all.items),
    ...faultsOf<FacilityFields>({ point: values.point ? undefined : { fault: "choose" } }),
  }));
  const saver = useSaver<FacilityFields, Facility>({
    form,
    read: facility ? () => readOne(all, facility.id) : null,
    fieldsOf,
    send,
    done: facility ? t("saved", { name: form.values.code }) : t("added", { name: form.values.code }),
    after: (result) => {
      if (facility) return;
      void all.reload().then(() => setQuery({ id: (result as CommandDone).made, add: null }));
    },
  });
  const textOf = (key: keyof FacilityFields, values: FacilityFields) => {
    if (key === "point") return values.point ? pointText(values.point) : "";
    if (key === "district") return districts.find((one) => one.id === values.district)?.name ?? "";
    if (key === "capabilities") return values.capabilities.map((one) => label("need_set", one)).join(", ");
    return key === "tier" ? label("tier", values.tier) : values[key];
  };
  return (
    <RecordPanel
      title={facility ? titleOf(facility) : t("facility.new")}
      marks={facility ? <StateMark kind="facility_state" state={facility.state} /> : null}
    >
      <FormFrame
        form={form}
        saver={saver}
        isNew={!facility}
        labelOf={(key) => t(`field.${key}`)}
        textOf={textOf}
        who={form.conflicts.some((key) => IN_JOURNAL.includes(key)) ? facility?.last_change?.name : undefined}
      >
        <NamePart form={form as unknown as Form<NameFields>} districts={districts} isNew={!facility} />
        <Select
          label={t("field.tier")}
          choices={tierValues.map((tier) => ({ value: tier, text: label("tier", tier) }))}
          value={form.values.tier}
          onChange={(tier) => form.set("tier", tier)}
        />
        <NeedsField
          label={t("field.capabilities")}
          value={form.values.capabilities}
          onChange={(capabilities) => form.set("capabilities", capabilities)}
        />
        <PlaceField
          value={form.values.point}
          onChange={(point) => form.set("point", point)}
          error={fault(form.shown.point)}
          onBlur={() => form.touch("point")}
        />
      </FormFrame>
      {facility ? (
        <>
          <LastChange change={facility.last_change} />
          <History kind="facility" id={facility.id} version={all.items} />
        </>
      ) : null}
    </RecordPanel>
  );
}
