import type { Session } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { rolesOf, signOut } from "@/api/session";
import { useLabel } from "@/i18n/labels";
import { clearDrafts } from "@/shell/drafts";
import { FactorDialog } from "@/shell/FactorDialog";
import styles from "@/shell/Frame.module.css";
import { guideStore, setGuideDismissed } from "@/shell/guide";
import { KeptFormsDialog } from "@/shell/KeptFormsDialog";
import { countKeptForms, sendKeptForms } from "@/shell/keptForms";
import { PasskeysDialog } from "@/shell/PasskeysDialog";
import { PasswordDialog } from "@/shell/PasswordDialog";
import { goTo } from "@/shell/router";
import { SessionsDialog } from "@/shell/SessionsDialog";
import type { Screen } from "@/shell/screens";
import { useAct } from "@/shell/useAct";
import { Button } from "@/ui/Button";
import { KeyHint } from "@/ui/KeyHint";
import { Menu } from "@/ui/Menu";

export interface PersonMenuProps {
  session: Session;
  /** Those that do not stand in the bar. */
  screens: readonly Screen[];
}

export function PersonMenu({ session, screens }: PersonMenuProps) {
  const { t } = useTranslation("shell");
  const label = useLabel();
  const { run } = useAct();
  const [open, setOpen] = useState<"password" | "factor" | "passkeys" | "sessions" | "forms" | null>(null);
  const guideAway = useStore(guideStore, (guide) => guide.dismissed);
  const { name } = session.person;
  const roles = rolesOf(session).map((role) => label("role", role));
  const leave = async () => {
    setOpen(null);
    // Not reached: one is still signed in, and what was typed stays.
    const isOut = await run(() => signOut().then(() => true), t("person.signOut"));
    if (isOut) clearDrafts();
  };
  const act = async (id: string) => {
    if (id === "password" || id === "factor" || id === "passkeys" || id === "sessions") setOpen(id);
    if (id === "guide") setGuideDismissed(!guideAway);
    if (screens.some((screen) => screen.name === id)) goTo(id);
    if (id !== "out") return;
    await sendKeptForms().catch(() => {});
    if (countKeptForms() > 0) setOpen("forms");
    else await leave();
  };
  return (
    <>
      <Menu
        label={t("person.label")}
        items={[
          ...screens.map(({ name: id, digit }) => ({
            id,
            text: t(`screens.${id}`),
            mark: <KeyHint keys={`Alt+${digit}`} />,
          })),
          { id: "guide", text: t(guideAway ? "person.guideShow" : "person.guideHide") },
          { id: "password", text: t("password.title") },
          { id: "factor", text: t("factor.title") },
          ...((session.passkeys ?? null) === null ? [] : [{ id: "passkeys", text: t("passkey.title") }]),
          { id: "sessions", text: t("sessions.title") },
          { id: "out", text: t("person.signOut") },
        ]}
        onAct={(id) => void act(id)}
        button={
          <Button kind="quiet" aria-label={t("person.button", { name, roles: roles.join(", ") })}>
            <span className={styles.person}>{name}</span> ▾
          </Button>
        }
      />
      <PasswordDialog isOpen={open === "password"} onClose={() => setOpen(null)} />
      <FactorDialog isOpen={open === "factor"} onClose={() => setOpen(null)} />
      <PasskeysDialog isOpen={open === "passkeys"} onClose={() => setOpen(null)} />
      <SessionsDialog isOpen={open === "sessions"} onClose={() => setOpen(null)} />
      <KeptFormsDialog isOpen={open === "forms"} onClose={() => setOpen(null)} onLeave={() => void leave()} />
    </>
  );
}
