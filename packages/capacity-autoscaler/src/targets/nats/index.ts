import { questions, subjects } from "@kubestack/contracts";
import type { Target, TargetKind } from "../target.ts";

/** A program of somebody's own that answers on subjects: nodes have the names there that they have in the cluster. */
export const nats: TargetKind<"nats"> = {
  type: "nats",
  connect({ timeout: timeoutMs }, { bus, pool: { name: pool } }): Target {
    const to = (what: "status" | "scale" | "remove") => ({ subject: subjects.pool(pool, what), timeoutMs });
    return {
      canRemoveByName: true,
      status: async () => {
        const { wanted, nodes, least, most, owner } = await bus.inquire(questions.poolStatus, { pool }, to("status"));
        return { wanted, nodes: nodes ?? null, least: least ?? null, most: most ?? null, owner: owner ?? null };
      },
      scaleTo: async ({ size, reason }) =>
        void (await bus.inquire(questions.poolScale, { pool, size, reason }, to("scale"))),
      remove: async (nodes, { size, reason }) => {
        const names = nodes.map(({ name }) => name);
        await bus.inquire(questions.poolRemove, { pool, nodes: names, size, reason }, to("remove"));
      },
      close: async () => undefined,
    };
  },
};
