import { useEffect, useState } from "react";
import { createPortal, flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Board } from "@/board/Board";
import styles from "@/board/Board.module.css";
import { type BoardState, boardState } from "@/board/board";
import { learnPlaces } from "@/lib/place";
import { useConnection, useIds } from "@/live/hooks";
import { isOpen } from "@/live/open";
import { entityOf } from "@/live/state";
import { useKeys } from "@/shell/keys";
import { Button } from "@/ui/Button";

const OPEN = { where: (incident: Parameters<typeof isOpen<"incidents">>[1]) => isOpen("incidents", incident) };

/** Names of places are asked for while somebody can be asked. */
function usePlacesAhead(): void {
  const ids = useIds("incidents", OPEN);
  const { cut } = useConnection();
  useEffect(() => {
    if (cut) return undefined;
    const abort = new AbortController();
    const points = ids.flatMap((id) => entityOf("incidents", id)?.point ?? []);
    // What is not known is printed as coordinates.
    learnPlaces(points, abort.signal).catch(() => {});
    return () => abort.abort();
  }, [ids, cut]);
}

/**
 * Prints the status board instead of the screen, by its button, its key, or the browser's own way: all of it is here already, so that
 * it works when the centre does not.
 */
export function PrintBoard() {
  const { t } = useTranslation("board");
  const [state, setState] = useState<BoardState | null>(null);
  usePlacesAhead();
  useEffect(() => {
    const begin = () => {
      flushSync(() => setState(boardState()));
      document.body.dataset.board = "";
    };
    const end = () => {
      delete document.body.dataset.board;
      setState(null);
    };
    window.addEventListener("beforeprint", begin);
    window.addEventListener("afterprint", end);
    return () => {
      window.removeEventListener("beforeprint", begin);
      window.removeEventListener("afterprint", end);
      end();
    };
  }, []);
  useKeys(t("keys"), [{ keys: "Ctrl+p", text: t("print"), run: () => window.print() }]);
  return (
    <>
      <Button size="small" kind="quiet" hint="Ctrl+p" onPress={() => window.print()}>
        {t("print")}
      </Button>
      {state
        ? createPortal(
            <div className={styles.board}>
              <Board state={state} />
            </div>,
            document.body,
          )
        : null}
    </>
  );
}
