/**
 * slave-supervisor: decides launches, runs each slave's machine, and acts on the cluster and on the master.
 * It must never read a whole master by itself, nor know another service.
 */
export {
  type SlaveSupervisor,
  type SlaveSupervisorOptions,
  type SupervisedMaster,
  startSlaveSupervisor,
} from "./service.ts";
