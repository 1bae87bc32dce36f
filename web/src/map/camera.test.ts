import type { CityMap } from "@schema";
import type { Map as LibreMap } from "maplibre-gl";
import { describe, expect, it, vi } from "vitest";
import { boundsOfCity, boundsOfPoints, Camera } from "@/map/camera";

const city = { bounds: [11.8, 57.6, 12.1, 57.8] } as unknown as CityMap;

function cameraAt(zoom: number) {
  const map = { getZoom: () => zoom, easeTo: vi.fn(), fitBounds: vi.fn() };
  return { map, camera: new Camera(map as unknown as LibreMap, city) };
}

describe("where the map looks", () => {
  it("never goes farther away to look at a place", () => {
    const near = cameraAt(17);
    near.camera.lookAt({ lon: 12, lat: 57.7 });
    expect(near.map.easeTo.mock.calls[0]?.[0]).toMatchObject({ center: [12, 57.7], zoom: 17 });
    const far = cameraAt(10);
    far.camera.lookAt({ lon: 12, lat: 57.7 });
    expect(far.map.easeTo.mock.calls[0]?.[0]).toMatchObject({ zoom: 15 });
  });

  it("shows nothing, one place or many", () => {
    const { map, camera } = cameraAt(10);
    camera.fit([]);
    expect(map.easeTo).not.toHaveBeenCalled();
    camera.fit([{ lon: 12, lat: 57.7 }]);
    expect(map.easeTo).toHaveBeenCalledOnce();
    expect(map.fitBounds).not.toHaveBeenCalled();
    camera.fit([
      { lon: 12, lat: 57.7 },
      { lon: 11.9, lat: 57.75 },
      { lon: 11.95, lat: 57.65 },
    ]);
    expect(map.fitBounds.mock.calls[0]?.[0]).toEqual([11.9, 57.65, 12, 57.75]);
  });

  it("knows the bounds of a city, and of one that tells none", () => {
    expect(boundsOfCity(city)).toEqual([11.8, 57.6, 12.1, 57.8]);
    expect(boundsOfCity({ bounds: [] } as unknown as CityMap)).toEqual([-180, -80, 180, 80]);
    expect(boundsOfPoints([{ lon: -1, lat: 2 }])).toEqual([-1, 2, -1, 2]);
  });
});
