// The collections that lie over the city, and which layers are on: kept here, because a new style (theme, language) brings new
// sources that have nothing yet.
import type { Map as LibreMap } from "maplibre-gl";
import { EMPTY, type OverlayName } from "@/map/styleOverlays";
import { switchLayers } from "@/map/styleSwitch";
import { ALL_LAYERS, type Layers } from "@/map/types";

interface Source {
  setData?: (data: GeoJSON.FeatureCollection) => void;
}

export class OverlayState {
  private readonly collections = new Map<OverlayName, GeoJSON.FeatureCollection>();
  /** Which collection a source has. */
  private readonly applied = new WeakMap<object, GeoJSON.FeatureCollection>();
  private layers: Layers = ALL_LAYERS;

  constructor(private readonly map: LibreMap) {}

  set(name: OverlayName, collection: GeoJSON.FeatureCollection | null): void {
    this.collections.set(name, collection ?? EMPTY);
    this.apply();
  }

  setLayers(layers: Layers): void {
    this.layers = layers;
    this.apply();
  }

  /** To be called whenever the style has changed. */
  readonly apply = (): void => {
    for (const [name, collection] of this.collections) {
      const source = this.map.getSource(name) as Source | undefined;
      if (source?.setData && this.applied.get(source) !== collection) {
        this.applied.set(source, collection);
        source.setData(collection);
      }
    }
    switchLayers(this.map, this.layers);
  };
}
