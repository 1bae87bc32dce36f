import { Problem } from "@/api/problem";
import type { All } from "@/screens/admin/parts/useAll";

/** One of a list that is read anew. */
export async function readOne<T extends { id: number }>(all: All<T>, id: number): Promise<T> {
  const found = (await all.reload()).find((item) => item.id === id);
  if (!found) throw new Problem({ name: "unknown_entity", status: 404, detail: "" });
  return found;
}
