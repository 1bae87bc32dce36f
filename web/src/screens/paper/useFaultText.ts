import type { Call } from "@schema";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { useProblemWords } from "@/api/wording";
import { useFormat } from "@/i18n/format";
import type { FieldId } from "@/screens/paper/check";
import { type Entry, fieldsOf } from "@/screens/paper/useEntry";

/** What a field is called; of a unit, its place in the column. */
export function useFieldName(): (field: FieldId) => string {
  const { t } = useTranslation("paper");
  return (field) => {
    const [first, , stage] = field.split(".");
    return first === "units" ? t(`stage.${stage}`) : t(`field.${field}`);
  };
}

/** "Entered already: call 17, at 15:20 by wang." */
export function useEnteredText(): (call: Call) => string {
  const { t } = useTranslation("paper");
  const format = useFormat();
  return (call) =>
    t("entered.already", {
      call: call.id,
      at: format.dateTime(call.last_change?.at),
      name: call.last_change?.name ?? "",
    });
}

/** What is wrong with a field, in words; undefined: nothing that is to be told yet. */
export function useFaultText(entry: Entry): (field: FieldId) => string | undefined {
  const { t } = useTranslation("paper");
  const format = useFormat();
  const problemWords = useProblemWords();
  const enteredText = useEnteredText();
  const nameOf = useFieldName();
  const { refused, enteredAs } = entry;
  return (field) => {
    if (field === "form" && (refused?.call ?? enteredAs)) return enteredText((refused?.call ?? enteredAs) as Call);
    if (refused && fieldsOf(refused.problem.name, entry.fields.units.length).includes(field)) {
      const { title, more } = problemWords(new Problem(refused.problem));
      return `${title} ${more}`.trim();
    }
    const wrong = entry.wrongOf(field);
    if (!wrong) return undefined;
    if (!wrong.after) return t(`fault.${wrong.fault}`);
    return t("fault.before", { field: nameOf(wrong.after.field), at: format.timeSeconds(wrong.after.at_ms) });
  };
}
