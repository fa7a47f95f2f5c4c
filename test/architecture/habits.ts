import { homedir } from "node:os";
import { basename } from "node:path";
import { isTestFile, type Repository, type Rule, root, sources } from "./repository.ts";

/** The rules themselves name what they forbid. */
const isRule = (path: string) => path.startsWith("test/architecture");

/** Matches of `pattern` in the sources that `where` picks. */
function found(repository: Repository, pattern: RegExp, where: (path: string) => boolean): string[] {
  return sources(repository)
    .filter(({ path }) => !isRule(path) && where(path))
    .flatMap(({ path, text }) => breachesIn(path, text, pattern));
}

function breachesIn(path: string, text: string, pattern: RegExp): string[] {
  return text.split("\n").flatMap((line, index) => {
    const match = pattern.exec(line);
    return match === null ? [] : [`${path}:${index + 1}: ${match[0]}`];
  });
}

/** Where a program begins, and the two places that hand the environment on: everyone else is given what they need of it. */
const environmentReaders =
  /^packages\/((real-parts|runtime)\/src\/environment\.ts|[^/]+\/src\/main\.ts|[^/]+\/bin\/[^/]+\.js)$/;
const startsRealPart =
  /\bimport\s*\{[^}]*\b(start(?:NatsServer|ControlPlane|Gearmand|Hudson\w*|Kwok|Moto))\b[^}]*\}\s*from "@kubestack\/real-parts"/;
const shapelessNames = /^(utils?|common|helpers?|types|interfaces|misc|shared|.*-?manager)(\.|$)/;
/** By the look of the host, not by its name: what serves packages calls itself so. `example` is everybody's. */
const registries =
  /https?:\/\/(?:[\w-]+\.)*(?:registry|packages?|proxy|mirrors?|repo\d*|files|deb)\.(?!example\b)[\w.-]+/i;
const maxLines = { source: 400, test: 600 };
const lines = (count: number) => "const line = 1;\n".repeat(count);

export const habitRules: readonly Rule[] = [
  {
    says: "nothing is mocked behind a module's back",
    breaches: (repository) => found(repository, /\bvi\.(mock|doMock|hoisted)\(/, () => true),
    counterExample: { "packages/a/src/a.test.ts": 'vi.mock("./b.ts");' },
    told: 1,
  },
  {
    says: "the environment is read where programs begin",
    breaches: (repository) =>
      found(
        repository,
        /\bprocess\.env\b|\bprocess\[|\{[^}]*\benv\b[^}]*\} = process\b/,
        (path) => !isTestFile(path) && !environmentReaders.test(path),
      ),
    counterExample: { "packages/a/src/a.ts": "const home = process.env.HOME;\nconst { env } = process;" },
    told: 2,
  },
  {
    says: "subjects and buckets are spelt in contracts only",
    breaches: (repository) =>
      found(
        repository,
        /["'`]kubestack(\.(?!io\b)[a-z*>$]|_[a-z])/,
        (path) => !isTestFile(path) && !path.startsWith("packages/contracts/"),
      ),
    counterExample: { "packages/a/src/a.ts": 'publish("kubestack.demand.backend");\nopen("kubestack_slaves");' },
    told: 2,
  },
  {
    says: "the slave's machine has no timers and invokes nothing",
    breaches: (repository) =>
      found(repository, /\b(after|invoke|spawn|delays|actors)\s*:/, (path) => isSlaveMachine(path)),
    counterExample: {
      "packages/slave/src/machine.ts": "a: { after: { 500: 'b' } },\nb: { invoke: { src } },",
    },
    told: 2,
  },
  {
    says: "deciding code asks neither clock nor dice",
    breaches: (repository) =>
      found(
        repository,
        /\bMath\.random\b|\bDate\b\s*[.(]|\bperformance\.now\b|\brandomUUID\b/,
        (path) => !isTestFile(path) && domainFolders(repository).some((folder) => path.startsWith(folder)),
      ),
    counterExample: {
      "packages/a/package.json": '{ "nx": { "tags": ["layer:domain"] } }',
      "packages/a/src/a.ts": "const id = Math.random();\nconst now = Date.now();",
    },
    told: 2,
  },
  {
    says: "Biome guards every package of the domain",
    breaches(repository) {
      const config = repository.files.get("biome.json") ?? "{}";
      const { overrides = [] } = JSON.parse(config) as { overrides?: { includes: string[]; linter: object }[] };
      const guard = overrides.find((one) => JSON.stringify(one.linter).includes("noRestrictedGlobals"));
      const guarded = /\{(.*)\}/.exec(guard?.includes[0] ?? "")?.[1]?.split(",") ?? [];
      return domainFolders(repository)
        .filter((folder) => !guarded.some((name) => folder === `packages/${name}/src/`))
        .map((folder) => `biome.json: noRestrictedGlobals does not cover ${folder}`);
    },
    counterExample: {
      "packages/a/package.json": '{ "nx": { "tags": ["layer:domain"] } }',
      "biome.json":
        '{ "overrides": [{ "includes": ["packages/{b}/src/**"], "linter": { "noRestrictedGlobals": 1 } }] }',
    },
    told: 1,
  },
  {
    says: `no source has more than ${maxLines.source} lines, no test more than ${maxLines.test}`,
    breaches: (repository) =>
      sources(repository).flatMap(({ path, text }) => {
        const count = text.split("\n").length - 1;
        return count > (isTestFile(path) ? maxLines.test : maxLines.source) ? [`${path}: ${count} lines`] : [];
      }),
    counterExample: {
      "packages/a/src/a.ts": lines(maxLines.source + 1),
      "packages/a/src/a.test.ts": lines(maxLines.test + 1),
    },
    told: 2,
  },
  {
    says: "every name says what is inside",
    breaches: ({ files }) =>
      [...files.keys()].filter((path) => path.split("/").some((part) => shapelessNames.test(part))),
    counterExample: {
      "packages/a/src/utils/x.ts": "",
      "packages/a/src/types.ts": "",
      "packages/a/src/pod-manager.ts": "",
    },
    told: 3,
  },
  {
    says: "nothing is left to be done in a comment",
    breaches: ({ files }) =>
      [...files].flatMap(([path, text]) => (isRule(path) ? [] : breachesIn(path, text, /\b(TODO|FIXME|XXX|HACK)\b/))),
    counterExample: { "docs/a.md": "TODO: write it", "packages/a/src/a.ts": "// FIXME" },
    told: 2,
  },
  {
    says: "every package's index.ts opens with what the package is",
    breaches: ({ files, packages }) =>
      packages.flatMap(({ name }) => {
        const opening = /^\/\*\*\n( \* .+\n){2,6} \*\/\n/;
        return opening.test(files.get(`packages/${name}/src/index.ts`) ?? "") ? [] : [`packages/${name}/src/index.ts`];
      }),
    counterExample: {
      "packages/a/package.json": "{}",
      "packages/a/src/index.ts": 'export * from "./a.ts";',
      "packages/b/package.json": "{}",
    },
    told: 2,
  },
  {
    says: "packages look alike",
    breaches: ({ files, packages }) =>
      packages.flatMap(({ name, manifest }) => {
        const wrong = [
          manifest.name !== `@kubestack/${name}` && "name",
          manifest.private !== true && "private",
          manifest.type !== "module" && "type",
          manifest.exports?.["."] !== "./src/index.ts" && "exports",
          manifest.scripts?.test !== `vitest run --root ../.. packages/${name}/ --passWithNoTests` && "scripts.test",
          files.get(`packages/${name}/tsconfig.json`)?.includes('"extends": "../../tsconfig.base.json"') !== true &&
            "tsconfig.json",
        ].filter((one) => one !== false);
        return wrong.length === 0 ? [] : [`packages/${name}: ${wrong.join(", ")}`];
      }),
    counterExample: { "packages/a/package.json": '{ "name": "a" }' },
    told: 1,
  },
  {
    says: "no text names a package registry or a folder of one machine",
    breaches: ({ files }) =>
      [...files]
        .filter(([path]) => !isRule(path))
        .flatMap(([path, text]) => [
          ...breachesIn(path, text, registries),
          ...breachesIn(path, text, /\/(root|Users)\/\w/),
          ...[root, `${homedir()}/`].flatMap((place) => (text.includes(place) ? [`${path}: ${place}`] : [])),
        ]),
    counterExample: {
      "docs/a.md": "from https://registry.somewhere.test/a.tgz",
      "docs/b.md": "see /Users/ann/kubestack",
      "docs/c.md": `cd ${root}`,
    },
    told: 3,
  },
  {
    says: "the lock file tells nothing of where packages were fetched",
    breaches: ({ files }) =>
      breachesIn("package-lock.json", files.get("package-lock.json") ?? "", /"resolved": "\w+:.*/),
    counterExample: { "package-lock.json": '{\n"resolved": "https://example.org/a.tgz"\n}' },
    told: 1,
  },
  {
    says: "a test that starts real parts is named so",
    breaches: (repository) =>
      sources(repository)
        .filter(({ path }) => /^packages\/.*\.test\.ts$/.test(path) && !path.endsWith(".real.test.ts"))
        .flatMap(
          ({ path, text }) =>
            startsRealPart
              .exec(text)
              ?.slice(1, 2)
              .map((part) => `${path}: ${part}`) ?? [],
        ),
    counterExample: { "packages/a/src/a.test.ts": 'import { startHudson } from "@kubestack/real-parts";' },
    told: 1,
  },
  {
    says: "every listener keeps the conformance of its kind",
    breaches: ({ files }) =>
      [...files.keys()].flatMap((path) => {
        const [, folder = "", kind = ""] =
          /^(packages\/(\w+)-collector\/src\/listeners\/[^/]+\/)index\.ts$/.exec(path) ?? [];
        if (folder === "") return [];
        const suite = kind === "demand" ? "describeDemandListener(" : "describeCompletionListener(";
        const tests = ["", ".real"].map((part) => files.get(`${folder}conformance${part}.test.ts`) ?? "");
        return tests.some((text) => text.includes(suite)) ? [] : [`${folder}conformance.test.ts: no ${suite}…)`];
      }),
    counterExample: {
      "packages/demand-collector/src/listeners/index.ts": "",
      "packages/demand-collector/src/listeners/a/index.ts": "",
      "packages/demand-collector/src/listeners/b/index.ts": "",
      "packages/demand-collector/src/listeners/b/conformance.real.test.ts": 'describeDemandListener("b", source);',
      "packages/completion-collector/src/listeners/c/index.ts": "",
      "packages/completion-collector/src/listeners/c/conformance.test.ts": 'describeDemandListener("c", source);',
    },
    told: 2,
  },
  {
    says: "every target of node pools keeps the conformance of targets",
    breaches: ({ files }) =>
      [...files.keys()].flatMap((path) => {
        const [, folder = ""] = /^(packages\/capacity-autoscaler\/src\/targets\/[^/]+\/)index\.ts$/.exec(path) ?? [];
        if (folder === "") return [];
        const tests = ["", ".real"].map((part) => files.get(`${folder}conformance${part}.test.ts`) ?? "");
        return tests.some((text) => text.includes("describeTarget(")) ? [] : [`${folder}: no describeTarget(…)`];
      }),
    counterExample: {
      "packages/capacity-autoscaler/src/targets/index.ts": "",
      "packages/capacity-autoscaler/src/targets/a/index.ts": "",
      "packages/capacity-autoscaler/src/targets/b/index.ts": "",
      "packages/capacity-autoscaler/src/targets/b/conformance.real.test.ts": 'describeTarget("b", target);',
    },
    told: 1,
  },
  {
    says: "files are named in kebab-case",
    breaches: ({ files }) =>
      [...files.keys()].filter(
        (path) => /\.(ts|js)$/.test(path) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|js)$/.test(basename(path)),
      ),
    counterExample: { "packages/a/src/podWatch.ts": "" },
    told: 1,
  },
];

function isSlaveMachine(path: string): boolean {
  return path.startsWith("packages/slave/") && !isTestFile(path);
}

function domainFolders({ packages }: Repository): string[] {
  return packages.flatMap(({ name, manifest }) =>
    manifest.nx?.tags?.includes("layer:domain") === true ? [`packages/${name}/src/`] : [],
  );
}
