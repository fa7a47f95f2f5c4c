/** Tags of a group by which others say that they scale it. */
const marks: readonly (readonly [pattern: RegExp, owner: string])[] = [
  [/^k8s\.io\/cluster-autoscaler\/(?!node-template\/)/, "cluster-autoscaler"],
  [/^karpenter\.sh\//, "Karpenter"],
];

/** Who else scales a group with these tags and scaling policies; null: nobody that is known. Pure. */
export function groupOwner(tags: readonly string[], policies: readonly string[]): string | null {
  for (const [pattern, owner] of marks) {
    const tag = tags.find((key) => pattern.test(key));
    if (tag !== undefined) return `${owner} (tag ${tag})`;
  }
  const [policy] = policies;
  return policy === undefined ? null : `its scaling policy ${policy}`;
}

/** The instance that a node is, as its cloud writes it on the node; undefined where it is none of AWS's. Pure. */
export function instanceIn(providerId: string | null): string | undefined {
  return /^aws:\/\/\/?[^/]*\/(i-[0-9a-f]+)$/.exec(providerId ?? "")?.[1];
}
