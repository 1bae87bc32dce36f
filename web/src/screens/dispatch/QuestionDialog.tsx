import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import styles from "@/screens/dispatch/QuestionDialog.module.css";
import { ask, type Choice, dispatchStore, type Question } from "@/screens/dispatch/store";
import { useKeys } from "@/shell/keys";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

function Choices({ question }: { question: Question }) {
  const { t } = useTranslation("dispatch");
  const take = (choice: Choice) => {
    ask(null);
    choice.run();
  };
  useKeys(
    t("keys.question"),
    question.choices.map((choice) => ({
      keys: choice.key,
      text: choice.text,
      run: () => take(choice),
      inDialogs: true,
    })),
  );
  return (
    <div className={styles.choices}>
      {question.choices.map((choice) => (
        <Button key={choice.key} wide hint={choice.key} onPress={() => take(choice)}>
          <span className={styles.text}>{choice.text}</span>
        </Button>
      ))}
    </div>
  );
}

/** The question that stands; each answer has its key, Esc takes it back. */
export function QuestionDialog() {
  const question = useStore(dispatchStore, (store) => store.question);
  return (
    <Dialog title={question?.title ?? ""} isOpen={question !== null} onClose={() => ask(null)}>
      {question ? (
        <>
          <p className={styles.lead}>{question.text}</p>
          <Choices key={question.title} question={question} />
        </>
      ) : null}
    </Dialog>
  );
}
