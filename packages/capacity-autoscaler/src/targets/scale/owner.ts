/** Marks by which others say that they scale an object, and who they are. */
const marks: readonly (readonly [pattern: RegExp, owner: string])[] = [
  [/^cluster\.x-k8s\.io\/cluster-api-autoscaler-node-group-(?:min|max)-size$/, "cluster-autoscaler"],
  [/^(?:k8s\.io\/)?cluster-autoscaler(?:\.kubernetes\.io)?\//, "cluster-autoscaler"],
  [/^karpenter\.sh\//, "Karpenter"],
  [/^(?:scaledobject\.keda\.sh|autoscaling\.keda\.sh)\//, "KEDA"],
];
const managedBy = "cluster.x-k8s.io/replicas-managed-by";

/** Who else scales an object with these labels and annotations, and by which mark that is known; null: nobody that is known. Pure. */
export function ownerIn(pairs: Readonly<Record<string, string>>): string | null {
  for (const [pattern, owner] of marks) {
    const mark = Object.keys(pairs).find((key) => pattern.test(key));
    if (mark !== undefined) return `${owner} (${mark})`;
  }
  const manager = pairs[managedBy];
  return manager === undefined || manager === "kubestack" ? null : `${manager || "somebody"} (${managedBy})`;
}
