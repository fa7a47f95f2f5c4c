import { writeFile } from "node:fs/promises";
import { metricsPage } from "../src/metrics-page.ts";

await writeFile(new URL("../../../docs/metrics.md", import.meta.url), metricsPage());
