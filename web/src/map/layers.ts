// The signs on the map as deck.gl layers. What stands still is made once and kept; units are placed anew in each frame in which
// one of them moves.
import type { Layer } from "@deck.gl/core";
import { IconLayer } from "@deck.gl/layers";
import { type Atlas, makeLabels, makeSigns } from "@/map/atlas";
import { freshness, OLD_FROM_S, type Scene } from "@/map/scene";
import type { Layers, MapUnit } from "@/map/types";

const SIGN_PIXELS = 32;
export const LABELS_FROM_ZOOM = 12;

export interface UnitPlace {
  place: readonly [number, number];
  age_s: number | null;
  /** In points of the screen: units at one place stand beside each other. */
  offset: readonly [number, number];
}

/** A place and its offset on the screen. */
export type Spot = Pick<UnitPlace, "place" | "offset">;

export type PlaceOf = (unit: MapUnit) => UnitPlace | undefined;

/** Everything that can be made of one scene and one look; made anew when either changes. */
export class SignLayers {
  private readonly signs: Atlas = makeSigns();
  private labels: Atlas = makeLabels([]);
  private labelled = "";
  private still: Layer[] = [];
  private units: readonly MapUnit[] = [];
  private ages: Atlas = makeLabels([]);
  private aged = "";
  private readonly minutes: string;

  /** `minutes`: what stands behind a number of minutes, with its space. */
  constructor(minutes: string) {
    this.minutes = minutes;
  }

  setScene(scene: Scene, layers: Layers): void {
    this.still = [
      ...(layers.posts ? [this.signLayer("posts", scene.posts, () => "station", 22)] : []),
      ...(layers.facilities ? [this.signLayer("facilities", scene.facilities, (one) => one.state, 30)] : []),
      ...(layers.incidents
        ? [
            this.signLayer(
              "incidents",
              scene.incidents,
              (one) => (one.waiting ? `${one.priority}-waiting` : one.priority),
              30,
            ),
          ]
        : []),
      ...(scene.marks.length > 0 ? [this.signLayer("marks", scene.marks, () => "pin", 40)] : []),
    ];
    this.units = layers.units ? scene.units : [];
    const codes = this.units.map((unit) => unit.code).join(" ");
    if (codes !== this.labelled) {
      this.labelled = codes;
      this.labels = makeLabels(this.units.map((unit) => unit.code));
    }
  }

  /** All layers for one frame, the lowest first. */
  frame(number: number, zoom: number, placeOf: PlaceOf, selected: Spot | null): Layer[] {
    const seen: { unit: MapUnit; at: UnitPlace }[] = [];
    for (const unit of this.units) {
      const at = placeOf(unit);
      if (at) seen.push({ unit, at });
    }
    const old = seen.filter(({ at }) => at.age_s !== null && at.age_s >= OLD_FROM_S);
    return [
      ...this.still,
      ...(selected ? this.ringLayers(selected) : []),
      new IconLayer({
        id: "units",
        data: seen,
        iconAtlas: this.signs.canvas,
        iconMapping: this.signs.mapping,
        getIcon: ({ unit }) => unit.look,
        getPosition: ({ at }) => at.place as [number, number],
        getSize: SIGN_PIXELS,
        getPixelOffset: ({ at }) => at.offset as [number, number],
        getColor: ({ at }) => [255, 255, 255, 255 * freshness(at.age_s)],
        updateTriggers: { getPosition: number },
      }),
      ...(old.length > 0 ? this.oldLayers(old) : []),
      ...(zoom >= LABELS_FROM_ZOOM ? [this.codeLayer(seen, number)] : []),
    ];
  }

  private signLayer<T extends { point: { lon: number; lat: number } }>(
    id: string,
    data: readonly T[],
    sign: (one: T) => string,
    size: number,
  ): Layer {
    return new IconLayer<T>({
      id,
      data: data as T[],
      iconAtlas: this.signs.canvas,
      iconMapping: this.signs.mapping,
      getIcon: sign,
      getPosition: (one) => [one.point.lon, one.point.lat],
      getSize: size,
    });
  }

  private codeLayer(seen: { unit: MapUnit; at: UnitPlace }[], number: number): Layer {
    return new IconLayer({
      id: "codes",
      data: seen,
      iconAtlas: this.labels.canvas,
      iconMapping: this.labels.mapping,
      getIcon: ({ unit }) => unit.code,
      getPosition: ({ at }) => at.place as [number, number],
      getSize: 18,
      sizeUnits: "pixels",
      getPixelOffset: ({ at }) => at.offset as [number, number],
      getColor: ({ at }) => [255, 255, 255, 255 * freshness(at.age_s)],
      updateTriggers: { getPosition: number },
    });
  }

  // A ring and its minutes: whoever sends this unit must know that nobody knows where it is now.
  private oldLayers(old: { unit: MapUnit; at: UnitPlace }[]): Layer[] {
    const textOf = ({ at }: { at: UnitPlace }) => `${Math.floor((at.age_s ?? 0) / 60)}${this.minutes}`;
    const texts = old.map(textOf);
    if (texts.join() !== this.aged) {
      this.aged = texts.join();
      this.ages = makeLabels(texts, "warn");
    }
    return [
      new IconLayer({
        id: "old-rings",
        data: old,
        iconAtlas: this.signs.canvas,
        iconMapping: this.signs.mapping,
        getIcon: () => "old",
        getPosition: ({ at }) => at.place as [number, number],
        getPixelOffset: ({ at }) => at.offset as [number, number],
        getSize: 40,
      }),
      new IconLayer({
        id: "old-ages",
        data: old,
        iconAtlas: this.ages.canvas,
        iconMapping: this.ages.mapping,
        getIcon: textOf,
        getPosition: ({ at }) => at.place as [number, number],
        getPixelOffset: ({ at }) => [at.offset[0] - 4, at.offset[1] - 18],
        getSize: 17,
      }),
    ];
  }

  private ringLayers(spot: Spot): Layer[] {
    return [
      new IconLayer({
        id: "selected",
        data: [spot],
        iconAtlas: this.signs.canvas,
        iconMapping: this.signs.mapping,
        getIcon: () => "selected",
        getPosition: ({ place }: Spot) => place as [number, number],
        getPixelOffset: ({ offset }: Spot) => offset as [number, number],
        getSize: 48,
      }),
    ];
  }
}
