import { createHash } from "node:crypto";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { buildOnce } from "../cache/build-once.ts";
import { isExecutable } from "../find-program.ts";
import { type PartContext, type PartOptions, partContext } from "../part-options.ts";
import { repositoryRoot } from "../repository.ts";
import { goBuild } from "./go-build.ts";

/** The four programs of a control plane. */
export interface ControlPlaneBinaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeScheduler: string;
  readonly kubeControllerManager: string;
}

const VERSION = "1.36.3";
const SOURCES = ["main.go", "go.mod", "go.sum"] as const;
const NAMES = ["etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager"] as const;

/**
 * The control plane's programs: those of `KUBEBUILDER_ASSETS` if all four are there, else the ones built before, else built from
 * test/control-plane (about five minutes on two cores). Raises `missing-part`.
 */
export async function controlPlaneBinaries(options: PartOptions = {}): Promise<ControlPlaneBinaries> {
  const context = partContext(options);
  const assets = context.environment.kubebuilderAssets;
  if (assets !== undefined) {
    const missing = NAMES.filter((name) => !isExecutable(join(assets, name)));
    if (missing.length === 0) return binariesIn(assets);
    context.progress(
      `KUBEBUILDER_ASSETS (${assets}) has no ${missing.join(", ")}: the whole control plane comes from the cache or is built`,
    );
  }
  const source = join(repositoryRoot(), "test", "control-plane");
  const entry = { part: "control-plane", version: `${VERSION}-${await sourceHash(source)}` };
  return binariesIn(await buildOnce(entry, context, (draft) => build({ source, draft }, context)));
}

function binariesIn(folder: string): ControlPlaneBinaries {
  return {
    etcd: join(folder, "etcd"),
    kubeApiserver: join(folder, "kube-apiserver"),
    kubeScheduler: join(folder, "kube-scheduler"),
    kubeControllerManager: join(folder, "kube-controller-manager"),
  };
}

/** Eight hex digits over everything that decides what is built. */
async function sourceHash(source: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of SOURCES) hash.update(`${name}\0`).update(await readFile(join(source, name)));
  return hash.digest("hex").slice(0, 8);
}

async function build(place: { source: string; draft: string }, context: PartContext): Promise<void> {
  const [major, minor] = VERSION.split(".");
  const stamp = "-X k8s.io/component-base/version.git";
  const stamps = [`${stamp}Version=v${VERSION}`, `${stamp}Major=${major}`, `${stamp}Minor=${minor}`].join(" ");
  await goBuild(
    {
      title: `building the Kubernetes ${VERSION} control plane`,
      hint: "first time about 5 min",
      args: ["build", "-trimpath", "-ldflags", `-s -w ${stamps}`, "-o", join(place.draft, "control-plane"), "."],
      cwd: place.source,
      env: {},
    },
    context,
  );
  for (const name of NAMES) await symlink("control-plane", join(place.draft, name));
}
