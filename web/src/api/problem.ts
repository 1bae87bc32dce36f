import type { ProblemName } from "@schema";

/** What the console itself finds wrong, beside the names that the server tells. */
export type OwnProblemName = "no_connection" | "timeout" | "unreadable" | "passkey_not_shown" | "passkey_known";
export type AnyProblemName = ProblemName | OwnProblemName | "too_many_streams";

export interface ProblemDetails {
  name: AnyProblemName;
  status: number;
  /** The server's sentence, in English; shown beside ours where it says more. */
  detail: string;
  by?: { actor: number; actor_kind: string; name: string };
  at?: string;
  sequence?: number;
  subject?: string;
  subject_id?: number;
  revision_now?: number;
  retry_after_s?: number;
}

/** Anything that was not done, and why (RFC 9457). */
export class Problem extends Error {
  override readonly name: AnyProblemName;
  readonly details: ProblemDetails;

  constructor(details: ProblemDetails) {
    super(details.detail || details.name);
    this.name = details.name;
    this.details = details;
  }

  get status(): number {
    return this.details.status;
  }

  /** Whether the same request with the same key may succeed a little later. */
  get isPassing(): boolean {
    if (this.name === "no_connection" || this.name === "timeout") return true;
    return this.status === 503 || this.name === "too_many_requests";
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function actor(value: unknown): ProblemDetails["by"] {
  if (!isRecord(value)) return undefined;
  return { actor: count(value.actor) ?? 0, actor_kind: text(value.actor_kind) ?? "", name: text(value.name) ?? "" };
}

/** The problem that an answer tells; an answer that tells none in the agreed form is told by its status. */
export async function problemOf(response: Response): Promise<Problem> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  const wait = Number(response.headers.get("Retry-After"));
  const details: ProblemDetails = {
    name: "unreadable",
    status: response.status,
    detail: "",
    ...(wait > 0 ? { retry_after_s: wait } : {}),
  };
  if (!isRecord(body)) return new Problem(details);
  return new Problem({
    ...details,
    name: (text(body.name) ?? "unreadable") as AnyProblemName,
    detail: text(body.detail) ?? text(body.title) ?? "",
    by: actor(body.by),
    at: text(body.at),
    sequence: count(body.sequence),
    subject: text(body.subject),
    subject_id: count(body.subject_id),
    revision_now: count(body.revision_now),
  });
}

/** Any thrown thing as a problem, so that a caller needs one kind of catch. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem({ name: "no_connection", status: 0, detail: thrown instanceof Error ? thrown.message : "" });
}
