import { writeFile } from "node:fs/promises";
import { subjectsPage } from "../src/subjects-page.ts";

await writeFile(new URL("../../../docs/subjects.md", import.meta.url), subjectsPage());
