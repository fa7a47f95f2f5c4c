/**
 * kubestackcmd, the command line: what KubeStack does and why, as tables for people and as data for programs.
 * It asks the services and reads their records over NATS; only `doctor` asks masters, and
 * it and `templates lint` the cluster, through their adapters.
 * It must never know how a master or a cluster is spoken to.
 */
export { type Context, type ExitCode, exitCodes, type Terminal } from "./context.ts";
export { run } from "./program.ts";
