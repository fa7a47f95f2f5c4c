import { writeFile } from "node:fs/promises";
import { lifecyclePage } from "../src/lifecycle-page.ts";

await writeFile(new URL("../../../docs/slave-lifecycle.md", import.meta.url), lifecyclePage());
