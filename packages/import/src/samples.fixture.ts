import { readdirSync, readFileSync } from "node:fs";

/** One sample: a file as people have it, and what it is. */
export interface Sample {
  readonly name: string;
  readonly verb: "jcasc" | "pod-template";
  readonly file: string;
  readonly text: string;
}

const folder = new URL("./samples/", import.meta.url);

/** Every sample beside this file. */
export const samples: readonly Sample[] = readdirSync(folder).map((file) => {
  const at = new URL(file, folder);
  return {
    name: file.replace(/\.yaml$/, ""),
    verb: file.startsWith("jcasc-") ? "jcasc" : "pod-template",
    file: at.pathname,
    text: readFileSync(at, "utf8"),
  };
});
