/**
 * kubestackd: the services asked for, in one process, and the nats-server they need where none is configured.
 * It must never decide anything that a service decides.
 */
export { installName } from "./install.ts";
export { type Daemon, type DaemonOptions, startDaemon } from "./start.ts";
export { version } from "./version.ts";
