/** A message as a stream keeps it. */
export interface StoredMessage {
  readonly subject: string;
  readonly id: string;
  readonly data: string;
  readonly sequence: number;
  readonly publishedAt: number;
}

/** A value as a bucket keeps it. */
export interface StoredValue {
  readonly json: string;
  readonly revision: number;
  readonly writtenAt: number;
  readonly expiresAt: number;
}

/** All that a NATS in memory has on its disk: it may be lost, or be put back to what it was. */
export class MemoryStore {
  readonly streams = new Map<string, StoredMessage[]>();
  /** Of messages, so that none is kept twice. */
  readonly ids = new Set<string>();
  readonly buckets = new Map<string, Map<string, StoredValue>>();
  readonly lastRevisions = new Map<string, number>();
  sequence = 0;
  madeAt = 0;

  /** A copy, which stays as it is. */
  snapshot(): MemoryStore {
    const copy = new MemoryStore();
    copy.become(this);
    return copy;
  }

  /** Holds what another one holds, and nothing else. Buckets stay the same objects: whoever has opened one goes on with it. */
  become(other: MemoryStore): void {
    replace(
      this.streams,
      [...other.streams].map(([name, all]) => [name, [...all]] as const),
    );
    replace(this.lastRevisions, [...other.lastRevisions]);
    this.ids.clear();
    for (const id of other.ids) this.ids.add(id);
    for (const name of new Set([...this.buckets.keys(), ...other.buckets.keys()]))
      replace(this.bucket(name), [...(other.buckets.get(name) ?? [])]);
    this.sequence = other.sequence;
    this.madeAt = other.madeAt;
  }

  bucket(name: string): Map<string, StoredValue> {
    const bucket = this.buckets.get(name) ?? new Map<string, StoredValue>();
    this.buckets.set(name, bucket);
    return bucket;
  }
}

function replace<V>(map: Map<string, V>, entries: readonly (readonly [string, V])[]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}
