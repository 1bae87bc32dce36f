// The WebSocket: connects, pings when it is quiet, tells when it is cut, and comes back by itself.
import { isDrill } from "@/api/client";
import { applyMessage, publish } from "@/live/apply";
import { readMessage } from "@/live/messages";
import { type ConnectionState, type LiveState, liveStore } from "@/live/state";

// A cut must be seen within 2 s: after a second without a message we ask, and after another 0.9 s without an answer the
// connection counts as silent. Seven seconds of silence, and another socket is tried.
export const ASK_AFTER_MS = 1_000;
export const SILENT_AFTER_MS = 1_900;
export const GIVE_UP_AFTER_MS = 7_000;
const LOOK_EVERY_MS = 250;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

export interface StreamSurroundings {
  open: (url: string) => WebSocket;
  now: () => number;
  online: () => boolean;
  random: () => number;
}

const BROWSER: StreamSurroundings = {
  open: (url) => new WebSocket(url),
  now: () => performance.now(),
  online: () => navigator.onLine,
  random: Math.random,
};

/** Up to which entry of the journal the state is known. */
type Known = Pick<LiveState, "sequence" | "fingerprint">;

const NOTHING: Known = { sequence: 0, fingerprint: "" };

export function streamUrl({ sequence, fingerprint }: Known, drill: boolean): string {
  const url = new URL("/api/v1/stream", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (sequence > 0) {
    url.searchParams.set("after", String(sequence));
    url.searchParams.set("fingerprint", fingerprint);
  }
  if (drill) url.searchParams.set("drill", "1");
  return url.href;
}

export class Stream {
  private socket: WebSocket | null = null;
  private look: ReturnType<typeof setInterval> | undefined;
  private openedAt_ms = 0;
  private askedAt_ms = 0;
  private heardAt_ms = 0;
  /** Whether this socket has said anything. */
  private heard = false;
  private retryAt_ms = 0;
  private pause_ms = FIRST_PAUSE_MS;
  private readonly around: StreamSurroundings;

  constructor(around: StreamSurroundings = BROWSER) {
    this.around = around;
  }

  start(): void {
    if (this.look !== undefined) return;
    this.look = setInterval(() => this.tick(), LOOK_EVERY_MS);
    this.connect();
  }

  stop(): void {
    clearInterval(this.look);
    this.look = undefined;
    this.drop();
  }

  /** Tries at once, as when the machine says that it is back on the network. */
  retryNow(): void {
    this.retryAt_ms = 0;
    this.pause_ms = FIRST_PAUSE_MS;
    this.tick();
  }

  private tell(connection: ConnectionState): void {
    const state = liveStore.getState();
    if (state.connection !== connection || state.heardAt_ms !== this.heardAt_ms) {
      liveStore.setState({ connection, heardAt_ms: this.heardAt_ms });
    }
  }

  private connect(): void {
    const { ready } = liveStore.getState();
    const socket = this.around.open(streamUrl(ready ? liveStore.getState() : NOTHING, isDrill()));
    this.socket = socket;
    this.openedAt_ms = this.around.now();
    this.askedAt_ms = 0;
    this.heard = false;
    if (!ready && liveStore.getState().connection !== "closed") this.tell("connecting");
    socket.onmessage = (event) => this.hear(socket, String(event.data));
    socket.onclose = () => this.lose(socket);
    socket.onerror = () => this.lose(socket);
  }

  private hear(socket: WebSocket, text: string): void {
    if (socket !== this.socket) return;
    this.heardAt_ms = this.around.now();
    this.heard = true;
    this.pause_ms = FIRST_PAUSE_MS;
    const message = readMessage(text);
    if (message) applyMessage(message);
    if (liveStore.getState().connection === "live") return;
    // What was lost is known before anybody takes the connection for a sign to go on where he was.
    publish();
    this.tell("live");
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private lose(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.drop();
    this.tell("closed");
    this.retryAt_ms = this.around.now() + this.pause_ms * (0.75 + this.around.random() / 2);
    this.pause_ms = Math.min(this.pause_ms * 2, LONGEST_PAUSE_MS);
  }

  private tick(): void {
    const now = this.around.now();
    if (!this.socket) {
      if (this.look !== undefined && now >= this.retryAt_ms) this.connect();
      return;
    }
    const quiet_ms = now - Math.max(this.heardAt_ms, this.openedAt_ms);
    if (!this.around.online() || quiet_ms >= GIVE_UP_AFTER_MS) {
      this.lose(this.socket);
      return;
    }
    if (this.socket.readyState === WebSocket.OPEN && quiet_ms >= ASK_AFTER_MS) this.ask(now);
    if (this.heard && quiet_ms >= SILENT_AFTER_MS) this.tell("silent");
  }

  private ask(now: number): void {
    if (now - this.askedAt_ms < ASK_AFTER_MS) return;
    this.askedAt_ms = now;
    this.socket?.send('{"type":"ping"}');
  }
}

let stream: Stream | null = null;

export function startLive(): void {
  if (stream) return;
  stream = new Stream();
  stream.start();
  const again = () => stream?.retryNow();
  window.addEventListener("online", again);
  window.addEventListener("offline", again);
}

export function stopLive(): void {
  stream?.stop();
  stream = null;
}
