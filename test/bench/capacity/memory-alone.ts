import { decideCapacity } from "@kubestack/capacity";
import { memoryOf } from "../fleet/memory.ts";
import { siteOf } from "./site.ts";

/** Prints by how many megabytes one decision made this process's memory larger, at its peak. */
const situation = siteOf({ pods: 10_000, shapes: 200, pools: 100 });
const { rss } = await memoryOf(process.pid);
decideCapacity(situation);
const { peak } = await memoryOf(process.pid);
process.stdout.write(`${peak - rss}\n`);
