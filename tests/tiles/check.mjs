// Reads every tile of a folder with somebody else's reader, the one that the console's map uses: each decodes, coordinates lie within the
// buffer, rings turn as the specification wants, and the texts are what the layers promise.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { classifyRings, VectorTile } from "@mapbox/vector-tile";
import Pbf from "pbf";

const LAYERS = {
  areas: { type: 3, tags: ["kind"] },
  roads: { type: 2, tags: ["class"] },
  road_labels: { type: 2, tags: ["name", "class"] },
  places: { type: 1, tags: ["name", "kind", "rank"] },
};
const LOW = -64;
const HIGH = 4096 + 64;
const folder = process.argv[2];
const problems = [];
const counts = { tiles: 0, features: 0, points: 0 };

function checkFeature(where, feature, wanted) {
  if (feature.type !== wanted.type) problems.push(`${where}: type ${feature.type}`);
  for (const tag of wanted.tags) {
    const value = feature.properties[tag];
    if (value === undefined || value === "") problems.push(`${where}: no ${tag}`);
  }
  const lines = feature.loadGeometry();
  counts.points += lines.flat().length;
  for (const point of lines.flat()) {
    if (point.x < LOW || point.x > HIGH || point.y < LOW || point.y > HIGH) problems.push(`${where}: ${point.x}, ${point.y}`);
  }
  if (lines.length === 0) problems.push(`${where}: nothing to draw`);
  if (feature.type === 2 && lines.some((line) => line.length < 2)) problems.push(`${where}: a line of one point`);
  if (feature.type === 3) {
    const polygons = classifyRings(lines);
    if (polygons.length !== 1 || polygons[0].length !== lines.length) problems.push(`${where}: ${polygons.length} polygons`);
    if (lines.some((ring) => ring.length < 4)) problems.push(`${where}: a ring of fewer than three points`);
  }
}

for (const name of readdirSync(folder).filter((file) => file.endsWith(".mvt"))) {
  const tile = new VectorTile(new Pbf(readFileSync(join(folder, name))));
  counts.tiles++;
  for (const [layerName, layer] of Object.entries(tile.layers)) {
    const wanted = LAYERS[layerName];
    if (!wanted || layer.version !== 2 || layer.extent !== 4096) problems.push(`${name}: layer ${layerName} version ${layer.version}`);
    for (let i = 0; i < layer.length; i++) {
      counts.features++;
      checkFeature(`${name} ${layerName} ${i}`, layer.feature(i), wanted ?? { type: 0, tags: [] });
    }
  }
}
for (const problem of problems.slice(0, 20)) console.error(problem);
console.log(`${counts.tiles} tiles, ${counts.features} features, ${counts.points} points, ${problems.length} problems`);
process.exit(problems.length === 0 && counts.tiles > 0 ? 0 : 1);
