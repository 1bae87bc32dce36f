import type { Session } from "@schema";
import { type MouseEvent, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { rolesOf, sessionStore } from "@/api/session";
import { useFormat } from "@/i18n/format";
import { clockSpeed } from "@/live/clock";
import { useConnection, useNow } from "@/live/hooks";
import { liveStore } from "@/live/state";
import { Alarms } from "@/shell/Alarms";
import { ConnectionMark, CutBand } from "@/shell/Connection";
import { ErrorBoundary } from "@/shell/ErrorBoundary";
import styles from "@/shell/Frame.module.css";
import { GuidePanel } from "@/shell/GuidePanel";
import { Help } from "@/shell/Help";
import { startKeptForms } from "@/shell/keptForms";
import { useKeys } from "@/shell/keys";
import { PersonMenu } from "@/shell/PersonMenu";
import { LanguageButton, ThemeMenu } from "@/shell/Preferences";
import { goTo, pathOf, useRoute } from "@/shell/router";
import { homeOf, type Screen, screensOf } from "@/shell/screens";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Empty } from "@/ui/Empty";
import { KeyHint } from "@/ui/KeyHint";

function DrillBand() {
  const { t } = useTranslation("shell");
  useNow();
  const speed = clockSpeed();
  return (
    <aside className={styles.drill} aria-label={t("drill.band")}>
      {t("drill.band")}
      {speed === 1 ? null : <span>{t("drill.speed", { speed })}</span>}
    </aside>
  );
}

function CentreTime() {
  const format = useFormat();
  return <time className={styles.time}>{format.timeSeconds(useNow())}</time>;
}

function ScreenTabs({ screens, current }: { screens: readonly Screen[]; current: string }) {
  const { t } = useTranslation("shell");
  const open = (event: MouseEvent, name: string) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    goTo(name);
  };
  const shown = screens.filter((screen) => !screen.rare || screen.name === current);
  return (
    <nav className={classes(styles.tabs, shown.length === 1 && styles.single)} aria-label={t("screens.label")}>
      {shown.map((screen) => (
        <a
          key={screen.name}
          href={pathOf(screen.name)}
          className={styles.tab}
          aria-current={screen.name === current ? "page" : undefined}
          onClick={(event) => open(event, screen.name)}
        >
          {t(`screens.${screen.name}`)}
          <span className={styles.wholeKey}>
            <KeyHint keys={`Alt+${screen.digit}`} />
          </span>
          <span className={styles.shortKey}>
            <KeyHint keys={String(screen.digit)} />
          </span>
        </a>
      ))}
    </nav>
  );
}

function Bar({ session, screens, current }: { session: Session; screens: readonly Screen[]; current: string }) {
  const { t } = useTranslation("shell");
  const centre = useStore(centreStore, (store) => store.name);
  const [help, setHelp] = useState(false);
  useKeys(t("keys.everywhere"), [
    ...screens.map((screen) => ({
      keys: `Alt+${screen.digit}`,
      text: t(`screens.${screen.name}`),
      run: () => goTo(screen.name),
    })),
    { keys: "?", text: t("help.open"), run: () => setHelp(true) },
  ]);
  return (
    <header className={styles.bar}>
      <div className={styles.brand}>
        <img src="/icons/mingdi.svg" alt={t("product")} />
        <span className={styles.centre}>{centre}</span>
      </div>
      <ScreenTabs screens={screens} current={current} />
      <div className={styles.tools}>
        <ConnectionMark />
        <CentreTime />
        <Alarms />
        <span className={styles.desk}>
          <Button kind="quiet" icon aria-label={t("help.open")} onPress={() => setHelp(true)}>
            ?
          </Button>
        </span>
        <LanguageButton />
        <ThemeMenu />
        <PersonMenu session={session} screens={screens.filter((screen) => screen.rare)} />
      </div>
      <Help isOpen={help} onClose={() => setHelp(false)} />
    </header>
  );
}

function CurrentScreen({ screen }: { screen: Screen | undefined }) {
  const { t } = useTranslation("shell");
  const { ready } = useConnection();
  const lost = useStore(liveStore, (live) => live.lost);
  if (!screen) return <Empty title={t("screens.none")}>{t("screens.noneText")}</Empty>;
  const waiting = <p className={styles.loading}>{t("loading")}</p>;
  if (!ready && !screen.withoutLive) return waiting;
  return (
    <ErrorBoundary key={`${screen.name} ${lost}`}>
      <Suspense fallback={waiting}>
        <screen.Component />
      </Suspense>
    </ErrorBoundary>
  );
}

/** Everything around a screen. */
export function Frame({ session }: { session: Session }) {
  const { t } = useTranslation("shell");
  const roles = rolesOf(session);
  const screens = screensOf(roles);
  const { screen: wanted } = useRoute();
  const screen = screens.find((one) => one.name === wanted);
  const home = homeOf(roles);
  const drill = useStore(sessionStore, (store) => store.drill);
  const { cut } = useConnection();
  useEffect(() => {
    if (!screen && home) goTo(home, {}, true);
  }, [screen, home]);
  const person = session.person.id;
  useEffect(() => {
    // Without the network the page's own parts may be out of reach: tried again by whatever opens the page of the forms.
    if (person) startKeptForms().catch(() => {});
  }, [person]);
  const name = screen ? t(`screens.${screen.name}`) : t("product");
  useEffect(() => {
    document.title = `${drill ? t("drill.title") : ""}${name} · ${t("product")}`;
  }, [name, drill, t]);
  return (
    <div className={classes(styles.frame, cut && styles.stale)}>
      <a className={styles.skip} href="#main">
        {t("skip")}
      </a>
      {drill ? <DrillBand /> : null}
      <CutBand />
      <Bar session={session} screens={screens} current={screen?.name ?? ""} />
      <main id="main" className={classes(styles.main, screen?.bare && styles.bare)} tabIndex={-1}>
        <h1 className="visually-hidden">{name}</h1>
        <CurrentScreen screen={screen} />
      </main>
      <GuidePanel />
    </div>
  );
}
