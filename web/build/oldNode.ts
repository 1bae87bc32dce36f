// Vitest 5 wants Node 22; Vite 8 and everything else here is content with 20.19. All that it misses there is this function,
// with which its reporter groups the errors of failed tests.
if (!("groupBy" in Map)) {
  const groupBy = <K, V>(items: Iterable<V>, keyOf: (item: V, index: number) => K): Map<K, V[]> => {
    const groups = new Map<K, V[]>();
    let index = 0;
    for (const item of items) {
      const key = keyOf(item, index);
      index += 1;
      groups.set(key, [...(groups.get(key) ?? []), item]);
    }
    return groups;
  };
  Object.defineProperty(Map, "groupBy", { value: groupBy });
}
