#!/usr/bin/env node
import { ensureInstalled, runWithOwnNode } from "./install.js";

await ensureInstalled();
process.exitCode = await runWithOwnNode(new URL("../src/main.ts", import.meta.url), process.argv.slice(2));
