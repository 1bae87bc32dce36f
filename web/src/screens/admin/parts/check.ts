// What can be said of an entry before the server sees it. Limits are those of the API.

export type FaultName =
  | "required"
  | "tooLong"
  | "spaces"
  | "taken"
  | "number"
  | "range"
  | "choose"
  | "passwordShort"
  | "passwordLong"
  | "passwordName"
  | "passwordSame"
  | "twice"
  | "tooMany"
  | "future";

export interface Fault {
  fault: FaultName;
  values?: Record<string, string | number>;
}

export type Faults<F> = Partial<Record<keyof F & string, Fault>>;

const encoder = new TextEncoder();
// Control characters are refused everywhere.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** A text of 1 to `most` bytes. */
export function checkText(text: string, most: number): Fault | undefined {
  if (text.trim() === "") return { fault: "required" };
  if (CONTROL.test(text)) return { fault: "spaces" };
  return bytesOf(text) > most ? { fault: "tooLong", values: { most } } : undefined;
}

/** A code or a name to sign in with: no spaces, and nobody else has it. */
export function checkCode(text: string, most: number, others: Iterable<string>): Fault | undefined {
  const fault = checkText(text, most);
  if (fault) return fault;
  if (/\s/.test(text)) return { fault: "spaces" };
  for (const other of others) if (other === text) return { fault: "taken" };
  return undefined;
}

export function checkWhole(text: string, minimum: number, maximum: number): Fault | undefined {
  if (!/^-?\d{1,15}$/.test(text.trim())) return { fault: "number" };
  const value = Number(text);
  return value < minimum || value > maximum ? { fault: "range", values: { minimum, maximum } } : undefined;
}

const PASSWORD_CHARACTERS = 10;
const PASSWORD_BYTES = 256;

export function checkPassword(password: string, name: string): Fault | undefined {
  if ([...password].length < PASSWORD_CHARACTERS) {
    return { fault: "passwordShort", values: { least: PASSWORD_CHARACTERS } };
  }
  if (bytesOf(password) > PASSWORD_BYTES) return { fault: "passwordLong", values: { most: PASSWORD_BYTES } };
  if (password.toLowerCase() === name.toLowerCase()) return { fault: "passwordName" };
  return new Set(password).size === 1 ? { fault: "passwordSame" } : undefined;
}

/** Takes out what is no fault, so that an empty object means: nothing to complain of. */
export function faultsOf<F>(found: { [K in keyof F & string]?: Fault | undefined }): Faults<F> {
  return Object.fromEntries(Object.entries(found).filter(([, fault]) => fault !== undefined)) as Faults<F>;
}
