/** Whether a master is of this version or a later one. A version that cannot be read is taken for a new one: such are builds from a branch. */
export function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const found = /^(\d{1,6})\.(\d{1,6})/.exec(version);
  if (found === null) return true;
  const [hasMajor, hasMinor] = [Number(found[1]), Number(found[2])];
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
