import { createHash } from "node:crypto";

/** What an image stands for on this machine. Its values are this machine's own and are taken as they are: no mount path is replaced in them. */
export interface ImageEntry {
  /** What runs where the container names no `command`. */
  readonly entrypoint: readonly string[];
  /** What follows the entrypoint where the container names neither `command` nor `args`. */
  readonly cmd?: readonly string[];
  /** The image's environment, under the container's own. `PATH` should be in it; default: the usual system folders. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files or folders of the image: the path a pod writes → where it is on this machine (shared by all pods, not copied). */
  readonly files?: Readonly<Record<string, string>>;
  /** Folders of the image that each container gets for itself, empty, such as `/home/jenkins/agent`. */
  readonly folders?: readonly string[];
  /** The folder where the process starts, as a pod would write it; default an empty folder of its own. */
  readonly workingDir?: string;
  /** How long a pull pretends to take, in ms; default 0. */
  readonly pullMs?: number;
}

/** Image name → what it stands for. Names are compared as Docker would: `docker.io/library/` and `:latest` may be left out. */
export type ImageTable = Readonly<Record<string, ImageEntry>>;

/** The full form of an image name: registry, repository and tag or digest. */
export function fullImageName(name: string): string {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  const repository = hasRegistry ? name : `docker.io/${slash < 0 ? "library/" : ""}${name}`;
  const last = repository.slice(repository.lastIndexOf("/") + 1);
  return last.includes(":") || last.includes("@") ? repository : `${repository}:latest`;
}

/** The entry of an image, or nothing where the table does not know it. */
export function findImage(images: ImageTable, name: string): ImageEntry | undefined {
  if (Object.hasOwn(images, name)) return images[name];
  const wanted = fullImageName(name);
  return Object.entries(images).find(([known]) => fullImageName(known) === wanted)?.[1];
}

/** An id that stays the same as long as the image's name and entry do, in a container runtime's form. */
export function imageId(name: string, entry: ImageEntry): string {
  const full = fullImageName(name);
  const digest = createHash("sha256")
    .update(JSON.stringify([full, entry]))
    .digest("hex");
  return `${full.replace(/@.*$/, "").replace(/:[^/:]*$/, "")}@sha256:${digest}`;
}

/** What a container runtime answers to the pull of an image that is not there. */
export function pullFailure(name: string): string {
  const full = fullImageName(name);
  return `failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${full}: not found`;
}
