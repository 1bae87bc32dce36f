import type { CommandDone, District, NeedSetLabel, Post, Unit } from "@schema";
import { useTranslation } from "react-i18next";
import { command, newKey, post } from "@/api/client";
import { useLabel } from "@/i18n/labels";
import { faultsOf } from "@/screens/admin/parts/check";
import { FormFrame } from "@/screens/admin/parts/FormFrame";
import { History } from "@/screens/admin/parts/History";
import { same } from "@/screens/admin/parts/merge";
import { NeedsField } from "@/screens/admin/parts/NeedsField";
import { RecordPanel } from "@/screens/admin/parts/Record";
import { readOne } from "@/screens/admin/parts/readOne";
import type { All } from "@/screens/admin/parts/useAll";
import { useFault } from "@/screens/admin/parts/useFault";
import { type Form, useForm } from "@/screens/admin/parts/useForm";
import { useSaver } from "@/screens/admin/parts/useSaver";
import { LastChange } from "@/screens/admin/register/LastChange";
import { NamePart } from "@/screens/admin/register/NamePart";
import { checkNames, type NameFields, namesOf, namesToAdd, sendNames } from "@/screens/admin/register/names";
import { PostPick } from "@/screens/admin/register/PostPick";
import { RetireUnit } from "@/screens/admin/register/RetireUnit";
import { titleOf } from "@/screens/admin/register/titleOf";
import { setQuery } from "@/shell/router";
import { Badge, StateMark } from "@/ui";

interface UnitFields extends NameFields {
  post: number;
  skills: readonly NeedSetLabel[];
}

// The rest is in the directory: who changed that is in the history.
const IN_JOURNAL: readonly string[] = ["post", "skills"];

function fieldsOf(unit: Unit | null): UnitFields {
  return { ...namesOf(unit), post: unit?.post ?? 0, skills: unit?.skills ?? [] };
}

async function send(values: UnitFields, now: Unit | null): Promise<unknown> {
  const { skills, post: home } = values;
  if (!now) return post("/api/v1/units", { ...namesToAdd(values), post: home, skills }, { key: newKey() });
  await sendNames("/api/v1/units", values, now);
  if (home === now.post && same(skills, now.skills)) return undefined;
  return command("unit_change", {
    unit: now.id,
    revision: now.revision,
    post: home,
    skills,
    retired: now.retired ? 1 : 0,
  });
}

export interface UnitFormProps {
  unit: Unit | null;
  all: All<Unit>;
  posts: readonly Post[];
  districts: readonly District[];
}

export function UnitForm({ unit, all, posts, districts }: UnitFormProps) {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const fault = useFault();
  const form = useForm<UnitFields>(`unit.${unit?.id ?? "new"}`, fieldsOf(unit), (values) => ({
    ...checkNames(values, unit?.id, all.items),
    ...faultsOf<UnitFields>({ post: values.post > 0 ? undefined : { fault: "choose" } }),
  }));
  const saver = useSaver<UnitFields, Unit>({
    form,
    read: unit ? () => readOne(all, unit.id) : null,
    fieldsOf,
    send,
    done: unit ? t("saved", { name: form.values.code }) : t("added", { name: form.values.code }),
    after: (result) => {
      if (unit) return;
      void all.reload().then(() => setQuery({ id: (result as CommandDone).made, add: null }));
    },
  });
  const postName = (id: number) => posts.find((one) => one.id === id)?.name ?? "";
  const districtName = (id: number) => districts.find((one) => one.id === id)?.name ?? "";
  const textOf = (key: keyof UnitFields, values: UnitFields) => {
    if (key === "post") return postName(values.post);
    if (key === "district") return districtName(values.district);
    if (key === "skills") return values.skills.map((skill) => label("need_set", skill)).join(", ");
    return values[key];
  };
  return (
    <RecordPanel
      title={unit ? titleOf(unit) : t("unit.new")}
      marks={
        unit?.retired ? (
          <Badge tone="warn">{t("unit.retired")}</Badge>
        ) : unit ? (
          <StateMark kind="unit_state" state={unit.state} />
        ) : null
      }
    >
      <FormFrame
        form={form}
        saver={saver}
        isNew={!unit}
        labelOf={(key) => t(`field.${key}`)}
        textOf={textOf}
        who={form.conflicts.some((key) => IN_JOURNAL.includes(key)) ? unit?.last_change?.name : undefined}
      >
        <NamePart form={form as unknown as Form<NameFields>} districts={districts} isNew={!unit} />
        <PostPick
          posts={posts}
          value={form.values.post}
          onChange={(id) => form.set("post", id)}
          error={fault(form.shown.post)}
          onBlur={() => form.touch("post")}
        />
        <NeedsField
          label={t("field.skills")}
          value={form.values.skills}
          onChange={(skills) => form.set("skills", skills)}
        />
      </FormFrame>
      {unit ? (
        <>
          <LastChange change={unit.last_change} />
          <RetireUnit unit={unit} all={all} disabled={form.dirty} />
          <History kind="unit" id={unit.id} version={all.items} />
        </>
      ) : null}
    </RecordPanel>
  );
}
