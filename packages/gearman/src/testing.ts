/** What reads the bytes of a Gearman server, for tests that throw hostile ones at it without a server. */
export { LineSplitter } from "./admin/line-splitter.ts";
export { readFunctionLine, readVersionLine, readWorkerLine } from "./admin/reply-lines.ts";
export { argumentsOf, PacketReader } from "./packets/packet.ts";
