/**
 * A master in this process that speaks today's Jenkins' HTTP protocol: of any size, with any fault, steered by a test, by a clock that
 * runs or stands still. What happens within is decided by `src/core` alone, which opens no socket and starts no timer.
 * It must never know the product: it knows Jenkins, and shares no rule (labels, queue) with KubeStack's own reading of it.
 */
export { agentProgram } from "./agent/agent-program.ts";
export { type CoreOptions, createMasterCore, type MasterCore } from "./core/core.ts";
export type { BlockSpec, Duration, Job, JobSpec, Result, Run } from "./core/job.ts";
export { type Label, parseLabel } from "./core/label-expression.ts";
export type { MasterNode, NodeSpec, OfflineMark } from "./core/node.ts";
export type { ConfiguredNode } from "./core/nodes.ts";
export type { BuildOptions } from "./core/queue-entry.ts";
export type { RestartOptions } from "./core/restart.ts";
export type { CoreEvent, CoreSettings, EndedBy, QueueItem, Stage, Veto, Work } from "./core/state.ts";
export type { Wording } from "./core/versions.ts";
export { type EventPublisher, startEventPublisher } from "./event-publisher.ts";
export type { Cloud } from "./http/beans/root-bean.ts";
export type { Fault, FaultRule, Faults } from "./http/faults.ts";
export type { User } from "./http/gate.ts";
export type { Permission } from "./http/permissions.ts";
export { createJenkinsInMemory, type JenkinsInMemory } from "./in-memory.ts";
export {
  type AgentUnderTest,
  type BuildUnderTest,
  type JobUnderTest,
  type MasterUnderTest,
  simulatorUnderTest,
} from "./master-under-test.ts";
export { type JenkinsSimulator, type SimulatorOptions, startJenkinsSimulator } from "./simulator.ts";
