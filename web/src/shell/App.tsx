import type { Welcome } from "@schema";
import { useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore, readCentre } from "@/api/centre";
import { owesOf, readWelcome, resumeSession, rolesOf, seesLive, sessionStore } from "@/api/session";
import { forgetLive } from "@/live/apply";
import { startLive, stopLive } from "@/live/stream";
import { ErrorBoundary } from "@/shell/ErrorBoundary";
import { Frame } from "@/shell/Frame";
import { startKeys } from "@/shell/keys";
import { startLost } from "@/shell/lost";
import { Notices } from "@/shell/Notices";
import { notifyProblem } from "@/shell/notices";
import { Owes } from "@/shell/Owes";
import { forgetOrder, startOffline } from "@/shell/offline";
import { startRouter } from "@/shell/router";
import { ShowPassword } from "@/shell/ShowPassword";
import { SignIn } from "@/shell/SignIn";
import { SignInForm } from "@/shell/SignInForm";
import { SignInPasskey } from "@/shell/SignInPasskey";
import { SignInProvider } from "@/shell/SignInProvider";
import { Dialog } from "@/ui/Dialog";
import { Empty } from "@/ui/Empty";

function useWelcome(): Welcome | null {
  const [welcome, setWelcome] = useState<Welcome | null>(null);
  const state = useStore(sessionStore, (session) => session.state);
  useEffect(() => {
    if (state !== "out" && state !== "expired") return;
    readWelcome().then((told) => {
      setWelcome(told);
      if (told) centreStore.setState({ name: told.name, timeZone: told.time_zone });
      if (told?.drill) sessionStore.setState({ drill: true });
    }, notifyProblem);
  }, [state]);
  return welcome;
}

/** The stream runs as long as somebody is signed in who may see the live state. */
function useLive(): void {
  const id = useStore(sessionStore, ({ state, session }) =>
    state === "in" && owesOf(session).length === 0 ? session?.person.id : undefined,
  );
  useEffect(() => {
    if (id === undefined) return undefined;
    const roles = rolesOf(sessionStore.getState().session);
    readCentre().catch(notifyProblem);
    if (roles.includes("crew")) startOffline();
    if (!seesLive(sessionStore.getState().session)) return undefined;
    startLive();
    return stopLive;
  }, [id]);
  const out = useStore(sessionStore, (session) => session.state === "out");
  useEffect(() => {
    if (!out) return;
    forgetLive();
    void forgetOrder();
  }, [out]);
}

function Inside() {
  const { t } = useTranslation("shell");
  const { state, session } = useStore(sessionStore);
  const welcome = useWelcome();
  useLive();
  if (state === "unknown") return <Empty title={t("loading")} />;
  if (!session || state === "out") return <SignIn welcome={welcome} />;
  if (owesOf(session).length > 0 && state === "in") {
    return (
      <>
        <Owes session={session} />
        <ShowPassword />
      </>
    );
  }
  return (
    <>
      <Frame session={session} />
      <ShowPassword />
      <Dialog title={t("signIn.expired")} isOpen={state === "expired"} onClose={() => {}} firm>
        <p>{t("signIn.expiredText")}</p>
        {welcome?.provider ? <SignInProvider name={welcome.provider} /> : null}
        {welcome?.passkeys ? <SignInPasskey /> : null}
        <SignInForm fixedName={session.person.sign_in ?? session.person.name} />
      </Dialog>
    </>
  );
}

export function App() {
  const { i18n } = useTranslation();
  useEffect(() => {
    const ends = [startKeys(), startRouter(), startLost()];
    resumeSession().catch((thrown) => {
      notifyProblem(thrown);
      sessionStore.setState({ state: "out" });
    });
    return () => {
      for (const end of ends) end();
    };
  }, []);
  return (
    <I18nProvider locale={i18n.language}>
      <ErrorBoundary>
        <Inside />
      </ErrorBoundary>
      <Notices />
    </I18nProvider>
  );
}
