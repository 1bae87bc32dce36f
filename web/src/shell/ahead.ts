// What the first screen needs is asked for at once and side by side: who is signed in, the screen, its texts. One after the
// other they would cost a call-taker's first second.
import { resumeSession, rolesOf, sessionStore } from "@/api/session";
import { fetchTexts } from "@/i18n";
import { routeStore } from "@/shell/router";
import { homeOf, SCREENS } from "@/shell/screens";

/** What fails here is asked for again, and told of, where it is needed. */
function fetchScreen(name: string | undefined): void {
  const screen = SCREENS.find((one) => one.name === name);
  if (!screen) return;
  screen.fetch().catch(() => {});
  fetchTexts(screen.name).catch(() => {});
}

export function askAhead(): void {
  const { screen } = routeStore.getState();
  if (screen) fetchScreen(screen);
  resumeSession().then(
    () => {
      if (!screen) fetchScreen(homeOf(rolesOf(sessionStore.getState().session)));
    },
    () => {},
  );
}
