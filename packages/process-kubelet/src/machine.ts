import { randomUUID } from "node:crypto";
import { statfs } from "node:fs/promises";
import { arch, cpus, release, totalmem } from "node:os";
import type { NodeCapacity } from "./node-object.ts";

/** The version that the node claims: that of the API whose rules this kubelet follows. */
const KUBELET_VERSION = "v1.36.3";

/** What this machine has: its processors, its memory, and the space that is free where `folder` is. */
export async function machineCapacity(folder: string): Promise<NodeCapacity> {
  const { bavail, bsize } = await statfs(folder);
  return {
    cpu: String(Math.max(1, cpus().length)),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    "ephemeral-storage": `${Math.floor((bavail * bsize) / 1024)}Ki`,
    pods: "110",
  };
}

/** What a node tells of the machine below it. */
export function machineFacts(): {
  machine: { arch: string; kernel: string; version: string };
  bootId: string;
} {
  return { machine: { arch: arch(), kernel: release(), version: KUBELET_VERSION }, bootId: randomUUID() };
}
