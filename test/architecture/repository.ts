import { spawnSync } from "node:child_process";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A checkout as the rules see it: nothing but texts, so that a rule's counter-example can be written down as one. */
export interface Repository {
  /** Path from the root, with `/` → text; binary files and what git ignores are left out. */
  readonly files: ReadonlyMap<string, string>;
  readonly packages: readonly Package[];
}

export interface Package {
  /** Folder under packages/, which is the name without the scope. */
  readonly name: string;
  readonly manifest: Manifest;
}

/** The parts of a package.json that rules look at. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export const root = fileURLToPath(new URL("../../", import.meta.url));
const packageManifest = /^packages\/([^/]+)\/package\.json$/;

/** The checkout this file is in: what git tracks or would track. */
export function readRepository(): Repository {
  const files: Record<string, string> = {};
  for (const path of listFiles()) {
    if (!statSync(join(root, path), { throwIfNoEntry: false })?.isFile()) continue;
    const text = readFileSync(join(root, path), "utf8");
    if (!text.includes("\0")) files[path] = text;
  }
  return repositoryOf(files);
}

/** From git, also where the checkout belongs to another user; without git, everything that nobody would check in left out. */
function listFiles(): string[] {
  const args = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const git = spawnSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (git.status === 0) return git.stdout.split("\0").filter((path) => path !== "");
  return globSync("**/*", { cwd: root, exclude: ["**/node_modules", ".nx", ".git", "**/bench-results.json"] });
}

/** A repository of these files. */
export function repositoryOf(files: Readonly<Record<string, string>>): Repository {
  const packages = Object.entries(files).flatMap(([path, text]): Package[] => {
    const name = packageManifest.exec(path)?.[1];
    return name === undefined ? [] : [{ name, manifest: JSON.parse(text) as Manifest }];
  });
  return { files: new Map(Object.entries(files)), packages };
}

/** Every TypeScript and JavaScript file, with its package if it has one. */
export function sources(repository: Repository): { path: string; text: string; package?: Package }[] {
  return [...repository.files].flatMap(([path, text]) => {
    if (!/\.(ts|js)$/.test(path)) return [];
    const owner = repository.packages.find((one) => path.startsWith(`packages/${one.name}/`));
    return [{ path, text, ...(owner && { package: owner }) }];
  });
}

/** Tests, what only tests use, and this folder. */
export function isTestFile(path: string): boolean {
  return /\.(test|fixture)\.ts$/.test(path) || /^packages\/[^/]+\/test\//.test(path) || path.startsWith("test/");
}

/** What a source imports, with whether only types are taken. */
export function importsOf(text: string): string[] {
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^"'`;]*?from\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** `@kubestack/bus/config` → `@kubestack/bus`; undefined for a relative path or one of Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return undefined;
  const [first = "", second = ""] = specifier.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

/** A rule of the house: what it says, who breaks it, and a repository that does, so that the rule itself is tested. */
export interface Rule {
  readonly says: string;
  /** One sentence for each breach, with its path. */
  breaches(repository: Repository): string[];
  readonly counterExample: Readonly<Record<string, string>>;
  /** How many breaches the counter-example has. */
  readonly told: number;
}
