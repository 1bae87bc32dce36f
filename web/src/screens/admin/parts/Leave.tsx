import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type Route, routeStore, setGuard } from "@/shell/router";
import { Button, Dialog } from "@/ui";

/** What of the address says which record is edited. */
function placeOf(route: Route): string {
  const { section = "", id = "", add = "" } = route.query;
  return [route.screen, section, id, add].join(" ");
}

/** While something is unsaved, leaving asks. The draft survives a reload; a closed window would lose it. */
export function Leave({ dirty, discard }: { dirty: boolean; discard: () => void }) {
  const { t } = useTranslation("admin");
  const [go, setGo] = useState<{ run: () => void } | null>(null);
  useEffect(() => {
    if (!dirty) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    const free = setGuard((to, run) => {
      if (placeOf(to) === placeOf(routeStore.getState())) return true;
      setGo({ run });
      return false;
    });
    return () => {
      free();
      window.removeEventListener("beforeunload", warn);
    };
  }, [dirty]);
  const stay = () => setGo(null);
  const leave = () => {
    flushSync(() => {
      discard();
      setGo(null);
    });
    go?.run();
  };
  return (
    <Dialog
      title={t("leave.title")}
      isOpen={go !== null}
      onClose={stay}
      actions={
        <>
          <Button kind="danger" onPress={leave}>
            {t("leave.discard")}
          </Button>
          <Button kind="primary" onPress={stay} autoFocus>
            {t("leave.stay")}
          </Button>
        </>
      }
    >
      <p>{t("leave.text")}</p>
    </Dialog>
  );
}
