import { awsAsg } from "./aws-asg/index.ts";
import type { TargetConfig } from "./config.ts";
import { headroom } from "./headroom/index.ts";
import { nats } from "./nats/index.ts";
import { scale } from "./scale/index.ts";
import type { Target, TargetKind, TargetTools } from "./target.ts";

/** Every kind of target: one line each. Its schema has another one in `config.ts`, which must know no cloud's library. */
const kinds: { readonly [T in TargetConfig["type"]]: TargetKind<T> } = { scale, headroom, nats, "aws-asg": awsAsg };

/** Makes the target that a pool names. */
export function connectTarget(config: TargetConfig, tools: TargetTools): Target {
  return (kinds[config.type] as TargetKind<typeof config.type>).connect(config as never, tools);
}
