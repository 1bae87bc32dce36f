import { useTranslation } from "react-i18next";
import type { Problem } from "@/api/problem";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";

export interface ProblemWords {
  /** What was not done and why, one sentence. */
  title: string;
  /** Who was first and when, or what to do next; may be empty. */
  more: string;
}

/** A problem in the words of a dispatcher. */
export function useProblemWords(): (problem: Problem) => ProblemWords {
  const { t, i18n } = useTranslation("problems");
  const format = useFormat();
  const label = useLabel();
  return (problem) => {
    const { name, details } = problem;
    const title = i18n.exists(`problems:title.${name}`) ? t(`title.${name}`) : t("title.unreadable");
    const next = i18n.exists(`problems:next.${name}`) ? t(`next.${name}`) : "";
    if (!details.by) return { title, more: next };
    const who = details.by.name || label("actor_kind", details.by.actor_kind as "system");
    const first = t("first", { who, when: format.timeSeconds(details.at) });
    return { title, more: next ? `${first} ${next}` : first };
  };
}
