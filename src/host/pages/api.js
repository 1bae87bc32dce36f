"use strict";
// Shows /api/v1/openapi.json. Text goes in as text, never as HTML; nothing is asked for but the document itself.

const make = (tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};

const nameOf = (reference) => reference.slice(reference.lastIndexOf("/") + 1);

const typeText = (shape) => {
  if (shape.$ref) return nameOf(shape.$ref);
  if (shape.anyOf) return shape.anyOf.map(typeText).join(" or ");
  if (shape.type === "array") return "list of " + typeText(shape.items);
  const type = Array.isArray(shape.type) ? shape.type.join(" or ") : shape.type || "any";
  const range = shape.minimum !== undefined ? ` from ${shape.minimum} to ${shape.maximum ?? "…"}` : "";
  return (shape.enum ? shape.enum.join(", ") : type) + (shape.format ? ` (${shape.format})` : range);
};

const fieldsTable = (shape, api) => {
  const known = shape.$ref ? api.components.schemas[nameOf(shape.$ref)] : shape;
  const part = make("div");
  if (!known.properties) {
    part.append(make("p", typeText(known) + (known.description ? ": " + known.description : "")));
    return part;
  }
  const table = make("table");
  const head = make("tr");
  for (const title of ["field", "type", "meaning"]) {
    const cell = make("th", title);
    cell.scope = "col";
    head.append(cell);
  }
  table.append(head);
  for (const [name, field] of Object.entries(known.properties)) {
    const row = make("tr");
    const optional = (known.required || []).includes(name) ? "" : " (may be left out)";
    const first = make("td");
    first.append(make("code", name));
    row.append(first, make("td", typeText(field) + optional), make("td", field.description || ""));
    table.append(row);
  }
  part.append(table);
  return part;
};

const showOperation = (path, method, operation, api) => {
  const details = make("details");
  const summary = make("summary");
  summary.append(make("span", method.toUpperCase(), "method"), make("code", path, "path"));
  summary.append(make("span", operation.summary, "soft"));
  details.append(summary);
  details.dataset.words = `${path} ${method} ${operation.summary} ${operation.operationId}`.toLowerCase();
  details.id = operation.operationId;
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    details.append(showBody(operation, api));
  });
  return details;
};

const showBody = (operation, api) => {
  const body = make("div");
  if (operation.description) body.append(make("p", operation.description));
  for (const parameter of operation.parameters || []) {
    const line = make("p");
    line.append(make("code", parameter.name), ` (${parameter.in}): ${parameter.description || ""} ${typeText(parameter.schema)}`);
    body.append(line);
  }
  const content = operation.requestBody?.content["application/json"];
  if (content) {
    body.append(make("h3", "Body"), fieldsTable(content.schema, api));
    if (content.example) body.append(make("pre", JSON.stringify(content.example, null, 2)));
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    if (status === "default") continue;
    const schema = response.content?.["application/json"]?.schema;
    body.append(make("h3", `Answer ${status}: ${response.description}`));
    if (schema) body.append(fieldsTable(schema, api));
    const items = schema?.properties?.items?.items;
    if (items?.$ref) body.append(make("h3", nameOf(items.$ref)), fieldsTable(items, api));
  }
  return body;
};

const showSchemas = (api) => {
  const section = make("section");
  section.append(make("h2", "forms"));
  for (const [name, shape] of Object.entries(api.components.schemas)) {
    const details = make("details");
    const summary = make("summary");
    summary.append(make("code", name), make("span", (shape.description || "").slice(0, 120), "soft"));
    details.dataset.words = name;
    details.append(summary, fieldsTable(shape, api));
    section.append(details);
  }
  return section;
};

const filterBy = (text) => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const details of document.querySelectorAll("#operations details")) {
    details.hidden = !words.every((word) => details.dataset.words.includes(word));
    shown += details.hidden ? 0 : 1;
  }
  for (const section of document.querySelectorAll("#operations section")) {
    section.hidden = !section.querySelector("details:not([hidden])");
  }
  document.getElementById("count").textContent = `${shown} shown`;
};

const show = (api) => {
  const about = document.getElementById("about");
  const lines = api.info.description.replaceAll("`", "").split("\n").filter(Boolean);
  const problems = make("details");
  problems.append(make("summary", "Problems and refusals"));
  for (const line of lines.slice(1)) problems.append(make("div", line));
  about.append(make("p", lines[0]), problems);
  const main = document.getElementById("operations");
  const sections = new Map();
  for (const tag of api.tags) {
    const section = make("section");
    section.append(make("h2", tag.name));
    sections.set(tag.name, section);
    main.append(section);
  }
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      sections.get(operation.tags[0]).append(showOperation(path, method, operation, api));
    }
  }
  main.append(showSchemas(api));
  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => filterBy(filter.value));
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== filter) {
      event.preventDefault();
      filter.focus();
    }
  });
  filterBy("");
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (wanted instanceof HTMLDetailsElement) {
    wanted.open = true;
    wanted.scrollIntoView();
  }
};

fetch("/api/v1/openapi.json")
  .then((response) => response.json())
  .then(show)
  .catch((problem) => {
    document.getElementById("count").textContent = "The document could not be read: " + problem.message;
  });
