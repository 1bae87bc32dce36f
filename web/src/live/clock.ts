// The centre's time: in a drill it runs at another speed, and this machine's clock may be wrong. Between two messages it is
// carried on by the monotonic clock.
let atServer_ms = Date.now();
let atHere_ms = performance.now();
let speed = 1;

export function setClock(now: string, newSpeed?: number): void {
  const instant = Date.parse(now);
  if (Number.isNaN(instant)) return;
  atServer_ms = instant;
  atHere_ms = performance.now();
  if (newSpeed !== undefined && newSpeed > 0) speed = newSpeed;
}

/** The centre's time in milliseconds since 1970. */
export function serverNow_ms(): number {
  return atServer_ms + (performance.now() - atHere_ms) * speed;
}

export function clockSpeed(): number {
  return speed;
}

/** Stops the clock at what was last known: for tests, and for nothing else. */
export function resetClock(now_ms: number): void {
  atServer_ms = now_ms;
  atHere_ms = performance.now();
  speed = 1;
}
