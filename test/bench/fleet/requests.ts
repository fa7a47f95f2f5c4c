import { readFile } from "node:fs/promises";

/** The API server writes each of the supervisor's requests down, and nobody else's. */
export const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived", "ResponseStarted"],
  rules: [{ level: "Metadata", users: ["system:serviceaccount:kubestack:slave-supervisor"] }, { level: "None" }],
};

/** The requests that were written down, by verb and resource such as `create pods`. */
export async function countRequests(auditFile: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await readFile(auditFile, "utf8")).split("\n").filter(Boolean)) {
    const { verb, objectRef } = JSON.parse(line) as { verb: string; objectRef?: { resource?: string } };
    const kind = `${verb} ${objectRef?.resource ?? "other"}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
