import { dirname, normalize } from "node:path";
import {
  importsOf,
  isTestFile,
  type Manifest,
  type Package,
  packageOf,
  type Repository,
  type Rule,
  sources,
} from "./repository.ts";

/** Which layers a layer may build on. The tag `layer:*` in a package.json says where a package stands. */
const layers: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  domain: ["contract"],
  adapter: ["contract"],
  service: ["contract", "domain", "adapter"],
  sim: ["contract", "adapter"],
  app: ["contract", "domain", "adapter"],
};

/** What single packages may take beyond their layer. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  configuration: ["service"], // their ./config only
  daemon: ["service", "configuration"],
  cli: ["configuration", "import"],
  explain: ["demand", "slave"], // what was decided is told by the rules that decided it
  sandbox: ["sim", "configuration", "daemon"],
};

/** Each third-party package has its owners; what belongs to one adapter is used through it. */
const owners: Readonly<Record<string, readonly string[]>> = {
  "@aws-sdk/client-auto-scaling": ["capacity-autoscaler"],
  "@kubernetes/client-node": ["kubernetes"],
  "@nats-io/jetstream": ["bus"],
  "@nats-io/kv": ["bus"],
  "@nats-io/services": ["bus"],
  "@nats-io/transport-node": ["bus"],
  "@types/convict": ["runtime"],
  axios: ["jenkins"],
  commander: ["cli", "daemon"],
  convict: ["runtime"],
  croner: ["templates"],
  pino: ["runtime"],
  "prom-client": ["metrics"],
  undici: ["kubernetes"],
  xstate: ["slave"],
  zeromq: ["completion-collector", "jenkins-simulator"],
};
/** Formats and schemas are nobody's: they talk to no server. */
const anyones = ["yaml", "zod"];

const scope = "@kubestack/";
const ownOf = (dependencies: Manifest["dependencies"]) =>
  Object.keys(dependencies ?? {}).flatMap((name) => (name.startsWith(scope) ? [name.slice(scope.length)] : []));
const layerOf = (one: Package | undefined) =>
  one?.manifest.nx?.tags?.find((tag) => tag.startsWith("layer:"))?.slice("layer:".length);

function layerByName(repository: Repository): ReadonlyMap<string, string | undefined> {
  return new Map(repository.packages.map((one) => [one.name, layerOf(one)]));
}

function manifest(layer: string, rest: Manifest = {}): string {
  return JSON.stringify({ nx: { tags: [`layer:${layer}`] }, ...rest });
}

export const layerRules: readonly Rule[] = [
  {
    says: "every package has exactly one layer",
    breaches: ({ packages }) =>
      packages.flatMap((one) => {
        const tags = one.manifest.nx?.tags?.filter((tag) => tag.startsWith("layer:")) ?? [];
        return tags.length === 1 && Object.hasOwn(layers, layerOf(one) ?? "") ? [] : [`packages/${one.name}: ${tags}`];
      }),
    counterExample: { "packages/a/package.json": "{}", "packages/b/package.json": manifest("cellar") },
    told: 2,
  },
  {
    says: "dependencies obey the layers",
    breaches(repository) {
      const layerNamed = layerByName(repository);
      return repository.packages.flatMap((one) => {
        const allowed = [...(layers[layerOf(one) ?? ""] ?? []), ...(exceptions[one.name] ?? [])];
        return ownOf(one.manifest.dependencies)
          .filter((name) => !allowed.includes(name) && !allowed.includes(layerNamed.get(name) ?? ""))
          .map((name) => `packages/${one.name} (${layerOf(one)}) depends on ${name} (${layerNamed.get(name)})`);
      });
    },
    counterExample: {
      "packages/a/package.json": manifest("service", { dependencies: { "@kubestack/b": "0.1.0" } }),
      "packages/b/package.json": manifest("service", { dependencies: { "@kubestack/cli": "0.1.0" } }),
      "packages/cli/package.json": manifest("app", { dependencies: { "@kubestack/a": "0.1.0" } }),
    },
    told: 3,
  },
  {
    says: "of our own, only what simulates is a devDependency",
    breaches(repository) {
      const layerNamed = layerByName(repository);
      return repository.packages.flatMap((one) =>
        ownOf(one.manifest.devDependencies)
          .filter((name) => layerNamed.get(name) !== "sim")
          .map((name) => `packages/${one.name} has ${name} as a devDependency`),
      );
    },
    counterExample: {
      "packages/a/package.json": manifest("adapter", { devDependencies: { "@kubestack/b": "0.1.0" } }),
      "packages/b/package.json": manifest("service"),
    },
    told: 1,
  },
  {
    says: "sources import what dependencies name; devDependencies are for tests",
    breaches: (repository) =>
      sources(repository).flatMap(({ path, text, package: owner }) => {
        if (owner === undefined) return [];
        const { name = "", dependencies, devDependencies } = owner.manifest;
        const forTests = { ...devDependencies, ...rootManifest(repository).devDependencies };
        const named = { ...dependencies, ...(isTestFile(path) ? forTests : {}), [name]: "" };
        return imported(text)
          .filter((one) => !Object.hasOwn(named, one))
          .map((one) => `${path} imports ${one}`);
      }),
    counterExample: {
      "package.json": JSON.stringify({ devDependencies: { vitest: "1.0.0" } }),
      "packages/a/package.json": manifest("adapter", { devDependencies: { "@kubestack/b": "0.1.0" } }),
      "packages/a/src/b.ts": 'import { b } from "@kubestack/b";',
      "packages/a/src/c.ts": 'import type { Test } from "vitest";',
      "packages/a/src/c.test.ts": 'import type { Test } from "mocha";',
    },
    told: 3,
  },
  {
    says: "./config of another package is imported by configuration only, and configuration takes nothing else of a service",
    breaches(repository) {
      const layerNamed = layerByName(repository);
      return sources(repository).flatMap(({ path, text, package: owner }) =>
        importsOf(text).flatMap((specifier) => {
          const [, name = "", ...deep] = specifier.startsWith(scope) ? specifier.split("/") : [];
          const isConfig = deep.join("/") === "config";
          if (isConfig && owner?.name !== "configuration") return [`${path} imports ${specifier}`];
          if (!isConfig && owner?.name === "configuration" && layerNamed.get(name) === "service")
            return [`${path} imports ${specifier}`];
          return [];
        }),
      );
    },
    counterExample: {
      "packages/a/package.json": manifest("service"),
      "packages/configuration/package.json": manifest("app"),
      "packages/configuration/src/index.ts": 'import { start } from "@kubestack/a";',
      "packages/daemon/package.json": manifest("app"),
      "packages/daemon/src/index.ts": 'import { schema } from "@kubestack/a/config";',
    },
    told: 2,
  },
  {
    says: "no import leaves its package by a relative path",
    breaches: (repository) =>
      sources(repository).flatMap(({ path, text }) => {
        const [top = "", name = ""] = path.split("/");
        const home = top === "packages" ? `packages/${name}/` : `${top}/`;
        return importsOf(text)
          .filter((specifier) => specifier.startsWith("."))
          .filter((specifier) => path.includes("/") && !normalize(`${dirname(path)}/${specifier}`).startsWith(home))
          .map((specifier) => `${path} imports ${specifier}`);
      }),
    counterExample: {
      "packages/a/src/a.ts": 'export { b } from "../../b/src/b.ts";',
      "test/a.ts": 'await import("../packages/b/src/b.ts");',
    },
    told: 2,
  },
  {
    says: "each third-party package is used by its owners only",
    breaches: ({ packages }) =>
      packages.flatMap(({ name, manifest: { dependencies, devDependencies } }) =>
        Object.keys({ ...dependencies, ...devDependencies })
          .filter((one) => !one.startsWith(scope) && !anyones.includes(one) && !owners[one]?.includes(name))
          .map((one) => `packages/${name} depends on ${one}, which belongs to ${owners[one] ?? "nobody"}`),
      ),
    counterExample: {
      "packages/a/package.json": manifest("adapter", { dependencies: { axios: "1.0.0", got: "1.0.0" } }),
    },
    told: 2,
  },
  {
    says: "one exact version of each package",
    breaches(repository) {
      const seen = new Map<string, string>();
      return everyManifest(repository).flatMap(([path, { dependencies, devDependencies }]) =>
        Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) => {
          if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) return [`${path}: ${name} ${version} is not exact`];
          const known =
            seen.get(name) ?? repository.packages.find((one) => one.manifest.name === name)?.manifest.version;
          seen.set(name, known ?? version);
          return known === undefined || known === version ? [] : [`${path}: ${name} ${version}, elsewhere ${known}`];
        }),
      );
    },
    counterExample: {
      "packages/a/package.json": manifest("app", { dependencies: { zod: "^4.0.0", yaml: "1.0.0" } }),
      "packages/b/package.json": manifest("app", { dependencies: { yaml: "2.0.0" } }),
    },
    told: 2,
  },
];

function imported(text: string): string[] {
  return importsOf(text).flatMap((specifier) => packageOf(specifier) ?? []);
}

function rootManifest(repository: Repository): Manifest {
  return JSON.parse(repository.files.get("package.json") ?? "{}") as Manifest;
}

function everyManifest(repository: Repository): [path: string, manifest: Manifest][] {
  const own = repository.packages.map((one): [string, Manifest] => [`packages/${one.name}/package.json`, one.manifest]);
  return [["package.json", rootManifest(repository)], ...own];
}
