import type { z } from "zod";
import { type HookDelivery, type HookedJob, hookDeliverySchema, hookedJobSchema } from "./hooked-job.ts";
import { type KeptMaster, keptMasterSchema } from "./kept-master.ts";
import { type KeptPool, keptPoolSchema } from "./kept-pools.ts";
import { type KeptTemplate, keptTemplateSchema } from "./kept-template.ts";
import { type LeaseRecord, type Ledger, leaseSchema, ledgerSchema } from "./ledger.ts";
import { type SlaveRecord, slaveRecordSchema } from "./slave.ts";
import { type StoreRecord, storeSchema } from "./store.ts";

/** A KV bucket: its name and the shape of its values. Every value holds `op`, the nonce of the write that made it. */
export interface BucketShape<T extends { op: string }> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** Keys may be written with a time to live; the bucket then leaves a marker for this long, in milliseconds. */
  readonly markerMs: number;
  readonly maxBytes: number;
}

export const buckets = {
  slaves: {
    name: "kubestack_slaves",
    schema: slaveRecordSchema,
    markerMs: 60_000,
    maxBytes: 1024 * 1024 * 1024,
  } satisfies BucketShape<SlaveRecord>,
  ledger: {
    name: "kubestack_ledger",
    schema: ledgerSchema,
    markerMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
  } satisfies BucketShape<Ledger>,
  masters: {
    name: "kubestack_masters",
    schema: keptMasterSchema,
    markerMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
  } satisfies BucketShape<KeptMaster>,
  templates: {
    name: "kubestack_templates",
    schema: keptTemplateSchema,
    markerMs: 60_000,
    maxBytes: 128 * 1024 * 1024,
  } satisfies BucketShape<KeptTemplate>,
  pools: {
    name: "kubestack_pools",
    schema: keptPoolSchema,
    markerMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
  } satisfies BucketShape<KeptPool>,
  leases: {
    name: "kubestack_leases",
    schema: leaseSchema,
    markerMs: 60_000,
    maxBytes: 16 * 1024 * 1024,
  } satisfies BucketShape<LeaseRecord>,
  hooks: {
    name: "kubestack_hooks",
    schema: hookedJobSchema,
    markerMs: 60_000,
    maxBytes: 128 * 1024 * 1024,
  } satisfies BucketShape<HookedJob>,
  deliveries: {
    name: "kubestack_deliveries",
    schema: hookDeliverySchema,
    markerMs: 1000,
    maxBytes: 32 * 1024 * 1024,
  } satisfies BucketShape<HookDelivery>,
  store: {
    name: "kubestack_store",
    schema: storeSchema,
    markerMs: 60_000,
    maxBytes: 1024 * 1024,
  } satisfies BucketShape<StoreRecord>,
} as const;
