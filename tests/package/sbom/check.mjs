// Holds a list of components (SBOM) against the JSON schema of CycloneDX 1.6, by OWASP's own library.
import { readFileSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

const text = readFileSync(process.argv[2], "utf-8");
const problems = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
if (problems) console.error(JSON.stringify(problems, null, 1));
console.log(`${JSON.parse(text).components.length} components, ${problems ? "not " : ""}as CycloneDX 1.6 wants it`);
process.exit(problems ? 1 : 0);
