import { buckets, KubestackError, type StreamName, sentenceOf, streams } from "@kubestack/contracts";
import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { nanos } from "@nats-io/transport-node";
import type { Connection } from "./connection.ts";

/** Every stream that KubeStack keeps something in; a bucket is one too. */
export const storeNames = [...Object.keys(streams), ...Object.values(buckets).map(({ name }) => `KV_${name}`)];

/** How long the server remembers a message's id, so that one sent twice is kept once. */
const duplicateWindowMs = 2 * 60_000;

/** Makes every stream and bucket that is missing. Two processes may do it at once. `replicas` is 3 where there are three servers. */
export async function makeStores({ js, jsm }: Connection, replicas = 1): Promise<void> {
  const kvm = new Kvm(js);
  await Promise.all([
    ...Object.entries(streams).map(([name]) => makeStream(jsm, name as StreamName, replicas)),
    ...Object.values(buckets).map(async ({ name, markerMs, maxBytes }) => {
      await kvm.create(name, {
        history: 1,
        replicas,
        max_bytes: maxBytes,
        markerTTL: markerMs,
        storage: StorageType.File,
      });
      const { config } = await jsm.streams.info(`KV_${name}`);
      if (config.allow_msg_ttl !== true) throw forgotten(`KV_${name}`, "allow_msg_ttl");
    }),
  ]);
}

async function makeStream(jsm: JetStreamManager, name: StreamName, replicas: number): Promise<void> {
  const { subjects, perSubject, maxAgeMs, maxBytes } = streams[name];
  const config: Partial<StreamConfig> & { name: string } = {
    name,
    subjects: [...subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    // The oldest goes first: a full stream must never stop what is decided.
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: perSubject,
    max_age: nanos(maxAgeMs),
    max_bytes: maxBytes,
    duplicate_window: nanos(maxAgeMs === 0 ? duplicateWindowMs : Math.min(maxAgeMs, duplicateWindowMs)),
    num_replicas: replicas,
    allow_direct: true,
  };
  try {
    await jsm.streams.add(config);
  } catch (error) {
    // It is there with another shape: an older release made it.
    try {
      await jsm.streams.update(name, config);
    } catch {
      throw new KubestackError("bus-unavailable", `Stream ${name} can't be made or changed: ${sentenceOf(error)}.`, {
        cause: error,
      });
    }
  }
  const made = await jsm.streams.info(name);
  if (made.config.max_msgs_per_subject !== perSubject) throw forgotten(name, "max_msgs_per_subject");
}

function forgotten(store: string, setting: string): KubestackError {
  return new KubestackError(
    "bus-unavailable",
    `nats-server made ${store} without ${setting}: it is too old, or the store was made by hand. Upgrade it, or remove the store.`,
    { retry: "never" },
  );
}
