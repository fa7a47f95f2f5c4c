import { compareRevisions } from "./revision.ts";

/** What happened to an object, seen by its identity (uid), not by its name alone. */
export interface ObjectChange<T> {
  readonly kind: "added" | "changed" | "gone";
  readonly name: string;
  /** The present value; of a gone object, the last one known. */
  readonly value: T;
  readonly previous: T | undefined;
}

/** One object as it was read; a null value means that it is not of interest. */
export interface ObservedObject<T> {
  readonly name: string;
  readonly uid: string;
  readonly revision: string;
  readonly value: T | null;
}

/** A whole list, as of one revision of the store. */
export interface ObservedList<T> {
  readonly revision: string;
  readonly objects: readonly ObservedObject<T>[];
}

type Held<T> = ObservedObject<T> & { readonly value: T };

/**
 * The last known state of a set of objects. It is told what watch and lists say, in whatever order they come, and answers
 * with the changes. It never goes back: what is older than what it knows, for one object, is dropped.
 */
export class ObjectCache<T> {
  readonly #held = new Map<string, Held<T>>();
  /** Revisions at which objects went while a list was being read: the list may be older and show them still. */
  #goneSinceList: Map<string, string> | undefined;
  #revision = "0";
  /** Events up to here are told by a list already. */
  #floor = "0";

  /** The newest revision of the store that was seen; a watch resumes from here. */
  get revision(): string {
    return this.#revision;
  }

  get(name: string): T | undefined {
    return this.#held.get(name)?.value;
  }

  all(): T[] {
    return [...this.#held.values()].map((held) => held.value);
  }

  /** A bookmark: nothing happened up to this revision. */
  advance(revision: string): void {
    if (compareRevisions(revision, this.#revision) > 0) this.#revision = revision;
  }

  /** A watch event ADDED or MODIFIED. */
  put(object: ObservedObject<T>): ObjectChange<T>[] {
    if (compareRevisions(object.revision, this.#floor) <= 0) return [];
    this.advance(object.revision);
    return this.#set(object);
  }

  /** A watch event DELETED; `revision` is the deletion's own. */
  remove(object: ObservedObject<T>): ObjectChange<T>[] {
    if (compareRevisions(object.revision, this.#floor) <= 0) return [];
    this.advance(object.revision);
    this.#goneSinceList?.set(object.name, object.revision);
    const held = this.#held.get(object.name);
    if (held === undefined) return [];
    // The last state says why it went, so it is told as the gone object's value.
    return this.#drop(held, object.uid === held.uid && object.value !== null ? object.value : held.value);
  }

  /** To be called before a list is asked for while a watch is running. */
  beginList(): void {
    this.#goneSinceList = new Map();
  }

  /** Whether the list is older than what was known when it was asked for, and so must not be used as it stands. */
  isStale(list: ObservedList<T>, knownWhenAsked: string): boolean {
    return compareRevisions(list.revision, knownWhenAsked) < 0;
  }

  /** Takes over a list that is not stale: what the watch told meanwhile is kept where it is newer. */
  applyList(list: ObservedList<T>): ObjectChange<T>[] {
    const goneSince = this.#goneSinceList;
    this.#goneSinceList = undefined;
    const listed = new Set(list.objects.map((object) => object.name));
    // What went is told first: its place may be wanted for what came.
    const changes = [...this.#held.values()]
      .filter((held) => !listed.has(held.name) && compareRevisions(held.revision, list.revision) <= 0)
      .flatMap((held) => this.#drop(held, held.value));
    for (const object of list.objects) {
      const goneAt = goneSince?.get(object.name);
      if (goneAt !== undefined && compareRevisions(goneAt, object.revision) > 0) continue;
      const held = this.#held.get(object.name);
      if (held && compareRevisions(held.revision, object.revision) > 0) continue;
      changes.push(...this.#set(object));
    }
    this.advance(list.revision);
    this.#floor = list.revision;
    return changes;
  }

  /** Takes over a list of a store that went back (restored from a backup): revisions known so far mean nothing any more. */
  replaceAll(list: ObservedList<T>): ObjectChange<T>[] {
    this.#goneSinceList = undefined;
    const listed = new Set(list.objects.map((object) => object.name));
    const changes = [...this.#held.values()]
      .filter((held) => !listed.has(held.name))
      .flatMap((held) => this.#drop(held, held.value));
    for (const object of list.objects) changes.push(...this.#set(object));
    this.#revision = list.revision;
    this.#floor = list.revision;
    return changes;
  }

  #set(object: ObservedObject<T>): ObjectChange<T>[] {
    const held = this.#held.get(object.name);
    if (object.value === null) return held === undefined ? [] : this.#drop(held, held.value);
    const { name, value } = object;
    if (held === undefined || held.uid !== object.uid) {
      // Deleted and made again while nobody looked: two objects, so two changes.
      const gone = held === undefined ? [] : this.#drop(held, held.value);
      this.#held.set(name, { ...object, value });
      return [...gone, { kind: "added", name, value, previous: undefined }];
    }
    if (held.revision === object.revision) return [];
    this.#held.set(name, { ...object, value });
    return [{ kind: "changed", name, value, previous: held.value }];
  }

  #drop(held: Held<T>, value: T): ObjectChange<T>[] {
    this.#held.delete(held.name);
    return [{ kind: "gone", name: held.name, value, previous: held.value }];
  }
}
