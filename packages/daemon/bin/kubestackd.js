#!/usr/bin/env node
import { runWithOwnNode } from "@kubestack/runtime/own-node";

runWithOwnNode(new URL("../src/main.ts", import.meta.url));
