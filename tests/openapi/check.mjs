// Holds openapi.json against the OpenAPI 3.1 schema, by somebody else's program. Every operation must also have an id of its own, and every
// reference must lead somewhere.
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";

const specification = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const validator = new Validator();
const result = await validator.validate(specification);
const problems = result.valid ? [] : [JSON.stringify(result.errors, null, 1)];
if (validator.version !== "3.1") problems.push(`version ${validator.version}, not 3.1`);

const ids = new Set();
for (const [path, methods] of Object.entries(specification.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    if (ids.has(operation.operationId)) problems.push(`${method} ${path}: its operationId stands twice`);
    ids.add(operation.operationId);
    const named = [...path.matchAll(/{(\w+)}/g)].map((match) => match[1]);
    const told = (operation.parameters ?? []).filter((p) => p.in === "path").map((p) => p.name);
    if (named.join() !== told.join()) problems.push(`${method} ${path}: parameters of the path ${told} instead of ${named}`);
  }
}
JSON.stringify(specification, (key, value) => {
  if (key === "$ref") {
    const found = value.split("/").slice(1).reduce((part, name) => part?.[name], specification);
    if (found === undefined) problems.push(`${value} leads nowhere`);
  }
  return value;
});
for (const problem of problems) console.error(problem);
console.log(`${ids.size} operations, ${Object.keys(specification.components.schemas).length} schemas, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
