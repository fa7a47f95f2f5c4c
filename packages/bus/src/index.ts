/**
 * KubeStack's way to NATS: typed messages in streams, records with compare-and-set, leases, commands, and NATS's time.
 * It must never know what a message means, or decide anything.
 */
export type { Bucket, BucketInfo, ChangesOptions, FollowedBucket } from "./bucket.ts";
export { type Bus, type BusOptions, connectBus } from "./bus.ts";
export { type BusClock, offsetAlertMs } from "./clock.ts";
export { type NatsConfig, natsConfigSchema } from "./config.ts";
export { oldestServer } from "./connection.ts";
export type { Duty } from "./duties.ts";
export { inspectNats, type NatsReport, type RunningService } from "./inspect.ts";
export { type Lease, type LeaseOptions, leaseDefaults, type Predecessor } from "./lease.ts";
export type { Kept, Message, PublishOptions, Which } from "./messages.ts";
export { type Asked, type KeptOfAll, readKept } from "./read-kept.ts";
export { type NatsServer, type ServerOptions, startNatsServer } from "./server.ts";
export type { Service } from "./service.ts";
export type { Entry, ReadEntry } from "./stored-values.ts";
