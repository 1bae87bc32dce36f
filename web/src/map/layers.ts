// The signs on the map as deck.gl layers. What stands still is made once and kept; units are placed anew in each frame in which
// one of them moves.
import type { Layer } from "@deck.gl/core";
import { IconLayer, ScatterplotLayer, TextLayer } from "@deck.gl/layers";
import { type Atlas, makeLabels, makeSigns } from "@/map/atlas";
import { FADE_FROM_S, freshness, OLD_FROM_S, type Scene } from "@/map/scene";
import { colour, type Rgba } from "@/map/tokens";
import type { Layers, MapMark, MapUnit } from "@/map/types";

const SIGN_PIXELS = 32;
const LABELS_FROM_ZOOM = 12;
const NAMES_FROM_ZOOM = 11;

export interface UnitPlace {
  place: readonly [number, number];
  age_s: number | null;
}

interface Named {
  name: string;
  point: { lon: number; lat: number };
}

export type PlaceOf = (unit: MapUnit) => UnitPlace | undefined;

/** Everything that can be made of one scene and one look; made anew when either changes. */
export class SignLayers {
  private readonly signs: Atlas = makeSigns();
  private labels: Atlas = makeLabels([]);
  private labelled = "";
  private still: Layer[] = [];
  private units: readonly MapUnit[] = [];
  private readonly text: Rgba = colour("text");
  private readonly halo: Rgba = colour("map-halo");
  private readonly warn: Rgba = colour("warn");
  private readonly ring: Rgba = colour("focus");

  setScene(scene: Scene, layers: Layers, zoom: number): void {
    const named = zoom >= NAMES_FROM_ZOOM;
    this.still = [
      ...(layers.posts ? [this.signLayer("posts", scene.posts, () => "station", 22)] : []),
      ...(layers.facilities ? [this.signLayer("facilities", scene.facilities, (one) => one.state, 30)] : []),
      ...(layers.facilities && named ? [this.nameLayer("facility-names", scene.facilities)] : []),
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
      ...(scene.marks.length > 0 ? this.markLayers(scene.marks) : []),
    ];
    this.units = layers.units ? scene.units : [];
    const codes = this.units.map((unit) => unit.code).join(" ");
    if (codes !== this.labelled) {
      this.labelled = codes;
      this.labels = makeLabels(this.units.map((unit) => unit.code));
    }
  }

  /** All layers for one frame, the lowest first. */
  frame(number: number, zoom: number, placeOf: PlaceOf, selected: readonly [number, number] | null): Layer[] {
    const seen: { unit: MapUnit; at: UnitPlace }[] = [];
    for (const unit of this.units) {
      const at = placeOf(unit);
      if (at) seen.push({ unit, at });
    }
    const old = seen.filter(({ at }) => at.age_s !== null && at.age_s >= OLD_FROM_S);
    return [
      ...this.still,
      ...(selected ? [this.ringLayer(selected)] : []),
      new IconLayer({
        id: "units",
        data: seen,
        iconAtlas: this.signs.canvas,
        iconMapping: this.signs.mapping,
        getIcon: ({ unit }) => unit.look,
        getPosition: ({ at }) => at.place as [number, number],
        getSize: SIGN_PIXELS,
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

  private nameLayer(id: string, data: readonly Named[]): Layer {
    return new TextLayer<Named>({
      id,
      data: data as Named[],
      getText: (one) => one.name,
      getPosition: (one) => [one.point.lon, one.point.lat],
      getPixelOffset: [0, 22],
      getSize: 12,
      getColor: this.text,
      fontFamily: '"Inter Variable", "Noto Sans CJK SC", sans-serif',
      fontWeight: 600,
      fontSettings: { sdf: true, radius: 10 },
      outlineWidth: 3,
      outlineColor: this.halo,
      characterSet: "auto",
    });
  }

  private markLayers(marks: readonly MapMark[]): Layer[] {
    const named = marks.filter((mark) => mark.label).map((mark) => ({ name: mark.label ?? "", point: mark.point }));
    return [
      this.signLayer("marks", marks, () => "pin", 40),
      ...(named.length > 0 ? [this.nameLayer("mark-names", named)] : []),
    ];
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
      getColor: ({ at }) => [255, 255, 255, 255 * freshness(at.age_s)],
      updateTriggers: { getPosition: number },
    });
  }

  // A ring and its minutes: whoever sends this unit must know that nobody knows where it is now.
  private oldLayers(old: { unit: MapUnit; at: UnitPlace }[]): Layer[] {
    const getPosition = ({ at }: { at: UnitPlace }) => at.place as [number, number];
    return [
      new ScatterplotLayer({
        id: "old-rings",
        data: old,
        getPosition,
        getRadius: 15,
        radiusUnits: "pixels",
        filled: false,
        stroked: true,
        getLineColor: this.warn,
        getLineWidth: 2,
        lineWidthUnits: "pixels",
      }),
      new TextLayer({
        id: "old-ages",
        data: old,
        getPosition,
        getText: ({ at }: { at: UnitPlace }) => `${Math.floor((at.age_s ?? 0) / 60)} min`,
        getPixelOffset: [0, -24],
        getSize: 11,
        getColor: this.warn,
        fontFamily: '"Inter Variable", sans-serif',
        fontWeight: 700,
        fontSettings: { sdf: true, radius: 10 },
        outlineWidth: 3,
        outlineColor: this.halo,
      }),
    ];
  }

  private ringLayer(place: readonly [number, number]): Layer {
    return new ScatterplotLayer({
      id: "selected",
      data: [place],
      getPosition: (at: readonly [number, number]) => at as [number, number],
      getRadius: 20,
      radiusUnits: "pixels",
      getFillColor: [this.ring[0], this.ring[1], this.ring[2], 36],
      stroked: true,
      getLineColor: this.ring,
      getLineWidth: 2.5,
      lineWidthUnits: "pixels",
    });
  }
}

export const NEXT_AGE_CHECK_MS = 1000;
export { FADE_FROM_S };
