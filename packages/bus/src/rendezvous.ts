/**
 * Processes in the order in which they are to have something, the first one first. Each pair of a thing and a process has a
 * weight of its own, and the highest goes first: one process more or less moves nothing but its own share, and whoever knows
 * of the same processes comes to the same order.
 */
export function inOrderFor(thing: string, processes: Iterable<string>): string[] {
  return [...processes]
    .map((process) => ({ process, weight: weightOf(thing, process) }))
    .sort((a, b) => b.weight - a.weight || (a.process < b.process ? -1 : 1))
    .map(({ process }) => process);
}

/** 32 bits that look like chance: FNV-1a over both names, then Murmur3's last mixing. Never change it: releases run side by side. */
function weightOf(thing: string, process: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${thing}\0${process}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
