/** How long something has lasted, for a glance: `12s`, `6m12s`, `41m`, `1h4m`, `3d4h`. What is yet to begin is `0s`. */
export function printAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes < 1) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${part(seconds % 60, "s")}`;
  if (hours < 1) return `${minutes}m`;
  if (days < 1) return `${hours}h${part(minutes % 60, "m")}`;
  return `${days}d${part(hours % 24, "h")}`;
}

function part(count: number, unit: string): string {
  return count === 0 ? "" : `${count}${unit}`;
}

/** How long something took, exactly enough to compare: `40ms`, `0.9s`, `68s`, `1m23s`. */
export function printSpan(ms: number): string {
  if (ms < 100) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)}s`;
  return ms < 99_500 ? `${Math.round(ms / 1000)}s` : printAge(ms);
}
