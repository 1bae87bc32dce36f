// Units between two positions: what came last is reached in about the time in which the next one should come, so that they
// glide instead of jumping. A few seconds behind the truth at most; where they are does not change because of it.

const FIRST_MS = 1000;
const SHORTEST_MS = 150;
const LONGEST_MS = 4000;
/** Degrees: further than a vehicle drives between two positions, so it is put there at once (about 2 km). */
const JUMP = 0.02;

interface Track {
  fromLon: number;
  fromLat: number;
  toLon: number;
  toLat: number;
  start_ms: number;
  length_ms: number;
}

export class Motion {
  private readonly tracks = new Map<number, Track>();
  private readonly moving = new Set<number>();
  private readonly atOnce: boolean;

  constructor(atOnce: boolean) {
    this.atOnce = atOnce;
  }

  /** A new position, at this moment of the page's monotonic clock. */
  moveTo(id: number, lon: number, lat: number, now_ms: number): void {
    const track = this.tracks.get(id);
    if (!track) {
      this.tracks.set(id, {
        fromLon: lon,
        fromLat: lat,
        toLon: lon,
        toLat: lat,
        start_ms: now_ms,
        length_ms: FIRST_MS,
      });
      return;
    }
    const [lonNow, latNow] = this.at(id, now_ms) ?? [lon, lat];
    const since_ms = now_ms - track.start_ms;
    const jump = this.atOnce || Math.abs(lon - lonNow) > JUMP || Math.abs(lat - latNow) > JUMP;
    track.fromLon = jump ? lon : lonNow;
    track.fromLat = jump ? lat : latNow;
    track.toLon = lon;
    track.toLat = lat;
    track.start_ms = now_ms;
    track.length_ms = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, since_ms * 1.1));
    if (track.fromLon !== lon || track.fromLat !== lat) this.moving.add(id);
  }

  /** Where it is drawn now; undefined: it has never been seen. */
  at(id: number, now_ms: number): [number, number] | undefined {
    const track = this.tracks.get(id);
    if (!track) return undefined;
    const share = Math.min(1, Math.max(0, (now_ms - track.start_ms) / track.length_ms));
    return [
      track.fromLon + (track.toLon - track.fromLon) * share,
      track.fromLat + (track.toLat - track.fromLat) * share,
    ];
  }

  /** Whether anything moves at this moment; what has arrived is forgotten by the asking. */
  isMoving(now_ms: number): boolean {
    for (const id of this.moving) {
      const track = this.tracks.get(id);
      if (!track || now_ms >= track.start_ms + track.length_ms) this.moving.delete(id);
    }
    return this.moving.size > 0;
  }

  keepOnly(ids: ReadonlySet<number>): void {
    for (const id of this.tracks.keys()) {
      if (!ids.has(id)) {
        this.tracks.delete(id);
        this.moving.delete(id);
      }
    }
  }
}
