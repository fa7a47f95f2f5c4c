import { isValues, type Values } from "./keys.ts";

type Path = readonly PropertyKey[];

/** Keys of our master, and where in the original's file they come from. */
const ofMaster: Readonly<Record<string, Path>> = {
  url: ["jenkins", "external_url"],
  publicUrl: ["jenkins", "external_url"],
  agentUrl: ["jenkins", "internal_url"],
  user: ["jenkins", "user"],
  password: ["jenkins", "pass"],
  demand: ["demand-listeners"],
  completion: ["destroy-listeners"],
};

/** Where a value of our form stands in the file of the original's that it was made of. Pure. */
export function writtenAt({ jenkins }: Values): (path: Path) => Path {
  const isOldest = isValues(jenkins) && jenkins.external_url === undefined && jenkins.url !== undefined;
  const masterAt = (key: PropertyKey | undefined, rest: Path): Path =>
    isOldest && (key === "url" || key === "publicUrl")
      ? ["jenkins", "url"]
      : [...(ofMaster[String(key)] ?? ["jenkins"]), ...rest];
  return (path) => {
    const [part, position, key, ...rest] = path;
    if (part === "kubernetes" && position === "token") return [part, "api_key"];
    if (part === "masters") return masterAt(key, rest);
    if (part !== "templates") return path;
    // Its one label is its name.
    return ["labels", ...path.slice(1, 2), ...(key === "labels" ? ["name"] : path.slice(2))];
  };
}
