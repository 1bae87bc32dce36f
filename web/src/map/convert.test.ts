import { describe, expect, it } from "vitest";
import { cornersOf, districtNamesOf, heatOf, isochronesOf, routesOf } from "@/map/convert";

const square = (west: number, south: number, side: number) => [
  [
    [west, south],
    [west + side, south],
    [west + side, south + side],
    [west, south + side],
    [west, south],
  ],
];
const feature = (geometry: GeoJSON.Geometry, name = ""): GeoJSON.Feature => ({
  type: "Feature",
  properties: { name },
  geometry,
});

describe("what screens give, as GeoJSON", () => {
  it("has the strongest way last, so that it lies on top", () => {
    const weak = { points: [[1, 2]] as const };
    const strong = { points: [[3, 4]] as const, strong: true };
    const { features } = routesOf([strong, weak]);
    expect(features.map(({ properties }) => properties?.strong)).toEqual([false, true]);
  });

  it("weighs heat against the hottest cell, and no cell at all is none", () => {
    expect(
      heatOf([
        [1, 1, 4],
        [2, 2, 1],
      ]).features.map(({ properties }) => properties?.weight),
    ).toEqual([1, 0.25]);
    expect(heatOf([]).features).toEqual([]);
  });

  it("names a district once, in the middle of its largest part", () => {
    const parts: GeoJSON.Geometry = { type: "MultiPolygon", coordinates: [square(50, 50, 1), square(0, 0, 4)] };
    const { features } = districtNamesOf({ type: "FeatureCollection", features: [feature(parts, "North")] });
    expect(features).toHaveLength(1);
    expect(features[0]?.geometry).toEqual({ type: "Point", coordinates: [2, 2] });
    expect(features[0]?.properties).toEqual({ name: "North" });
  });

  it("names the borders of areas at different points, the first in the north, the second in the east", () => {
    const area = {
      ...feature({
        type: "Polygon",
        coordinates: [
          [
            [0, 0],
            [4, 1],
            [2, 9],
            [0, 0],
          ],
        ],
      }),
      properties: { minutes: 8 },
    };
    const collection = isochronesOf({ type: "FeatureCollection", features: [area, area] });
    const points = collection?.features.slice(2).map(({ geometry }) => (geometry as GeoJSON.Point).coordinates);
    expect(points).toEqual([
      [2, 9],
      [4, 1],
    ]);
    expect(collection?.features[2]?.properties).toEqual({ minutes: 8 });
    expect(isochronesOf(null)).toBeNull();
  });

  it("knows the corners of shapes, of all their parts", () => {
    const shapes = [
      feature({ type: "Polygon", coordinates: square(10, 20, 1) }),
      feature({ type: "MultiPolygon", coordinates: [square(8, 21, 2), square(12, 18, 1)] }),
    ];
    expect(cornersOf({ type: "FeatureCollection", features: shapes })).toEqual([
      { lon: 8, lat: 18 },
      { lon: 13, lat: 23 },
    ]);
    expect(cornersOf({ type: "FeatureCollection", features: [] })).toBeNull();
  });
});
