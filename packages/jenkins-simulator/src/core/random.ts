/** A stream of numbers in [0, 1) that a seed decides: the same seed gives the same master again. */
export interface Random {
  next(): number;
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** Digits 0-9a-f. */
  hex(length: number): string;
}

/** A small generator (32 bits of state, a Weyl sequence mixed by multiplications); good enough to shuffle with, no more. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    hex: (length) => Array.from({ length }, () => below(16).toString(16)).join(""),
  };
}

/** `items` in an order that `random` decides. */
export function shuffled<T>(items: Iterable<T>, random: Random): T[] {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    const [a, b] = [order[at] as T, order[other] as T];
    order[at] = b;
    order[other] = a;
  }
  return order;
}

/** A place on a ring of 2^32 for a text (FNV-1a, then mixed: names that differ in one digit must not be neighbours). */
export function placeOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
