import type { Protocol, ProtocolPackage, ProtocolSummary, Protocols as ProtocolsAnswer } from "@schema";
import { useCallback, useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { Refusal } from "@/screens/admin/parts/Refusal";
import { Registry } from "@/screens/admin/parts/Registry";
import registry from "@/screens/admin/parts/Registry.module.css";
import { Compare } from "@/screens/admin/protocols/Compare";
import { Package } from "@/screens/admin/protocols/Package";
import styles from "@/screens/admin/protocols/Protocols.module.css";
import { Sheet } from "@/screens/admin/protocols/Sheet";
import { useKeys } from "@/shell/keys";
import { Button, Panel } from "@/ui";

const idOf = (protocol: ProtocolSummary) => protocol.number;
const textOf = ({ id, number, title, words }: ProtocolSummary) =>
  [number, id, title.en, title.zh, ...words.en, ...words.zh].join(" ");

function useProtocol(number: number): { protocol: Protocol | null; problem: Problem | null } {
  const [state, setState] = useState<{ protocol: Protocol | null; problem: Problem | null }>({
    protocol: null,
    problem: null,
  });
  useEffect(() => {
    const abort = new AbortController();
    setState({ protocol: null, problem: null });
    get<Protocol>(`/api/v1/protocols/${number}`, { signal: abort.signal }).then(
      (protocol) => setState({ protocol, problem: null }),
      (thrown) => abort.signal.aborted || setState({ protocol: null, problem: asProblem(thrown) }),
    );
    return () => abort.abort();
  }, [number]);
  return state;
}

function ProtocolPanel({ number, others }: { number: number; others: readonly ProtocolSummary[] }) {
  const { t, i18n } = useTranslation("admin");
  const { protocol, problem } = useProtocol(number);
  const print = () => window.print();
  useKeys(t("section.protocols"), [{ keys: "p", text: t("protocol.print"), run: print, disabled: !protocol }]);
  return (
    <Panel
      title={protocol ? protocol.title[i18n.language === "en" ? "en" : "zh"] : t("loading")}
      padded
      tools={
        <Button hint="p" isDisabled={!protocol} onPress={print}>
          {t("protocol.print")}
        </Button>
      }
    >
      <Refusal problem={problem} />
      {protocol ? (
        <div className={styles.whole}>
          <Sheet protocol={protocol} others={others} />
          <Compare key={number} protocol={protocol} />
          {createPortal(
            <div className={styles.print}>
              <Sheet protocol={protocol} others={others} />
            </div>,
            document.body,
          )}
        </div>
      ) : null}
    </Panel>
  );
}

/** The triage protocols in use: readable, printable, nothing is changed here; their files are signed and installed. */
export function Protocols() {
  const { t, i18n } = useTranslation("admin");
  const [told, setTold] = useState<ProtocolPackage | null>(null);
  const [items, setItems] = useState<readonly ProtocolSummary[]>([]);
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const reload = useCallback(async () => {
    try {
      const answer = await get<ProtocolsAnswer>("/api/v1/protocols");
      setTold(answer.package);
      setItems(answer.items);
      setProblem(null);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setLoading(false);
    }
  }, []);
  useEffect(() => {
    void reload();
  }, [reload]);
  const own = i18n.language === "en" ? "en" : "zh";
  return (
    <Registry
      title={t("section.protocols")}
      items={items}
      idOf={idOf}
      loading={loading}
      problem={problem}
      reload={reload}
      grid={registry.three ?? ""}
      head={
        <>
          <span>{t("protocol.key")}</span>
          <span>{t("protocol.title")}</span>
          <span>{t("protocol.versionHead")}</span>
        </>
      }
      row={(protocol) => (
        <>
          <kbd>{protocol.key}</kbd>
          <span>{protocol.title[own]}</span>
          <span>{protocol.version}</span>
        </>
      )}
      textOf={textOf}
      addText={null}
      tools={told ? <Package told={told} /> : null}
      empty={t("protocol.none")}
      hint={t("protocol.hint")}
    >
      {(protocol) =>
        protocol ? <ProtocolPanel key={protocol.number} number={protocol.number} others={items} /> : null
      }
    </Registry>
  );
}
