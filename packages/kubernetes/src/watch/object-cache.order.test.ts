import fc from "fast-check";
import { expect, test } from "vitest";
import { ObjectCache, type ObjectChange, type ObservedObject } from "./object-cache.ts";

type Objects = ReadonlyMap<string, ObservedObject<string>>;

/** A store with its whole history: what was there at each revision, and what a watch says of it. */
class Store {
  readonly states: Objects[] = [new Map()];
  readonly events: { type: "put" | "remove"; object: ObservedObject<string> }[] = [];

  get head(): number {
    return this.states.length - 1;
  }

  mutate(name: string, deletes: boolean): void {
    const now = new Map(this.states[this.head]);
    const old = now.get(name);
    const revision = String(this.head + 1);
    const uid = old?.uid ?? `${name}-${revision}`;
    const object = { name, uid, revision, value: `${uid}@${revision}` };
    if (deletes && old === undefined) return;
    if (deletes) now.delete(name);
    else now.set(name, object);
    this.events.push({ type: deletes ? "remove" : "put", object });
    this.states.push(now);
  }

  list(revision: number) {
    return { revision: String(revision), objects: [...(this.states[revision] ?? new Map()).values()] };
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("mutate" as const),
      name: fc.constantFrom("a", "b", "c"),
      deletes: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("deliver" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ask" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("answer" as const), age: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("bookmark" as const) }) },
);

const revisionsOf = (objects: Iterable<string>) => [...objects].sort();

test("whatever the order of events and of old lists, what is held is the store's state at the newest revision seen", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const store = new Store();
      const cache = new ObjectCache<string>();
      const told = new Map<string, string>();
      const hear = (changes: readonly ObjectChange<string>[]) => {
        for (const { kind, name, value, previous } of changes) {
          expect(told.get(name)).toBe(previous);
          expect(kind === "added").toBe(previous === undefined);
          if (kind === "gone") told.delete(name);
          else told.set(name, value);
        }
      };
      let delivered = 0;
      let newest = 0;
      let asked: string | undefined;
      for (const now of steps) {
        if (now.do === "mutate") store.mutate(now.name, now.deletes);
        if (now.do === "deliver" && delivered < store.events.length) {
          const event = store.events[delivered];
          delivered += 1;
          if (event) hear(event.type === "put" ? cache.put(event.object) : cache.remove(event.object));
          newest = Math.max(newest, delivered);
        }
        if (now.do === "bookmark") cache.advance(String(delivered));
        if (now.do === "ask" && asked === undefined) {
          cache.beginList();
          asked = cache.revision;
        }
        if (now.do === "answer" && asked !== undefined) {
          const revision = Math.max(0, store.head - now.age);
          const list = store.list(revision);
          if (!cache.isStale(list, asked)) {
            hear(cache.applyList(list));
            newest = Math.max(newest, revision);
          }
          asked = undefined;
        }
        const expected = revisionsOf([...(store.states[newest] ?? new Map()).values()].map((object) => object.value));
        expect(revisionsOf(cache.all())).toEqual(expected);
        expect(revisionsOf(told.values())).toEqual(expected);
        expect(cache.revision).toBe(String(newest));
      }
    }),
    { numRuns: 500 },
  );
});

test("a list repairs whatever the watch has lost", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), fc.infiniteStream(fc.boolean()), (steps, losses) => {
      const store = new Store();
      const cache = new ObjectCache<string>();
      for (const now of steps) if (now.do === "mutate") store.mutate(now.name, now.deletes);
      for (const event of store.events) {
        if (losses.next().value) continue;
        if (event.type === "put") cache.put(event.object);
        else cache.remove(event.object);
      }
      cache.beginList();
      cache.applyList(store.list(store.head));
      expect(revisionsOf(cache.all())).toEqual(
        revisionsOf(store.list(store.head).objects.map((object) => object.value ?? "")),
      );
    }),
  );
});
