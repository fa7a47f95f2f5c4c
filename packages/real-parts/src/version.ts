/** A version as numbers, most significant first: `[2, 15, 2]`. */
export type Version = readonly number[];

/**
 * The first version number in a program's own words, such as `nats-server: v2.15.2`, `go version go1.26.8 linux/amd64`
 * or `openjdk version "17.0.15"`; undefined if there is none. Java's old `1.8.0` counts as 8.
 */
export function parseVersion(text: string): Version | undefined {
  const found = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
  if (found === null) return undefined;
  return found.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]));
}

/** Whether `version` is `least` or later; a missing last number counts as 0. */
export function isAtLeast(version: Version, least: Version): boolean {
  for (let index = 0; index < Math.max(version.length, least.length); index += 1) {
    const difference = (version[index] ?? 0) - (least[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
