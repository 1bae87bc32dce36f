// Code, name and district: what the directory holds of units, posts and facilities alike.
import { patch } from "@/api/client";
import { checkCode, checkText, type Faults, faultsOf } from "@/screens/admin/parts/check";
import { same } from "@/screens/admin/parts/merge";

export const CODE_BYTES = 32;
export const NAME_BYTES = 128;

export interface NameFields {
  code: string;
  name: string;
  /** 0: none */
  district: number;
}

interface Named {
  id: number;
  code: string;
  name: string;
  district: number | null;
}

export function namesOf(thing: Named | null): NameFields {
  return { code: thing?.code ?? "", name: thing?.name ?? "", district: thing?.district ?? 0 };
}

export function checkNames(values: NameFields, own: number | undefined, all: readonly Named[]): Faults<NameFields> {
  const others = all.filter((other) => other.id !== own).map((other) => other.code);
  return faultsOf<NameFields>({
    code: checkCode(values.code, CODE_BYTES, others),
    name: checkText(values.name, NAME_BYTES),
  });
}

/** The body of an addition: where no district is said, the server takes that of the place. */
export function namesToAdd({ code, name, district }: NameFields): { code: string; name: string; district?: number } {
  return { code, name, ...(district > 0 ? { district } : {}) };
}

/** Sends what of the names is another now. */
export async function sendNames(path: string, values: NameFields, now: Named): Promise<void> {
  const before = namesOf(now);
  const changed = Object.fromEntries(
    (["code", "name", "district"] as const)
      .filter((key) => !same(values[key], before[key]))
      .map((key) => [key, values[key]]),
  );
  if (Object.keys(changed).length > 0) await patch(`${path}/${now.id}`, changed);
}
