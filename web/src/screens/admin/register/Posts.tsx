import type { CommandDone, District, Point, Post } from "@schema";
import { useTranslation } from "react-i18next";
import { command, newKey, post as send } from "@/api/client";
import { faultsOf } from "@/screens/admin/parts/check";
import { FormFrame } from "@/screens/admin/parts/FormFrame";
import { History } from "@/screens/admin/parts/History";
import { same } from "@/screens/admin/parts/merge";
import { PlaceField, pointText } from "@/screens/admin/parts/PlaceField";
import { RecordPanel } from "@/screens/admin/parts/Record";
import { Registry } from "@/screens/admin/parts/Registry";
import styles from "@/screens/admin/parts/Registry.module.css";
import { readOne } from "@/screens/admin/parts/readOne";
import { type All, useAll } from "@/screens/admin/parts/useAll";
import { useFault } from "@/screens/admin/parts/useFault";
import { type Form, useForm } from "@/screens/admin/parts/useForm";
import { useSaver } from "@/screens/admin/parts/useSaver";
import { NamePart } from "@/screens/admin/register/NamePart";
import { checkNames, type NameFields, namesOf, namesToAdd, sendNames } from "@/screens/admin/register/names";
import { titleOf } from "@/screens/admin/register/titleOf";
import { setQuery } from "@/shell/router";

interface PostFields extends NameFields {
  point: Point | null;
}

function fieldsOf(post: Post | null): PostFields {
  return { ...namesOf(post), point: post?.point ?? null };
}

async function save(values: PostFields, now: Post | null): Promise<unknown> {
  const { point } = values;
  if (!now) return send("/api/v1/posts", { ...namesToAdd(values), point }, { key: newKey() });
  await sendNames("/api/v1/posts", values, now);
  if (!point || same(point, now.point)) return undefined;
  return command("post_change", { post: now.id, revision: now.revision, point });
}

function PostForm({ post, all, districts }: { post: Post | null; all: All<Post>; districts: readonly District[] }) {
  const { t } = useTranslation("admin");
  const fault = useFault();
  const form = useForm<PostFields>(`post.${post?.id ?? "new"}`, fieldsOf(post), (values) => ({
    ...checkNames(values, post?.id, all.items),
    ...faultsOf<PostFields>({ point: values.point ? undefined : { fault: "choose" } }),
  }));
  const saver = useSaver<PostFields, Post>({
    form,
    read: post ? () => readOne(all, post.id) : null,
    fieldsOf,
    send: save,
    done: post ? t("saved", { name: form.values.code }) : t("added", { name: form.values.code }),
    after: (result) => {
      if (post) return;
      void all.reload().then(() => setQuery({ id: (result as CommandDone).made, add: null }));
    },
  });
  const textOf = (key: keyof PostFields, values: PostFields) => {
    if (key === "point") return values.point ? pointText(values.point) : "";
    if (key === "district") return districts.find((one) => one.id === values.district)?.name ?? "";
    return values[key];
  };
  return (
    <RecordPanel title={post ? titleOf(post) : t("post.new")}>
      <FormFrame form={form} saver={saver} isNew={!post} labelOf={(key) => t(`field.${key}`)} textOf={textOf}>
        <NamePart form={form as unknown as Form<NameFields>} districts={districts} isNew={!post} />
        <PlaceField
          value={form.values.point}
          onChange={(point) => form.set("point", point)}
          error={fault(form.shown.point)}
          onBlur={() => form.touch("point")}
        />
      </FormFrame>
      {post ? <History kind="post" id={post.id} version={all.items} /> : null}
    </RecordPanel>
  );
}

const idOf = (post: Post) => post.id;
const textOf = (post: Post) => [post.code, post.name, post.district_name].join(" ");

export function Posts() {
  const { t } = useTranslation("admin");
  const all = useAll<Post>("/api/v1/posts");
  const districts = useAll<District>("/api/v1/districts");
  return (
    <Registry
      title={t("section.posts")}
      items={all.items}
      idOf={idOf}
      loading={all.loading}
      problem={all.problem ?? districts.problem}
      reload={all.reload}
      grid={styles.three ?? ""}
      head={
        <>
          <span>{t("field.code")}</span>
          <span>{t("field.name")}</span>
          <span>{t("field.district")}</span>
        </>
      }
      row={(post) => (
        <>
          <strong>{post.code}</strong>
          <span>{post.name}</span>
          <span>{post.district_name}</span>
        </>
      )}
      textOf={textOf}
      addText={t("post.add")}
      empty={t("post.none")}
      hint={t("post.hint")}
    >
      {(post) => <PostForm key={post?.id ?? 0} post={post} all={all} districts={districts.items} />}
    </Registry>
  );
}
