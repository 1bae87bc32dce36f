import type { AuditRow } from "@schema";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";

export interface AuditWords {
  actor: (row: AuditRow) => string;
  what: (row: AuditRow) => string;
  subject: (row: AuditRow) => string;
  detail: (row: AuditRow) => string;
}

/** What the trail says in words of its own about people, as pieces: the members that changed, and the grants. */
export function personDetail(detail: string): {
  members: string[];
  grants: { role: string; scope: string; id: number }[];
} {
  const [before = "", after = ""] = detail.split(/grants:/);
  const members = before
    .replace("second factor not required", "totp_not_required")
    .replace("second factor required", "totp_required")
    .split(/\s+/)
    .filter(Boolean);
  const grants = [...after.matchAll(/(\w+) (centre|district|facility|unit) (\d+)/g)].map(
    ([, role = "", scope = "", id = "0"]) => ({ role, scope, id: Number(id) }),
  );
  return { members, grants };
}

/** A row of the trail in the reader's language; what is not known stays as it is written. */
export function useAuditWords(): AuditWords {
  const { t, i18n } = useTranslation("admin");
  const label = useLabel();
  const slug = (text: string) => text.replaceAll(/[^a-z]+/g, "_");
  const known = (key: string) => i18n.exists(`admin:${key}`);
  const person = (text: string) => {
    const { members, grants } = personDetail(text);
    const told = members.map((one) => (known(`audit.member.${one}`) ? t(`audit.member.${one}`) : one));
    const given = grants.map(({ role, scope, id }) => {
      const where = t(`scope.${scope}`);
      return `${label("role", role as "crew")} (${id > 0 ? `${where} ${id}` : where})`;
    });
    if (given.length > 0) told.push(t("audit.grants", { list: given.join(", ") }));
    return told.join(", ");
  };
  return {
    actor: (row) => row.actor_name || (row.actor === 0 ? t("audit.nobody") : String(row.actor)),
    what: (row) => (known(`audit.what.${slug(row.what)}`) ? t(`audit.what.${slug(row.what)}`) : row.what),
    subject: (row) => {
      if (row.subject === "") return "";
      const kind = known(`audit.subject.${row.subject}`) ? t(`audit.subject.${row.subject}`) : row.subject;
      const number = row.subject_id > 0 ? ` ${row.subject_id}` : "";
      return row.subject_name ? `${kind} ${row.subject_name}` : `${kind}${number}`;
    },
    detail: (row) => {
      if (row.what === "person added" || row.what === "person changed") return person(row.detail);
      if (row.subject === "setting" && known(`setting.${row.detail}`)) return t(`setting.${row.detail}`);
      // Where somebody signed in from, or with what name it was tried.
      const address = /^from (\S+)$/.exec(row.detail)?.[1];
      return address ? t("audit.from", { address }) : row.detail;
    },
  };
}
