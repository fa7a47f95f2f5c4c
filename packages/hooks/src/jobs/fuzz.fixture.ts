import { readMutilated, readTrees } from "./hostile.fixture.ts";

/** `node packages/hooks/src/jobs/fuzz.fixture.ts 100000` reads as many hostile bodies of each sort. */
const numRuns = Number(process.argv[2] ?? 100_000);
const began = performance.now();
readTrees(numRuns);
readMutilated(numRuns);
process.stdout.write(`${2 * numRuns} hostile bodies in ${Math.round(performance.now() - began)} ms: none raised\n`);
