import { createHmac } from "node:crypto";

export const secret = "a secret of the test";

/** The own form of an event, as its sender writes it. */
export function told(id: string, state: "waiting" | "running" | "over", more: object = {}): string {
  return JSON.stringify({ kubestack: "job", id, state, labels: ["maven"], ...more });
}

/** Sends a body to a master's hook, signed with the time. */
export async function deliver(
  url: string,
  body: string,
  how: { master?: string; key?: string; at?: number; headers?: Record<string, string> } = {},
): Promise<{ status: number; message: string }> {
  const seconds = Math.floor((how.at ?? Date.now()) / 1000);
  const signature = createHmac("sha256", how.key ?? secret)
    .update(`${seconds}.`)
    .update(body)
    .digest("hex");
  const answer = await fetch(`${url}/hooks/demand/${how.master ?? "m"}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-kubestack-signature": `t=${seconds},v1=${signature}`,
      ...how.headers,
    },
  });
  return { status: answer.status, message: ((await answer.json()) as { message: string }).message };
}
