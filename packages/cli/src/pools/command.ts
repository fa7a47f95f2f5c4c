import { commands, KubestackError, type PoolsReply } from "@kubestack/contracts";
import { decidedPools } from "@kubestack/explain";
import type { Command } from "commander";
import { type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { printData } from "../text/output-form.ts";
import { plain } from "../text/plain.ts";
import { table } from "../text/table.ts";
import { poolColumns } from "./pool-table.ts";

/** How many of the pods that find no room are shown. */
const shownUnplaced = 10;

/** `pools`: the node pools, and how each stands. */
export function addPools(program: Command, perform: Perform): void {
  program
    .command("pools")
    .description(
      "List the node pools that KubeStack scales: nodes that are there, come and are wanted, and what is in the way.",
    )
    .addHelpText("after", "\nNODES as 24+2: 24 are ready, 2 are on their way.\n\nExample:\n  kubestackcmd pools")
    .action(() => perform(list));
}

async function list({ bus, terminal, form, now }: Session): Promise<ExitCode> {
  const reply = decided(await bus.requestAll(commands.pools, {}));
  if (form === "json" || form === "yaml") {
    terminal.out(printData(reply.pools.map(forPrograms), form));
    return exitCodes.done;
  }
  const at = now();
  if (reply.pools.length === 0)
    terminal.err("No node pools are configured; the configuration names them under nodePools:.\n");
  else terminal.out(`${table(poolColumns(at), reply.pools, terminal).join("\n")}\n`);
  for (const line of unplacedLines(reply)) terminal.out(`${plain(line)}\n`);
  if (!reply.isLeader) terminal.err("No process decides on them just now: what is shown is the configuration alone.\n");
  return exitCodes.done;
}

/** Of several processes the word of the one that decides; where none does, what any says. */
export function decided(replies: readonly PoolsReply[]): PoolsReply {
  const told = decidedPools(replies);
  if (told === undefined)
    throw new KubestackError(
      "bus-unavailable",
      "No capacity-autoscaler answers: it runs where nodePools are configured; start kubestackd, or kubestackd capacity-autoscaler.",
    );
  return told;
}

/** Pods that no pool has room for, each sort in a line. */
export function unplacedLines({ unplaced }: PoolsReply): string[] {
  const lines = unplaced.slice(0, shownUnplaced).map(({ pods, because }) => {
    const [first, ...others] = pods;
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return `no room for ${first ?? "a pod"}${more}: ${because}`;
  });
  const rest = unplaced.length - lines.length;
  return rest > 0 ? [...lines, `and ${rest} more sorts of pods without room (-o json shows the pools)`] : lines;
}

function forPrograms({ hold, last, ...pool }: PoolsReply["pools"][number]) {
  return {
    ...pool,
    hold: hold && { ...hold, until: new Date(hold.until).toISOString() },
    last: last && { ...last, at: new Date(last.at).toISOString() },
  };
}
