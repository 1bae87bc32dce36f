// Pictures of moving units take turns with what the person does. With a graphics card each frame has its picture. Where the processor
// draws, pictures one after the other would leave no room for the answer to a key: there a pause follows each, as long as it took.

/** A picture that took longer was drawn without a graphics card, or by one that is too slow. */
const SLOW_MS = 50;
const LONGEST_PAUSE_MS = 300;
/** In which the answer to a key or a touch is drawn before the next picture of units. */
const ANSWER_MS = 120;

export class Pace {
  private drawn_ms: number | null = null;
  private isSlow = false;
  private free_ms = 0;

  /** A picture is being drawn, and the next frame is asked for. */
  drew(now_ms: number): void {
    this.drawn_ms = now_ms;
  }

  /** Nothing moves: the next frame does not tell how long the last picture took. */
  rest(): void {
    this.drawn_ms = null;
  }

  /** The person did something. */
  acted(now_ms: number): void {
    if (this.isSlow) this.free_ms = now_ms + ANSWER_MS;
  }

  /** At the beginning of a frame: for how long its picture must wait; 0: it is drawn now. */
  wait_ms(now_ms: number): number {
    const took_ms = this.drawn_ms === null ? 0 : now_ms - this.drawn_ms;
    if (this.drawn_ms !== null) this.isSlow = took_ms > SLOW_MS;
    this.drawn_ms = null;
    const pause_ms = this.isSlow ? Math.min(took_ms, LONGEST_PAUSE_MS) : 0;
    return Math.max(pause_ms, this.free_ms - now_ms, 0);
  }
}
