/**
 * Orders two resource versions of one resource: negative where `a` is older. They are decimal numbers of any length
 * (comparable by the API's own word since Kubernetes 1.35, and in fact always with etcd).
 */
export function compareRevisions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
