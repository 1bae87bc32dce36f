import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useProblemWords } from "@/api/wording";
import { allTheSame, type Perform } from "@/screens/dispatch/perform";
import styles from "@/screens/dispatch/RefusalNote.module.css";
import { dispatchStore, type Refusal } from "@/screens/dispatch/store";
import { useKeys } from "@/shell/keys";
import { Button } from "@/ui/Button";

const dismiss = () => dispatchStore.setState({ refusal: null });

function Note({ refusal, perform }: { refusal: Refusal; perform: Perform }) {
  const { t } = useTranslation("dispatch");
  const words = useProblemWords()(refusal.problem);
  const canAgain = refusal.partly !== "" || refusal.problem.name === "stale_revision" || refusal.problem.isPassing;
  const again = () => void perform(allTheSame(refusal.order));
  useKeys(t("keys.refusal"), [
    { keys: "y", text: t("refusal.again"), run: again, disabled: !canAgain },
    { keys: "Escape", text: t("refusal.dismiss"), run: dismiss },
  ]);
  return (
    <div className={styles.note} role="alert">
      <p className={styles.title}>{t("refusal.title", { what: refusal.what, why: words.title })}</p>
      {refusal.partly ? <p>{refusal.partly}</p> : null}
      {words.more ? <p>{words.more}</p> : null}
      <div className={styles.acts}>
        {canAgain ? (
          <Button size="small" hint="y" onPress={again}>
            {t("refusal.again")}
          </Button>
        ) : null}
        <Button size="small" kind="quiet" hint="Escape" onPress={dismiss}>
          {t("refusal.dismiss")}
        </Button>
      </div>
    </div>
  );
}

/** What was not done, why, who was first, and the way on. */
export function RefusalNote({ perform }: { perform: Perform }) {
  const refusal = useStore(dispatchStore, (store) => store.refusal);
  return refusal ? <Note refusal={refusal} perform={perform} /> : null;
}
