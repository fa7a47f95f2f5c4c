/**
 * The real servers that KubeStack is run and tested against: found, taken from the cache or built once, started, and stopped without a
 * trace; and a way to one that can be cut, held up and spoilt. It must never know the product: neither its configuration nor its
 * subjects nor its adapters.
 */
export { type Moto, startMoto } from "./aws/moto.ts";
export { motoPython } from "./aws/moto-binary.ts";
export { type PartsEnvironment, partsEnvironment } from "./environment.ts";
export { type Gearmand, startGearmand } from "./gearman/gearmand.ts";
export { type GearmandBinary, gearmandBinary } from "./gearman/gearmand-binary.ts";
export { type ControlPlaneBinaries, controlPlaneBinaries } from "./go/control-plane-binaries.ts";
export { kwokBinary } from "./go/kwok-binary.ts";
export { natsServerBinary } from "./go/nats-server-binary.ts";
export {
  basicAuthorization,
  type HudsonAdmin,
  type HudsonBuild,
  type HudsonComputer,
  type HudsonQueueItem,
  hudsonAdmin,
} from "./hudson/admin.ts";
export {
  type HudsonAgentOptions,
  type InboundAgentOptions,
  startHudsonAgent,
  startInboundAgent,
} from "./hudson/agent.ts";
export { hasConnected, isOnline } from "./hudson/agent-readiness.ts";
export { type Hudson, type HudsonOptions, startHudson } from "./hudson/hudson.ts";
export type { HudsonJob } from "./hudson/job-xml.ts";
export type { HudsonNode } from "./hudson/node-form.ts";
export { hudsonWar } from "./hudson/war.ts";
export { type Jdk, java, jdk } from "./java/java.ts";
export type { ClusterCall, ClusterClient } from "./kubernetes/cluster-client.ts";
export { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./kubernetes/control-plane.ts";
export type { ServiceAccountName } from "./kubernetes/service-account-token.ts";
export { newToken, type StaticToken } from "./kubernetes/token-file.ts";
export type { FakeNode } from "./kwok/fake-node.ts";
export { type Kwok, type KwokOptions, startKwok } from "./kwok/kwok.ts";
export { RUN_TIME_ANNOTATION } from "./kwok/stages.ts";
export {
  type MachineBehaviour,
  type MachineGroup,
  type MachineGroupOptions,
  startMachineGroup,
} from "./machines/machine-group.ts";
export { addMachineKinds } from "./machines/machine-kinds.ts";
export { type NatsServer, type NatsServerOptions, startNatsServer } from "./nats/nats-server.ts";
export { type Spoiling, startTcpProxy, type TcpProxy } from "./network/tcp-proxy.ts";
export type { PartOptions } from "./part-options.ts";
export { freePort } from "./process/free-port.ts";
export { type ProcessEnd, type ProcessOptions, type RunningProcess, startProcess } from "./process/start-process.ts";
export { type TemporaryFolder, temporaryFolder } from "./process/temporary-folder.ts";
